"""AWS in a file on disk, put in the place of `BaseClient._make_api_call`: for runs so large that an emulator would be measured.

Keeps items in SQLite, so that the memory of the process is that of our own code. There is one writer: of conditions only
put-if-absent is taken into account. What is asked for in another way than the store asks fails.
"""

from __future__ import annotations

import io
import json
import re
import sqlite3
import time
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

Item = dict[str, dict[str, Any]]
Params = dict[str, Any]
KEPT = "runs/"
"""Objects under this prefix are read again; of others only the number counts."""
LAST = "\U0010ffff"
RANGES: dict[str, Callable[..., tuple[str, str]]] = {
    r"begins_with \(#\d+, (:\d+)\)": lambda low: (low, low + LAST),
    r"BETWEEN (:\d+) AND (:\d+)": lambda low, high: (low, high),
    r"#\d+ <= (:\d+)": lambda high: ("", high),
    r"#\d+ >= (:\d+)": lambda low: (low, LAST),
}
"""Conditions on a sort key, and the range they stand for."""


class DiskCloud:
    """Tables, bucket and queue; counts calls, and puts the CPU time of its answers aside."""

    def __init__(self, folder: Path) -> None:
        """Begin empty."""
        self.calls: Counter[str] = Counter()
        self.objects: Counter[str] = Counter()
        self.sent: list[str] = []
        self.seconds = 0.0
        self._db = sqlite3.connect(folder / "items.db", isolation_level=None)
        self._db.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE items (tbl, pk, sk, g2p, g2s, body, PRIMARY KEY (tbl, pk, sk)) WITHOUT ROWID;"
            "CREATE INDEX due ON items (g2p, g2s, pk) WHERE g2p IS NOT NULL;"
            "CREATE TABLE objects (name PRIMARY KEY, body)"
        )

    def answer(self, name: str, params: Params) -> dict[str, Any]:
        """The answer to one call."""
        self.calls[name] += 1
        begun = time.process_time()
        try:
            found: dict[str, Any] = getattr(self, f"_{name}")(params)
        finally:
            self.seconds += time.process_time() - begun
        return found

    def _PutItem(self, params: Params) -> dict[str, Any]:  # noqa: N802  # names of AWS, here and below
        self._put(params)
        return {}

    def _UpdateItem(self, params: Params) -> dict[str, Any]:  # noqa: N802
        return {"Attributes": self._update(params)}

    def _TransactWriteItems(self, params: Params) -> dict[str, Any]:  # noqa: N802
        for action in params["TransactItems"]:
            if "Put" in action:
                self._put(action["Put"])
            if "Update" in action:
                self._update(action["Update"])
        return {}

    def _BatchWriteItem(self, params: Params) -> dict[str, Any]:  # noqa: N802
        for table, requests in params["RequestItems"].items():
            for request in requests:
                self._save(table, request["PutRequest"]["Item"])
        return {"UnprocessedItems": {}}

    def _GetItem(self, params: Params) -> dict[str, Any]:  # noqa: N802
        item = self._find(params["TableName"], params["Key"])
        return {"Item": item} if item else {}

    def _BatchGetItem(self, params: Params) -> dict[str, Any]:  # noqa: N802
        ((table, wanted),) = params["RequestItems"].items()
        found = [item for key in wanted["Keys"] if (item := self._find(table, key))]
        return {"Responses": {table: found}, "UnprocessedKeys": {}}

    def _Query(self, params: Params) -> dict[str, Any]:  # noqa: N802
        partition, low, high = _key_range(params)
        limit, since = params.get("Limit", 10_000), params.get("ExclusiveStartKey")
        if "IndexName" in params:
            after = (since["g2s"]["S"], since["PK"]["S"]) if since else ("", "")
            where = "g2p = ? AND g2s <= ? AND (g2s, pk) > (?, ?) ORDER BY g2s, pk"
            items = list(self._rows(where, partition, high, *after, limit))
        else:
            assert since is None, "tables are read without pages"
            order = "ASC" if params.get("ScanIndexForward", True) else "DESC"
            where = f"tbl = ? AND pk = ? AND sk BETWEEN ? AND ? ORDER BY sk {order}"
            items = list(self._rows(where, params["TableName"], partition, low, high, limit))
        more = {"LastEvaluatedKey": items[-1]} if len(items) == limit else {}
        return {"Items": items, "Count": len(items), "ScannedCount": len(items), **more}

    def _PutObject(self, params: Params) -> dict[str, Any]:  # noqa: N802
        name, body = params["Key"], params["Body"]
        self.objects[name.partition("/")[0]] += 1
        if name.startswith(KEPT):
            known = self._db.execute("SELECT 1 FROM objects WHERE name = ?", (name,)).fetchone()
            if known and params.get("IfNoneMatch"):
                raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "PutObject")
            self._db.execute("REPLACE INTO objects VALUES (?, ?)", (name, body if isinstance(body, bytes) else body.read()))
        return {}

    def _GetObject(self, params: Params) -> dict[str, Any]:  # noqa: N802
        found = self._db.execute("SELECT body FROM objects WHERE name = ?", (params["Key"],)).fetchone()
        if found is None:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return {"Body": io.BytesIO(found[0]), "ETag": "1"}

    def _SendMessageBatch(self, params: Params) -> dict[str, Any]:  # noqa: N802
        self.sent += [entry["MessageBody"] for entry in params["Entries"]]
        return {"Successful": params["Entries"]}

    def _put(self, params: Params) -> None:
        item, condition = params["Item"], params.get("ConditionExpression", "")
        if condition.startswith("attribute_not_exists") and self._find(params["TableName"], item):
            raise ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "PutItem")
        self._save(params["TableName"], item)

    def _update(self, params: Params) -> Item:
        item = self._find(params["TableName"], params["Key"]) or dict(params["Key"])
        names, values = params.get("ExpressionAttributeNames", {}), params.get("ExpressionAttributeValues", {})
        for verb, actions in re.findall(r"(SET|REMOVE|ADD) (.+?)(?= (?:SET|REMOVE|ADD) |$)", params["UpdateExpression"]):
            for action in actions.split(", "):
                path, _, value = action.replace(" = ", " ").strip().partition(" ")
                _change(item, verb, [names[part] for part in path.split(".")], values.get(value))
        self._save(params["TableName"], item)
        return item

    def _save(self, table: str, item: Item) -> None:
        index = [item[name]["S"] if name in item else None for name in ("g2p", "g2s")]
        body = json.dumps(item, default=lambda raw: {"bytes": b64encode(raw).decode()})
        self._db.execute("REPLACE INTO items VALUES (?, ?, ?, ?, ?, ?)", (table, item["PK"]["S"], item["SK"]["S"], *index, body))

    def _find(self, table: str, key: Item) -> Item | None:
        found = self._rows("tbl = ? AND pk = ? AND sk = ?", table, key["PK"]["S"], key["SK"]["S"], 1)
        return next(found, None)

    def _rows(self, where: str, *values: Any) -> Iterator[Item]:
        for (body,) in self._db.execute(f"SELECT body FROM items WHERE {where} LIMIT ?", values):  # noqa: S608  # fixed texts
            yield json.loads(body, object_hook=_plain)


def _change(item: Item, verb: str, path: list[str], value: Any) -> None:
    """One action of an update; what is added to are sets of texts."""
    holder: dict[str, Any] = item
    for name in path[:-1]:
        holder = holder[name]["M"]
    if verb == "REMOVE":
        holder.pop(path[-1], None)
    elif verb == "ADD" and path[-1] in holder:
        holder[path[-1]] = {"SS": sorted({*holder[path[-1]]["SS"], *value["SS"]})}
    else:
        holder[path[-1]] = value


def _plain(value: dict[str, Any]) -> Any:
    return b64decode(value["bytes"]) if set(value) == {"bytes"} else value


def _key_range(params: Params) -> tuple[str, str, str]:
    """(partition, lowest, highest sort key) of a query."""
    condition, values = params["KeyConditionExpression"], params["ExpressionAttributeValues"]
    partition = re.search(r"#\d+ = (:\d+)", condition)
    assert partition, condition
    for pattern, bounds in RANGES.items():
        if found := re.search(pattern, condition):
            return values[partition[1]]["S"], *bounds(*(values[name]["S"] for name in found.groups()))
    return values[partition[1]]["S"], "", LAST
