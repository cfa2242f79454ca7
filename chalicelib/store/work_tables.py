"""The items of the work table as PynamoDB models: what can be rebuilt. Attribute names and types, no behaviour."""

from __future__ import annotations

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    DiscriminatorAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model


class OpenIndex(GlobalSecondaryIndex["WorkItem"]):
    """What is not finished yet, oldest first; sparse. The sweep reads it."""

    class Meta:
        """Index name and projection."""

        index_name = "open"
        projection = KeysOnlyProjection()

    op = UnicodeAttribute(hash_key=True)
    os = UnicodeAttribute(range_key=True)


class WorkItem(Model):
    """Any item that can be rebuilt."""

    class Meta:
        """Table name, set by `configure`."""

        table_name = "work"

    pk = UnicodeAttribute(hash_key=True, attr_name="PK")
    sk = UnicodeAttribute(range_key=True, attr_name="SK")
    entity = DiscriminatorAttribute(attr_name="t")
    op = UnicodeAttribute(null=True)
    os = UnicodeAttribute(null=True)
    ttl = NumberAttribute(null=True)
    by_open = OpenIndex()


class RollUpItem(WorkItem, discriminator="rol"):
    """What one batch brought for one customer on one billing day: packed rows."""

    rows = BinaryAttribute(legacy_encoding=False)


class MemberItem(WorkItem, discriminator="mem"):
    """One customer's part of one batch: byte ranges of its call records and call-id hashes, and the span of its calls."""

    batch = UnicodeAttribute()
    tag = UnicodeAttribute()
    number = NumberAttribute()
    span_from = UnicodeAttribute()
    span_to = UnicodeAttribute()
    offset = NumberAttribute()
    length = NumberAttribute()
    ids_offset = NumberAttribute()
    ids_count = NumberAttribute()
    accepted = NumberAttribute()
    duplicates = NumberAttribute()
    skipped = BinaryAttribute(legacy_encoding=False, null=True)


class UsageHeadItem(WorkItem, discriminator="uhd"):
    """Counts the imports of a customer, so that two at once cannot both miss each other's duplicates."""

    n = NumberAttribute()


class BatchItem(WorkItem, discriminator="bat"):
    """An import batch and how far it got."""

    doc = JSONAttribute()
    ver = NumberAttribute(default=0)


class BatchListItem(WorkItem, discriminator="bls"):
    """A batch in the list of all batches, by the instant it came."""


class IdempotencyItem(WorkItem, discriminator="idm"):
    """A remembered request: hash of its body, when first made, until when its execution holds it, its answer once known."""

    request = UnicodeAttribute()
    answer = BinaryAttribute(legacy_encoding=False, null=True)
    since = UnicodeAttribute()
    lease = UnicodeAttribute()


class AllocatedItem(WorkItem, discriminator="ald"):
    """What one request to allocate did, so that its repetition answers with it."""

    doc = JSONAttribute()


class AllocationJobItem(WorkItem, discriminator="alj"):
    """A payment that is allocated in steps: what was asked for, how many lines are done, and which failed."""

    doc = JSONAttribute()
    done = NumberAttribute()
    failures = JSONAttribute()


class ExportItem(WorkItem, discriminator="exp"):
    """A file of many documents that is being made: what was asked for and how far it is; `ver` counts its steps."""

    doc = JSONAttribute()
    ver = NumberAttribute()


class LatestJobItem(WorkItem, discriminator="ljb"):
    """The latest job that allocates a customer's payments in steps; another one is put over it once it is finished."""

    payment = UnicodeAttribute()
    job = UnicodeAttribute()


class RunItem(WorkItem, discriminator="run"):
    """A billing run."""

    doc = JSONAttribute()
    ver = NumberAttribute(default=0)
    dispatched = BooleanAttribute(default=False)


class ChunkItem(WorkItem, discriminator="chk"):
    """One task of a run, the numbers its invoices got (counter → first number and date floor), and the outcome."""

    task = JSONAttribute()
    numbers = JSONAttribute(null=True)
    outcome = JSONAttribute(null=True)


class TallyItem(WorkItem, discriminator="tly"):
    """What a finished chunk came to in numbers, of customers and of invoices."""

    done = NumberAttribute()
    issued = NumberAttribute()
    drafts = NumberAttribute()
    skipped = NumberAttribute()
    failed = NumberAttribute()


class CheckupItem(WorkItem, discriminator="chu"):
    """The last daily reconciliation: how far it is and what it found; `ver` counts its steps."""

    doc = JSONAttribute()
    ver = NumberAttribute()


class DocumentItem(WorkItem, discriminator="doc"):
    """An issued document whose PDF is not known to exist yet."""

    invoice = UnicodeAttribute()


class WantedItem(WorkItem, discriminator="wan"):
    """A PDF that somebody asked for and that is not known to exist yet."""


class OpenMailItem(WorkItem, discriminator="oml"):
    """A mail that has not left yet."""

    invoice = UnicodeAttribute()
    name = UnicodeAttribute()
