"""Objects that are put from a file, since memory cannot hold them. Reads none."""

from __future__ import annotations

from typing import IO

from chalicelib.store.clients import names, s3
from chalicelib.store.retry import retried


@retried
def put_file(key: str, file: IO[bytes], content_type: str) -> None:
    """Write (or overwrite) an object with all that is in the file."""
    file.seek(0)
    s3().put_object(Bucket=names.bucket, Key=key, Body=file, ContentType=content_type)
