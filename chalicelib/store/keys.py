"""Every key format of both tables and of the public ids, built and parsed in one place. No I/O, no meaning beyond spelling.

What the indexes are keyed by stands in `index_keys`.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from hashlib import sha256

from chalicelib.domain.errors import NotFound

PROFILE = "J"
CLOCK = "K"
HEAD = "0"
SUFFIX = re.compile(r"\d{8}\.(R\d*|[AN]\.[0-9a-z]+)")
"""What follows the customer in a public invoice id."""
PAYMENT = re.compile(r"\d{8}\.[0-9a-z]+")
"""What follows the customer in a public payment id."""
REFUND = re.compile(r"[0-9a-z]+")
"""A public refund id, found through its payment."""
ALLOCATION = re.compile(r"[0-9a-z]+\.[0-9a-z]+")
"""A public allocation id: payment and number, unique, and found through its invoice."""


def customer_pk(customer_id: str) -> str:
    """Partition of one customer in the billing table."""
    return f"C#{customer_id}"


def assignment_sk(assignment_id: str) -> str:
    """Sort key of a package assignment; follows the profile, so one query loads both."""
    return f"J#{assignment_id}"


def ledger_sk(month: str) -> str:
    """Sort key of a month (yyyy-mm) of the day ledger."""
    return f"L#{month}"


def month_of(day: date) -> str:
    """yyyy-mm of a day."""
    return day.isoformat()[:7]


def period_suffix(start: date, generation: int = 1) -> str:
    """Suffix of the one invoice a schedule makes for the days from this one on: the natural key of a run.

    A voided invoice keeps its key, so billing its days again takes the next generation ("R2").
    """
    return f"{start:%Y%m%d}#R{generation if generation > 1 else ''}"


def is_run_suffix(suffix: str) -> bool:
    """Whether the suffix is the natural key of a run's invoice, so that billing the days again would make it again."""
    return "#R" in suffix


def manual_suffix(on: date, new_id: str) -> str:
    """Suffix of an invoice made by hand."""
    return f"{on:%Y%m%d}#A#{new_id}"


def credit_suffix(on: date, new_id: str) -> str:
    """Suffix of a credit note."""
    return f"{on:%Y%m%d}#N#{new_id}"


def invoice_sk(suffix: str) -> str:
    """Sort key of an invoice."""
    return f"I#{suffix}"


def revision_sk(suffix: str, revision: int) -> str:
    """Sort key of an earlier revision."""
    return f"R#{suffix}#{revision:04d}"


def invoice_id(customer_id: str, suffix: str) -> str:
    """Public id of an invoice: it encodes the key, so no index resolves it."""
    return f"{customer_id}.{suffix.replace('#', '.')}"


def parse_invoice_id(public_id: str) -> tuple[str, str]:
    """(customer id, suffix) of a public invoice id, or NotFound when it cannot be one."""
    customer_id, _, rest = public_id.partition(".")
    if not customer_id or not SUFFIX.fullmatch(rest):
        raise NotFound("invoice", public_id)
    return customer_id, rest.replace(".", "#")


def payment_sk(on: str, payment: str) -> str:
    """Sort key of a payment; `on` is yyyymmdd."""
    return f"P#{on}#{payment}"


def payment_id(customer_id: str, on: date, new_id: str) -> str:
    """Public id of a payment."""
    return f"{customer_id}.{on:%Y%m%d}.{new_id}"


def credit_payment_id(note_id: str, on: date) -> str:
    """Public id of the payment that keeps what a credit note gave: each credit note has at most one."""
    customer_id, suffix = parse_invoice_id(note_id)
    return payment_id(customer_id, on, f"cn{suffix.replace('#', '').lower()}")


def parse_payment_id(public_id: str) -> tuple[str, str]:
    """(customer id, sort key) of a public payment id, or NotFound when it cannot be one."""
    customer_id, _, rest = public_id.partition(".")
    if not customer_id or not PAYMENT.fullmatch(rest):
        raise NotFound("payment", public_id)
    return customer_id, payment_sk(*rest.split("."))


