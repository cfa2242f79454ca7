"""Files of usage imports in the bucket: key layout, scratch files up, and cached reading of call-id hashes.

Files under a tag are never changed once a plan names them; only an import cut off before that leaves one that nobody reads.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, Any

from botocore.exceptions import ClientError

from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.usage_batch import SOURCE_CHANGED
from chalicelib.store.clients import names, s3
from chalicelib.store.failures import is_missing_object, is_precondition_failure
from chalicelib.store.objects import get_range
from chalicelib.store.retry import retried

INCOMING = "usage/incoming/"
HASH_BYTES = 8
BLOCK = 1 << 20
"""Hashes are read in blocks: imports go through customers in order, and so do the files they compare with."""
BLOCKS = 16


@dataclass(frozen=True, slots=True)
class Source:
    """A usage file as it was when opened; `version` is its entity tag."""

    body: Any
    version: str


def rows_key(batch_id: str, tag: str) -> str:
    """Call records, a line per column, one gzip member per part."""
    return f"usage/rows/{batch_id}/{tag}.csv.gz"


def ids_key(batch_id: str, tag: str) -> str:
    """64-bit hashes of call ids, part after part, little-endian (as all our processors)."""
    return f"usage/ids/{batch_id}/{tag}.bin"


def rejects_key(batch_id: str, tag: str) -> str:
    """Rows that the file itself gave reason to refuse."""
    return f"usage/rejects/{batch_id}/{tag}.csv"


def all_rejects_key(batch_id: str) -> str:
    """All rows that were not taken, duplicates of other batches included."""
    return f"usage/rejects/{batch_id}.csv"


def report_key(batch_id: str) -> str:
    """Accepted, duplicates, rejected by customer."""
    return f"usage/reports/{batch_id}.csv"


def plan_key(batch_id: str) -> str:
    """The pinned plan of a batch: its parts and their sums."""
    return f"usage/plans/{batch_id}.jsonl.gz"


def posted_key(batch_id: str) -> str:
    """Records that came by API, outside the prefix whose objects start an import."""
    return f"usage/posted/{batch_id}.jsonl"


def incoming_key(new_id: str, suffix: str) -> str:
    """Where an upload goes; an object there starts an import."""
    return f"{INCOMING}{new_id}{suffix}"


@retried
def open_source(key: str, version: str | None = None) -> Source:
    """A usage file from its beginning; NotFound without one, Conflict (source_changed) when it is no longer `version`."""
    condition = {"IfMatch": version} if version else {}
    try:
        answer = s3().get_object(Bucket=names.bucket, Key=key, **condition)
    except ClientError as error:
        if is_missing_object(error):
            raise NotFound("object", key) from error
        if is_precondition_failure(error):
            raise Conflict(SOURCE_CHANGED) from error
        raise
    return Source(answer["Body"], answer["ETag"])


@retried
def put_file(key: str, file: IO[bytes], content_type: str) -> None:
    """Write an object from a scratch file."""
    file.seek(0)
    s3().put_object(Bucket=names.bucket, Key=key, Body=file, ContentType=content_type)


@retried
def put_file_once(key: str, file: IO[bytes], content_type: str) -> bool:
    """Write an object from a scratch file unless the key exists; False when it did."""
    file.seek(0)
    try:
        s3().put_object(Bucket=names.bucket, Key=key, Body=file, ContentType=content_type, IfNoneMatch="*")
    except ClientError as error:
        if is_precondition_failure(error):
            return False
        raise
    return True


def load_hashes(key: str, offset: int, count: int) -> array[int]:
    """`count` hashes from a byte offset on."""
    first, end = offset // BLOCK, offset + count * HASH_BYTES
    body = b"".join(_block(key, number) for number in range(first, -(-end // BLOCK)))
    return array("Q", body[offset - first * BLOCK : end - first * BLOCK])


@retried
def fetch_file(key: str, file: IO[bytes]) -> bool:
    """Copy an object to an empty scratch file; False when there is none."""
    file.seek(0)
    file.truncate()
    try:
        body = s3().get_object(Bucket=names.bucket, Key=key)["Body"]
    except ClientError as error:
        if is_missing_object(error):
            return False
        raise
    for chunk in body.iter_chunks(BLOCK):
        file.write(chunk)
    file.seek(0)
    return True


@lru_cache(maxsize=BLOCKS)
def _block(key: str, number: int) -> bytes:
    return get_range(key, number * BLOCK, BLOCK)
