"""The cloud in memory keeps what the tests rely on: it starts empty, and its transactions are those of DynamoDB."""

from __future__ import annotations

import socket
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
