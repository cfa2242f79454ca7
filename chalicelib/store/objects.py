"""Files in the bucket: put, put once, get, ranges, presigned links. Key layout included; meaning of the content is elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.store.clients import names, s3
from chalicelib.store.failures import is_missing_object, is_precondition_failure
from chalicelib.store.retry import retried

DOCUMENT = re.compile(r"documents/([^/]+)/(\d{1,9})\.json")
ACCESSIBLE = re.compile(r"documents/([^/]+)/(\d{1,9})\.ua\.json")
PAPER = re.compile(r"documents/(statements|reminders)/([0-9a-f]{64})\.json")
LINK_SECONDS = 300
"""How long a presigned link lives."""


class PaperKind(StrEnum):
    """Papers that are drawn when asked for, by their folder."""

    STATEMENTS = "statements"
    REMINDERS = "reminders"


def document_key(invoice_id: str, revision: int) -> str:
    """Where the frozen invoice of a revision lies; its creation makes the PDF."""
    return f"documents/{invoice_id}/{revision}.json"


def pdf_key(invoice_id: str, revision: int) -> str:
    """Where the PDF of a revision lies."""
    return f"pdf/{invoice_id}/{revision}.pdf"


def draft_failure_key(invoice_id: str, revision: int) -> str:
    """Where the reason lies why a draft has no PDF."""
    return f"pdf/{invoice_id}/{revision}.txt"


def parse_document_key(key: str) -> tuple[str, int] | None:
    """(invoice id, revision) of a document key, None for any other key."""
    found = DOCUMENT.fullmatch(key)
    return (found[1], int(found[2])) if found else None


def accessible_key(invoice_id: str, revision: int) -> str:
    """Where a frozen invoice is put that is wanted as accessible PDF; its creation makes that one."""
    return f"documents/{invoice_id}/{revision}.ua.json"


def accessible_pdf_key(invoice_id: str, revision: int) -> str:
    """Where the accessible PDF of a revision lies."""
    return f"pdf/{invoice_id}/{revision}.ua.pdf"


def accessible_failure_key(invoice_id: str, revision: int) -> str:
    """Where the reason lies why a revision has no accessible PDF."""
    return f"pdf/{invoice_id}/{revision}.ua.txt"


def parse_accessible_key(key: str) -> tuple[str, int] | None:
    """(invoice id, revision) of a wish for an accessible PDF, None for any other key."""
    found = ACCESSIBLE.fullmatch(key)
    return (found[1], int(found[2])) if found else None


def paper_key(kind: PaperKind, digest: str) -> str:
    """Where a frozen paper lies; its creation makes the PDF."""
    return f"documents/{kind}/{digest}.json"


def paper_pdf_key(kind: PaperKind, digest: str) -> str:
    """Where the PDF of a paper lies."""
    return f"pdf/{kind}/{digest}.pdf"


def paper_failure_key(kind: PaperKind, digest: str) -> str:
    """Where the reason lies why a paper has no PDF."""
    return f"pdf/{kind}/{digest}.txt"


def parse_paper_key(kind: PaperKind, key: str) -> str | None:
    """The digest of the key of a paper of this kind, None for any other key."""
    found = PAPER.fullmatch(key)
    return found[2] if found and found[1] == kind else None


def outcome_keys(key: str) -> tuple[str, str]:
    """Where the PDF of what is frozen under a key lies once it is drawn, and where the reason why it could not be."""
    drawn = f"pdf/{key.removeprefix('documents/').removesuffix('.json')}"
    return f"{drawn}.pdf", f"{drawn}.txt"


def chunk_key(run_id: str, chunk: int) -> str:
    """Where the pinned content of a chunk lies."""
    return f"runs/{run_id}/{chunk}.json"


def is_chunk_key(source: str) -> bool:
    """Whether the source of a block of numbers is a pinned chunk; else it is an invoice id."""
    return source.startswith("runs/")


@retried
def put_object(key: str, body: bytes, content_type: str = "application/octet-stream") -> None:
    """Write (or overwrite) an object."""
    s3().put_object(Bucket=names.bucket, Key=key, Body=body, ContentType=content_type)


@retried
def put_object_once(key: str, body: bytes) -> bool:
    """Write an object of JSON unless the key exists; False when it did."""
    try:
        s3().put_object(Bucket=names.bucket, Key=key, Body=body, ContentType="application/json", IfNoneMatch="*")
    except ClientError as error:
        if is_precondition_failure(error):
            return False
        raise
    return True


@retried
def find_object(key: str) -> bytes | None:
    """The whole object, or None."""
    try:
        body: bytes = s3().get_object(Bucket=names.bucket, Key=key)["Body"].read()
    except ClientError as error:
        if is_missing_object(error):
            return None
        raise
    return body


@retried
def get_range(key: str, offset: int, length: int) -> bytes:
    """`length` bytes of an object from `offset`; none for length 0."""
    if not length:
        return b""
    span = f"bytes={offset}-{offset + length - 1}"
    body: bytes = s3().get_object(Bucket=names.bucket, Key=key, Range=span)["Body"].read()
    return body


def has_object(key: str) -> bool:
    """Whether the key exists."""
    return find_size(key) is not None


@retried
def find_size(key: str) -> int | None:
    """How many bytes the object has, or None without one."""
    try:
        size: int = s3().head_object(Bucket=names.bucket, Key=key)["ContentLength"]
    except ClientError as error:
        if is_missing_object(error):
            return None
        raise
    return size


def list_keys(prefix: str) -> Iterator[str]:
    """All keys under a prefix, in order."""
    pages = s3().get_paginator("list_objects_v2").paginate(Bucket=names.bucket, Prefix=prefix)
    for page in pages:
        for entry in page.get("Contents", ()):
            yield entry["Key"]


@retried
def delete_object(key: str) -> None:
    """Delete an object; a missing one is fine."""
    s3().delete_object(Bucket=names.bucket, Key=key)


def presign_get(key: str, filename: str, content_type: str) -> str:
    """A link that downloads the object under a name, for LINK_SECONDS. Makes no call; the key need not exist."""
    params = {
        "Bucket": names.bucket,
        "Key": key,
        "ResponseContentDisposition": f'attachment; filename="{filename}"',
        "ResponseContentType": content_type,
    }
    url: str = s3().generate_presigned_url("get_object", Params=params, ExpiresIn=LINK_SECONDS)
    return url


def presign_post(key: str, max_bytes: int) -> dict[str, Any]:
    """A form (url, fields) that uploads one object of at most `max_bytes` under exactly this key.

    Even an empty one arrives: its import says what is wrong with it, in better words than the bucket would.
    """
    conditions: list[Any] = [["content-length-range", 0, max_bytes]]
    form: dict[str, Any] = s3().generate_presigned_post(names.bucket, key, Conditions=conditions, ExpiresIn=LINK_SECONDS)
    return form
