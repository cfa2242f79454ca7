"""The cloud in memory keeps what the tests rely on: it starts empty, and its transactions are those of DynamoDB."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

from chalicelib.store import tables
from tests.support.cloud import Cloud


@pytest.fixture
def dynamodb(cloud: Cloud) -> Any:
    """A client of its own, so that nothing of the store stands between test and moto."""
    return botocore.session.get_session().create_client("dynamodb")


def put(cloud: Cloud, sort: str, **fields: Any) -> dict[str, Any]:
    """A transaction action that puts an item if absent."""
    item = {"PK": {"S": "C#a"}, "SK": {"S": sort}, **fields}
    return {"Put": {"TableName": cloud.outputs["BillingTable"], "Item": item, "ConditionExpression": "attribute_not_exists(PK)"}}


def add_one(cloud: Cloud) -> dict[str, Any]:
    """A transaction action that counts up, which a repetition would show."""
    return {
        "Update": {
            "TableName": cloud.outputs["BillingTable"],
            "Key": {"PK": {"S": "C#a"}, "SK": {"S": "n"}},
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
    }


def items(dynamodb: Any, cloud: Cloud) -> list[dict[str, Any]]:
    """All items of the books."""
    found: list[dict[str, Any]] = dynamodb.scan(TableName=cloud.outputs["BillingTable"])["Items"]
    return found


def test_cancelled_transaction_leaves_every_item_as_it_was(dynamodb: Any, cloud: Cloud) -> None:
    """A transaction that fails on its last action undoes the updates and puts before it."""
    dynamodb.transact_write_items(TransactItems=[put(cloud, "1"), add_one(cloud)])
    before = items(dynamodb, cloud)
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        dynamodb.transact_write_items(TransactItems=[add_one(cloud), put(cloud, "2"), put(cloud, "1")])
    assert items(dynamodb, cloud) == before


def test_repeated_client_token_has_no_second_effect(dynamodb: Any, cloud: Cloud) -> None:
    """The same token answers again without counting again; with another request it is refused."""
    for _ in range(2):
        dynamodb.transact_write_items(TransactItems=[add_one(cloud)], ClientRequestToken="t")
    assert [item["n"] for item in items(dynamodb, cloud)] == [{"N": "1"}]
    with pytest.raises(ClientError, match="IdempotentParameterMismatch"):
        dynamodb.transact_write_items(TransactItems=[put(cloud, "3")], ClientRequestToken="t")


def test_transaction_above_four_megabytes_is_refused(dynamodb: Any, cloud: Cloud) -> None:
    """Eleven items of 390 kB do not fit one transaction."""
    with pytest.raises(ClientError, match="4 MB"):
        dynamodb.transact_write_items(TransactItems=[put(cloud, str(n), x={"S": "x" * 390_000}) for n in range(11)])


def test_batch_of_26_is_refused(dynamodb: Any, cloud: Cloud) -> None:
    """A batch write takes 25 items at most."""
    writes = [{"PutRequest": {"Item": put(cloud, str(n))["Put"]["Item"]}} for n in range(26)]
    with pytest.raises(ClientError, match="Too many items"):
        dynamodb.batch_write_item(RequestItems={cloud.outputs["BillingTable"]: writes})


@pytest.mark.parametrize("body", [b"first", b"second"])
def test_every_test_starts_with_nothing(dynamodb: Any, cloud: Cloud, body: bytes) -> None:
    """What one test put into table, bucket and queue is gone in the next."""
    session = botocore.session.get_session()
    s3, sqs = session.create_client("s3"), session.create_client("sqs")
    assert items(dynamodb, cloud) == []
    assert "Versions" not in s3.list_object_versions(Bucket=cloud.outputs["Bucket"])
    assert "Messages" not in sqs.receive_message(QueueUrl=cloud.outputs["BillQueueUrl"], WaitTimeSeconds=0)
    dynamodb.transact_write_items(TransactItems=[add_one(cloud)])
    s3.put_object(Bucket=cloud.outputs["Bucket"], Key="a", Body=body)
    sqs.send_message(QueueUrl=cloud.outputs["BillQueueUrl"], MessageBody="m")


def test_network_is_out_of_reach() -> None:
    """A socket to another machine is refused before a packet leaves."""
    with socket.socket() as plug, pytest.raises(RuntimeError, match=r"192\.0\.2\.1"):
        plug.connect(("192.0.2.1", 80))


def test_indexes_project_what_the_store_reads(dynamodb: Any, cloud: Cloud) -> None:
    """The list index carries every attribute that the store lists, and each index the discriminator PynamoDB filters by."""
    described = [dynamodb.describe_table(TableName=cloud.outputs[name])["Table"] for name in ("BillingTable", "WorkTable")]
    projected = {
        index["IndexName"]: set(index["Projection"]["NonKeyAttributes"])
        for table in described
        for index in table["GlobalSecondaryIndexes"]
    }
    assert set(tables.LISTED) <= projected["GSI1"]
    assert all("t" in names for names in projected.values())


def update(
    dynamodb: Any, cloud: Cloud, expression: str, names: Sequence[str], values: list[dict[str, Any]], **more: Any
) -> dict[str, Any]:
    """Write to one item as PynamoDB does, with a placeholder for each name and value; the item afterwards."""
    where = {"TableName": cloud.outputs["BillingTable"], "Key": {"PK": {"S": "C#a"}, "SK": {"S": "u"}}}
    placed = {f":{place}": value for place, value in enumerate(values)}
    named = {f"#{place}": name for place, name in enumerate(names)}
    names_and_values = {"ExpressionAttributeNames": named, "ExpressionAttributeValues": placed}
    dynamodb.update_item(**where, UpdateExpression=expression, **names_and_values, **more)
    item: dict[str, Any] = dynamodb.get_item(**where)["Item"]
    return {name: value for name, value in item.items() if name not in {"PK", "SK"}}


def test_an_update_repeated_with_other_values_does_the_same(dynamodb: Any, cloud: Cloud) -> None:
    """Attributes are set and removed however often an update of that form was made before, new ones and known ones alike."""
    form = "SET #0 = :0, #1 = :1 REMOVE #2"
    for number in ("1", "2", "3"):
        update(dynamodb, cloud, "SET #0 = :0", "c", [{"S": "old"}])
        after = update(dynamodb, cloud, form, "abc", [{"N": number}, {"L": [{"S": number}]}])
        assert after == {"a": {"N": number}, "b": {"L": [{"S": number}]}}


def test_an_update_that_was_fine_is_refused_when_the_item_grows_too_large(dynamodb: Any, cloud: Cloud) -> None:
    """An item has at most 400 KB, whichever attribute takes it beyond."""
    for text in ("x", "y"):
        update(dynamodb, cloud, "SET #0 = :0, #1 = :1", "ab", [{"S": text}, {"S": text}])
    with pytest.raises(ClientError, match="ValidationException"):
        update(dynamodb, cloud, "SET #0 = :0, #1 = :1", "ab", [{"S": "x" * 410_000}, {"S": "y"}])


@pytest.mark.parametrize("_time", ["first", "second"])
def test_a_key_is_never_updated(dynamodb: Any, cloud: Cloud, _time: str) -> None:
    """What is refused once is refused again."""
    update(dynamodb, cloud, "SET #0 = :0", ["a"], [{"S": "x"}])
    with pytest.raises(ClientError, match="This attribute is part of the key"):
        update(dynamodb, cloud, "SET #0 = :0", ["SK"], [{"S": "x"}])


def test_a_condition_asked_again_is_asked_of_its_own_item_and_values(dynamodb: Any, cloud: Cloud) -> None:
    """The same words with another value are another condition."""
    update(dynamodb, cloud, "SET #0 = :0", "n", [{"N": "1"}])
    same = {"expression": "SET #0 = :0", "names": "n", "ConditionExpression": "#0 = :1"}
    assert update(dynamodb, cloud, **same, values=[{"N": "2"}, {"N": "1"}]) == {"n": {"N": "2"}}
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        update(dynamodb, cloud, **same, values=[{"N": "3"}, {"N": "1"}])
    assert update(dynamodb, cloud, **same, values=[{"N": "3"}, {"N": "2"}]) == {"n": {"N": "3"}}