def parse_refund_id(payment: str, number: str) -> tuple[str, str]:
    """(customer id, sort key) of a refund, which follows its payment, or NotFound when it cannot be one."""
    customer_id, sk = parse_payment_id(payment)
    if not REFUND.fullmatch(number):
        raise NotFound("refund", number)
    return customer_id, f"{sk}#R#{number}"


def allocation_id(payment: str, number: str) -> str:
    """Public id of an allocation; `payment` is the public id of its payment."""
    return f"{payment.rpartition('.')[2]}.{number}"


def allocation_sk(suffix: str, public_id: str) -> str:
    """Sort key of an allocation: those of an invoice lie together."""
    return f"A#{suffix}#{public_id.replace('.', '#')}"


def parse_allocation_id(invoice: str, public_id: str) -> tuple[str, str]:
    """(customer id, sort key) of an allocation of an invoice, or NotFound when it cannot be one."""
    customer_id, suffix = parse_invoice_id(invoice)
    if not ALLOCATION.fullmatch(public_id):
        raise NotFound("allocation", public_id)
    return customer_id, allocation_sk(suffix, public_id)


def allocated_pk(request: str) -> str:
    """Partition of what a request to allocate did."""
    return f"ALD#{request}"


def allocation_jobs_pk(owner: str) -> str:
    """Partition of jobs that allocate in steps, by the payment's public id; by the customer's id, of what names its latest."""
    return f"ALJ#{owner}"


def series_pk(counter: str) -> str:
    """Partition of a number series' counter and blocks; `counter` is domain.numbering.counter_key."""
    return f"SEQ#{counter}"


def block_sk(last: int) -> str:
    """Sort key of a block of numbers by its last number, so that one query finds the block of a number."""
    return f"B#{last:012d}"


def audit_pk(kind: str, object_id: str) -> str:
    """Partition of an object's history; apart from the object, which may be deleted."""
    return f"H#{kind}#{object_id}"


def audit_sk(at: datetime, change_id: str) -> str:
    """Sort key of an entry: by time, and of one second by the order of writing (ids have up to 40 digits)."""
    return f"{instant(at)}#{change_id:0>40}"


def usage_pk(customer_id: str) -> str:
    """Partition of one customer's usage in the work table."""
    return f"U#{customer_id}"


def roll_up_sk(billing_day: date, batch_id: str) -> str:
    """Sort key of what one batch brought for one billing day."""
    return f"{billing_day.isoformat()}#{batch_id}"


def batch_pk(batch_id: str) -> str:
    """Partition of an import batch (id = SHA-256 of the file)."""
    return f"BAT#{batch_id}"


def run_pk(run_id: str) -> str:
    """Partition of a billing run and its chunks."""
    return f"RUN#{run_id}"


def chunk_sk(number: int) -> str:
    """Sort key of a chunk of a run."""
    return f"K#{number:06d}"


def tally_sk(number: int) -> str:
    """Sort key of what a chunk of a run came to in numbers; beside the chunk, so that progress reads little."""
    return f"T#{number:06d}"


def idempotency_pk(actor: str, key: str) -> str:
    """Partition of a remembered request."""
    return f"X#{actor}#{key}"


def instant(at: datetime) -> str:
    """An instant as sortable text (UTC, seconds)."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def bank_pk(statement_id: str) -> str:
    """Partition of a bank statement and its entries, in both tables."""
    return f"BNK#{statement_id}"


def bank_entry_sk(entry_id: str) -> str:
    """Sort key of an entry of a bank statement."""
    return f"E#{entry_id}"


def seen_entry_pk(identity: str) -> str:
    """Partition of the note which statement had an entry first."""
    return f"BNX#{identity}"


def payer_account_pk(account: str) -> str:
    """Partition of the customers that an account paid for; hashed, as account numbers are nobody's business."""
    return f"BNA#{sha256(account.encode()).hexdigest()}"


def mail_sk(suffix: str, name: str) -> str:
    """Sort key of a mail about a document: those of a document lie together."""
    return f"E#{suffix}#{name}"


def open_mail_pk(invoice: str, name: str) -> str:
    """Partition of a mail that has not left yet, in the work table."""
    return f"MAIL#{invoice}#{name}"


def overdue_sk(suffix: str, due: date) -> str:
    """Sort key of the mark that an invoice became overdue after a due date."""
    return f"O#{suffix}#{due.isoformat()}"
