"""Records of the table's stream as changes of domain values. What is not of interest to anybody outside is left out.

A record tells of one write, in the shape that functions get it (binary as base64). It may come again, and records of different
items in any order.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.access import ApiKey
from chalicelib.domain.audit import Change
from chalicelib.domain.customer import Customer
from chalicelib.domain.mail import Mail
from chalicelib.domain.operator import OperatorSettings
from chalicelib.domain.packages import Assignment, Package
from chalicelib.domain.payment import Allocation, Refund
from chalicelib.domain.templates import Template
from chalicelib.store import bank_entries, codec, invoices, payments, webhooks
from chalicelib.store.tables import BillingItem

UNKNOWN = "unknown"
"""Who wrote an item that names nobody."""


def read_change(record: Mapping[str, Any]) -> Change | None:
    """The change that a record tells of, or None for an item that is not told of."""
    written = record["dynamodb"]
    before, after = written.get("OldImage"), written.get("NewImage")
    last = after or before
    read = TOLD.get(last.get("t", {}).get("S", ""))
    if read is None:
        return None
    was, now = (None if image is None else read(_item(image)) for image in (before, after))
    if was is None and now is None:
        return None
    return Change(
        id=str(written["SequenceNumber"]),
        by=last.get("by", {}).get("S", UNKNOWN),
        at=datetime.fromtimestamp(int(written["ApproximateCreationDateTime"]), UTC),
        before=was,
        after=now,
    )


def _item(image: Mapping[str, Mapping[str, Any]]) -> BillingItem:
    return BillingItem.from_raw_data({name: _with_bytes(value) for name, value in image.items()})


def _with_bytes(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"B": b64decode(value["B"])} if "B" in value else value


def _document(kind: type) -> Callable[[Any], object]:
    """Reads items that keep a value as JSON."""
    return lambda item: codec.restore(kind, item.doc)


TOLD: Mapping[str, Callable[[Any], object]] = {
    "inv": invoices.from_item,
    "pay": payments.from_item,
    "alc": _document(Allocation),
    "rfd": _document(Refund),
    "cus": _document(Customer),
    "asg": _document(Assignment),
    "pkg": _document(Package),
    "set": _document(OperatorSettings),
    "key": _document(ApiKey),
    "eml": _document(Mail),
    "whk": webhooks.read_endpoint,
    "bke": bank_entries.read_decided,
    "tpl": _document(Template),
}
"""How to read the items that are told of, by attribute `t`; infra/merge.yaml has the others filtered out.

None is what there is nothing to tell of yet."""
