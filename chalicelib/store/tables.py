"""The items of the books as PynamoDB models: attribute names and types, no behaviour.

All models of a table share one connection, and both tables one client (a client costs about 100 ms of a cold start).
Amounts are whole minor units; everything that no condition, index or update touches is packed JSON in `doc`.
"""

from __future__ import annotations

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    DiscriminatorAttribute,
    JSONAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection

from chalicelib.store.signed import SignedModel

LISTED = ["kind", "num", "st", "cur", "tot", "paid", "cred", "ref", "due", "cname", "idate", "ddate", "per", "tz", "rev"]
"""Attributes that the global list shows."""


class ListIndex(GlobalSecondaryIndex["BillingItem"]):
    """GSI1: the global lists."""

    class Meta:
        """Index name and projection."""

        index_name = "GSI1"
        projection = IncludeProjection(LISTED)

    g1p = UnicodeAttribute(hash_key=True)
    g1s = UnicodeAttribute(range_key=True)


class DueIndex(GlobalSecondaryIndex["BillingItem"]):
    """GSI2: customers by when their next period is closed, and issued documents by number; sparse."""

    class Meta:
        """Index name and projection."""

        index_name = "GSI2"
        projection = KeysOnlyProjection()

    g2p = UnicodeAttribute(hash_key=True)
    g2s = UnicodeAttribute(range_key=True)


class BillingItem(SignedModel):
    """Any item of the books; `by` names who wrote it."""

    class Meta:
        """Table name, set by `configure`."""

        table_name = "billing"

    pk = UnicodeAttribute(hash_key=True, attr_name="PK")
    sk = UnicodeAttribute(range_key=True, attr_name="SK")
    entity = DiscriminatorAttribute(attr_name="t")
    g1p = UnicodeAttribute(null=True)
    g1s = UnicodeAttribute(null=True)
    g2p = UnicodeAttribute(null=True)
    g2s = UnicodeAttribute(null=True)
    by_list = ListIndex()
    by_due = DueIndex()


class CustomerItem(BillingItem, discriminator="cus"):
    """A customer."""

    ver = NumberAttribute()
    doc = JSONAttribute()


class AssignmentItem(BillingItem, discriminator="asg"):
    """A package on a customer."""

    ver = NumberAttribute()
    doc = JSONAttribute()


class ClockItem(BillingItem, discriminator="clk"):
    """The billing clock: what schedule the due instant was computed from, the last billed day, and when to look again.

    `mark` is new whenever freed days set it back.
    """

    plan = UnicodeAttribute()
    mark = UnicodeAttribute(null=True)
    billed_through = UnicodeAttribute(null=True, attr_name="thru")
    due_at = UnicodeAttribute(null=True, attr_name="at")


class LedgerItem(BillingItem, discriminator="led"):
    """A month of days: day (dd) → suffix of the invoice that claimed it, and suffix → chunk that owns the claim."""

    days: MapAttribute[str, str] = MapAttribute(attr_name="d")
    owners: MapAttribute[str, str] = MapAttribute(attr_name="o")


class InvoiceItem(BillingItem, discriminator="inv"):
    """An invoice or credit note. `doc` is the packed invoice without its operator, whose snapshot `op` names.

    `credit_notes` are the ids of those that take it back, first to last.
    """

    kind = UnicodeAttribute()
    num = UnicodeAttribute(null=True)
    st = UnicodeAttribute()
    cur = UnicodeAttribute()
    tot = NumberAttribute()
    paid = NumberAttribute(default=0)
    cred = NumberAttribute(default=0)
    ref = NumberAttribute(default=0)
    due = NumberAttribute()
    cname = UnicodeAttribute()
    idate = UnicodeAttribute()
    ddate = UnicodeAttribute()
    per = UnicodeAttribute(null=True)
    tz = UnicodeAttribute(default="UTC")
    rev = NumberAttribute(default=0)
    ver = NumberAttribute()
    credit_notes: ListAttribute[str] = ListAttribute(null=True, attr_name="cns")
    pdf = UnicodeAttribute(null=True)
    pdf_error = UnicodeAttribute(null=True, attr_name="pdfe")
    op = UnicodeAttribute()
    doc = BinaryAttribute(legacy_encoding=False, null=True)
    big = UnicodeAttribute(null=True)


