"""Objects of any size written as they are made: in parts, with one part in memory. Until it is closed, nothing is there."""

from __future__ import annotations

from typing import Any

from chalicelib.store.clients import names, s3
from chalicelib.store.objects import put_object
from chalicelib.store.retry import retried

PART = 8 << 20
"""Bytes of a part; S3 asks for 5 MiB at least, and takes 10,000 parts."""


class Upload:
    """One object under way. What is left when its writer dies, the bucket clears away after two days."""

    def __init__(self, key: str, content_type: str) -> None:
        """Begin; nothing is sent yet."""
        self._key, self._type = key, content_type
        self._id = ""
        self._tags: list[str] = []
        self._buffer = bytearray()

    def write(self, content: bytes) -> None:
        """Add bytes; sends a part when one is full."""
        self._buffer += content
        if len(self._buffer) >= PART:
            self._send()

    def close(self) -> None:
        """Make the object of what was written; a small one is put at once."""
        if not self._id:
            put_object(self._key, bytes(self._buffer), self._type)
            return
        if self._buffer:
            self._send()
        _complete(self._key, self._id, self._tags)

    def _send(self) -> None:
        self._id = self._id or _create(self._key, self._type)
        self._tags.append(_upload(self._key, self._id, len(self._tags) + 1, bytes(self._buffer)))
        self._buffer.clear()


@retried
def _create(key: str, content_type: str) -> str:
    return str(s3().create_multipart_upload(Bucket=names.bucket, Key=key, ContentType=content_type)["UploadId"])


@retried
def _upload(key: str, upload: str, number: int, body: bytes) -> str:
    answer = s3().upload_part(Bucket=names.bucket, Key=key, UploadId=upload, PartNumber=number, Body=body)
    return str(answer["ETag"])


@retried
def _complete(key: str, upload: str, tags: list[str]) -> None:
    parts: list[dict[str, Any]] = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, 1)]
    s3().complete_multipart_upload(Bucket=names.bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": parts})
