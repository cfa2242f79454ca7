"""What a run would make for a customer, by the very functions that make it; claims and keeps nothing."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain.invoice import Invoice, InvoiceSource
from chalicelib.domain.ledger import unclaimed
from chalicelib.services.billing_input import load_billing_input, plan_named
from chalicelib.services.catalogue import load_catalogue
from chalicelib.services.claim_intents import periods_to_bill
from chalicelib.store import keys, ledger
from chalicelib.store.accounts import get_account


def preview_missing(customer_id: str, as_of: datetime, frequency: str) -> list[Invoice]:
    """The invoices of every closed period that the customer misses as of an instant, oldest first."""
    catalogue, account = load_catalogue(as_of), get_account(customer_id)
    periods = periods_to_bill(account, frequency, catalogue)
    billed = ledger.load_ledger(customer_id, periods[0].start) if periods else None
    if billed is None:
        return []
    free = [(period, days) for period in periods if (days := unclaimed(period.days(), billed))]
    if not free:
        return []
    given = load_billing_input(catalogue, account, [days for _, days in free])
    invoices = []
    for period, days in free:
        name = keys.invoice_id(customer_id, keys.period_suffix(days[0]))
        plan = plan_named(given, days, invoice_id=name, period=period, source=InvoiceSource.SCHEDULE)
        invoices += [plan.invoice] if plan.invoice else []
    return invoices
