"""AWS in dictionaries and files, put in the place of `BaseClient._make_api_call`: for cases too large for an emulator.

Answers only what the import and the export of usage ask, and puts the CPU time of its answers aside.
"""

from __future__ import annotations

import hashlib
import io
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

MIB = 1 << 20


class Body:
    """An S3 body over a file."""

    def __init__(self, path: Path, start: int = 0, length: int | None = None) -> None:
        """Read from `start`, at most `length` bytes."""
        self._file = path.open("rb")
        self._file.seek(start)
        self._left = path.stat().st_size - start if length is None else length

    def read(self, size: int | None = None) -> bytes:
        """The next bytes."""
        body = self._file.read(self._left if size is None else min(size, self._left))
        self._left -= len(body)
        return body

    def iter_chunks(self, size: int) -> Any:
        """All bytes in chunks."""
        while chunk := self.read(size):
            yield chunk


class Cloud:
    """Tables and bucket in dictionaries and files; takes no condition into account but put-once."""

    def __init__(self, folder: Path, customers: list[str]) -> None:
        """Know these customers."""
        self.folder, self.customers = folder, set(customers)
        self.items: dict[tuple[str, str], Any] = {}
        self.calls: Counter[str] = Counter()
        self.seconds = 0.0
        self.uploaded = folder
        """The last object that was written."""

    def answer(self, name: str, params: dict[str, Any]) -> Any:
        """The answer to one call."""
        self.calls[name] += 1
        return self.apart(getattr(self, f"on_{name}"))(**params)

    def apart(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The call, with its CPU time put aside (once, however calls are nested)."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            begun, before = time.process_time(), self.seconds
            try:
                return call(*args, **kwargs)
            finally:
                self.seconds = before + time.process_time() - begun

        return timed

    def path(self, key: str) -> Path:
        """The file of an object."""
        return self.folder / hashlib.sha256(key.encode()).hexdigest()

    def on_GetObject(self, *, Key: str, Range: str = "", **_: Any) -> dict[str, Any]:  # noqa: N802, N803  # names of AWS
        """An object, or a range of it."""
        path = self.path(Key)
        if not path.exists():
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        if not Range:
            return {"Body": Body(path), "ETag": "1"}
        start, end = (int(part) for part in Range.removeprefix("bytes=").split("-"))
        return {"Body": Body(path, start, end - start + 1), "ETag": "1"}

    def on_PutObject(self, *, Key: str, Body: Any, **_: Any) -> dict[str, Any]:  # noqa: N802, N803  # names of AWS
        """Keep an object."""
        self.uploaded = self.path(Key)
        source = io.BytesIO(Body) if isinstance(Body, bytes) else Body
        with self.path(Key).open("wb") as file:
            while chunk := source.read(MIB):
                file.write(chunk)
        return {}

    def on_CreateMultipartUpload(self, *, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N802, N803
        """Begin an empty file."""
        self.uploaded = self.path(Key)
        self.uploaded.write_bytes(b"")
        return {"UploadId": "1"}

    def on_UploadPart(self, *, Key: str, Body: bytes, **_: Any) -> dict[str, Any]:  # noqa: N802, N803
        """Put a part behind the one before."""
        with self.path(Key).open("ab") as file:
            file.write(Body)
        return {"ETag": "1"}

    def on_CompleteMultipartUpload(self, **_: Any) -> dict[str, Any]:  # noqa: N802
        """The file is there already."""
        return {}

    def on_BatchGetItem(self, *, RequestItems: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N802, N803
        """Customers that exist."""
        ((table, wanted),) = RequestItems.items()
        found = [
            {**key, "t": {"S": "cus"}, "ver": {"N": "1"}, "doc": {"S": '{"timezone":"Europe/Paris"}'}}
            for key in wanted["Keys"]
            if key["PK"]["S"].removeprefix("C#") in self.customers
        ]
        return {"Responses": {table: found}, "UnprocessedKeys": {}}

    def on_GetItem(self, *, Key: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N802, N803
        """An item."""
        item = self.items.get((Key["PK"]["S"], Key["SK"]["S"]))
        return {"Item": item} if item else {}

    def on_PutItem(self, *, Item: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N802, N803
        """Keep an item."""
        self.items[Item["PK"]["S"], Item["SK"]["S"]] = Item
        return {}

    def on_Query(self, **_: Any) -> dict[str, Any]:  # noqa: N802
        """No customer has usage yet."""
        return {"Items": [], "Count": 0, "ScannedCount": 0}

    def on_TransactWriteItems(self, *, TransactItems: list[dict[str, Any]], **_: Any) -> dict[str, Any]:  # noqa: N802, N803
        """Keep all items."""
        for action in TransactItems:
            if "Put" in action:
                self.on_PutItem(Item=action["Put"]["Item"])
        return {}