class RevisionItem(BillingItem, discriminator="rvn"):
    """An earlier revision of an invoice, packed whole but for the operator; above the item limit it lives in S3 (`big`)."""

    op = UnicodeAttribute()
    doc = BinaryAttribute(legacy_encoding=False, null=True)
    big = UnicodeAttribute(null=True)


class OperatorItem(BillingItem, discriminator="opr"):
    """A snapshot of the operator as documents print it, under the hash of its content; written once, never changed."""

    doc = BinaryAttribute(legacy_encoding=False)


class PaymentItem(BillingItem, discriminator="pay"):
    """A payment. `left` is what is neither allocated nor refunded. What lists are filtered by has names that the index carries.

    Payments that were written before they could be looked for by method and reference lack these.
    """

    cur = UnicodeAttribute()
    st = UnicodeAttribute()
    amount = NumberAttribute(attr_name="tot")
    left = NumberAttribute(attr_name="due")
    refunded = NumberAttribute(default=0, attr_name="ref")
    method = UnicodeAttribute(null=True, attr_name="kind")
    reference = UnicodeAttribute(null=True, attr_name="num")
    ver = NumberAttribute()
    doc = JSONAttribute()


class RefundItem(BillingItem, discriminator="rfd"):
    """Part of a payment given back; a reversal sets its instant once."""

    reversed_at = UnicodeAttribute(null=True)
    doc = JSONAttribute()


class AllocationItem(BillingItem, discriminator="alc"):
    """Part of a payment on an invoice; a reversal sets its instant once."""

    payment = UnicodeAttribute()
    amount = NumberAttribute()
    cur = UnicodeAttribute()
    reversed_at = UnicodeAttribute(null=True)
    doc = JSONAttribute()


class MailItem(BillingItem, discriminator="eml"):
    """A mail about a document; its key can be taken once. `tried` once it was handed over, or may have been."""

    st = UnicodeAttribute()
    tried = BooleanAttribute(null=True)
    doc = JSONAttribute()


class OverdueItem(BillingItem, discriminator="ovd"):
    """That an invoice became overdue after a due date, with the version it had; `told` once everybody was told."""

    ver = NumberAttribute()
    told = BooleanAttribute(null=True)


class SeriesItem(BillingItem, discriminator="seq"):
    """A number series: the last number taken and the last date it was taken for."""

    n = NumberAttribute()
    last_date = UnicodeAttribute(attr_name="ld")
    series = JSONAttribute()


class CounterItem(BillingItem, discriminator="ctr"):
    """A counter that was ever used: the list of all series."""


class BlockItem(BillingItem, discriminator="blk"):
    """Consecutive numbers taken at once: by a pinned chunk (`source` = its S3 key) or by one invoice (`source` = its id)."""

    lo = NumberAttribute()
    hi = NumberAttribute()
    source = UnicodeAttribute(attr_name="src")
    sha = UnicodeAttribute(null=True)


class SettingsItem(BillingItem, discriminator="set"):
    """The operator's settings."""

    ver = NumberAttribute()
    doc = JSONAttribute()


class PackageItem(BillingItem, discriminator="pkg"):
    """A catalogue entry; `used` once it was assigned to any customer."""

    ver = NumberAttribute()
    doc = JSONAttribute()
    used = BooleanAttribute(null=True)


class AuditItem(BillingItem, discriminator="aud"):
    """An entry of the audit log, packed; put once, never changed."""

    doc = BinaryAttribute(legacy_encoding=False)


class KeyItem(BillingItem, discriminator="key"):
    """An API key under the hash of its secret."""

    doc = JSONAttribute()


class ShardsItem(BillingItem, discriminator="shd"):
    """How many shards of an index were ever written to; it only grows."""

    shards = NumberAttribute(attr_name="n")


class SpanItem(BillingItem, discriminator="spn"):
    """The months (yyyy-mm) that a global list holds, or once held, anything in; it only grows."""

    months = UnicodeSetAttribute()
