"""One connection and one client for both tables: a client costs about 100 ms of a cold start."""

from __future__ import annotations

from chalicelib.store.tables import BillingItem
from chalicelib.store.work_tables import WorkItem


def configure(billing_table: str, work_table: str) -> None:
    """Name the tables, and let every model share one connection and one client. Makes no call."""
    for model, name in ((BillingItem, billing_table), (WorkItem, work_table)):
        model.Meta.table_name = name
        model._connection = None  # noqa: SLF001  # PynamoDB has no public way to renew or share a connection
    billing, work = BillingItem._get_connection(), WorkItem._get_connection()  # noqa: SLF001
    billing.connection.add_meta_table(work.get_meta_table())
    work.connection = billing.connection
