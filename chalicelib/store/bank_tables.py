"""The items of bank statements as PynamoDB models, in both tables: attribute names and types, no behaviour."""

from __future__ import annotations

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute

from chalicelib.store.tables import BillingItem
from chalicelib.store.work_tables import WorkItem


class BankStatementItem(BillingItem, discriminator="bks"):
    """A statement file and what became of its rows."""

    doc = JSONAttribute()


class BankListItem(BillingItem, discriminator="bkl"):
    """A statement in the list of all, by the instant it came."""


class BankEntryItem(BillingItem, discriminator="bke"):
    """An entry of a statement: its state, what was read, what was decided, and what came of that."""

    st = UnicodeAttribute()
    doc = JSONAttribute()
    decision = JSONAttribute(null=True, attr_name="dec")
    payment = UnicodeAttribute(null=True)
    note = UnicodeAttribute(null=True)


class SeenEntryItem(BillingItem, discriminator="bkx"):
    """Which statement and line had an entry first; never changed."""

    statement = UnicodeAttribute()
    line = NumberAttribute()


class PayerAccountItem(BillingItem, discriminator="bka"):
    """Customers that payments from an account were confirmed for."""

    customers = UnicodeSetAttribute()


class OpenBankItem(WorkItem, discriminator="bko"):
    """A statement that is not read to its end, or an entry whose confirmation is not carried out to its end."""
