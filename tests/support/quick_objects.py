"""Short ways to moto's buckets and queues, for calls that nobody minds: whole objects, and a look into an empty queue.

None where moto's own way is to be taken: it refuses, or the call asks for more.
"""

from __future__ import annotations

import io
from typing import Any

from botocore.client import BaseClient
from botocore.response import StreamingBody
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import FakeBucket, s3_backends
from moto.sqs.models import sqs_backends

from tests.support.quick_moto import REGION

Answer = dict[str, Any]
NO_SUCH_KEY = {"Error": {"Code": "NoSuchKey", "Message": "there is none"}, "ResponseMetadata": {"HTTPStatusCode": 404}}
KEY = {"Bucket", "Key"}
PUT = {*KEY, "Body", "ContentType"}


def answer(operation: str, params: dict[str, Any]) -> Answer | None:
    """What moto would answer. The answer that an object is missing carries an `Error`."""
    if operation == "GetObject" and params.keys() == KEY:
        return _get(params)
    if operation == "PutObject" and params.keys() - {"IfNoneMatch"} == PUT and isinstance(params["Body"], bytes):
        return _put(params)
    if operation == "ReceiveMessage":
        return _look(params["QueueUrl"])
    return None


def refuse(client: BaseClient, operation: str, refusal: Answer) -> None:
    """Raise what botocore makes of an answer that carries an error."""
    raise client.exceptions.from_code(refusal["Error"]["Code"])(refusal, operation)


def _bucket(params: dict[str, Any]) -> FakeBucket | None:
    return s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets.get(params["Bucket"])


def _get(params: dict[str, Any]) -> Answer | None:
    bucket = _bucket(params)
    if bucket is None:
        return None
    found = bucket.keys.get(params["Key"])
    if found is None:
        return NO_SUCH_KEY
    body: bytes = found.value
    content_type = found.metadata.get("Content-Type")
    return {"Body": StreamingBody(io.BytesIO(body), len(body)), "ETag": found.etag, "ContentType": content_type}


def _put(params: dict[str, Any]) -> Answer | None:
    bucket = _bucket(params)
    if bucket is None or ("IfNoneMatch" in params and params["Key"] in bucket.keys):
        return None
    s3 = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    made = s3.put_object(params["Bucket"], params["Key"], params["Body"], disable_notification=True)
    made.set_acl(bucket.acl)
    made.set_metadata({"Content-Type": params["ContentType"]})
    return {"ETag": made.etag}


def _look(url: str) -> Answer | None:
    queue = sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues.get(url.rpartition("/")[2])
    return {} if queue is not None and not queue.messages else None
