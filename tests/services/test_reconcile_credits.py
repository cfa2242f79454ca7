"""The books of credit notes are checked: sound ones show nothing, and each thing that somebody broke shows under its code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.credit_requests import CreditRequest
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus
from chalicelib.services.credit_notes import CreditInvoice, credit_invoice
from chalicelib.services.reconcile import reconcile_customer
from chalicelib.services.reconcile_credits import check_credits
from chalicelib.store.books import Books, StoredInvoice, StoredPayment
from chalicelib.store.invoices import get_invoice
from chalicelib.store.tables import InvoiceItem, PaymentItem
from tests.support.builders import a_line, an_invoice
from tests.support.money_in import Clerk
from tests.support.tampering import overwrite_invoice

INVOICE, NOTE = "acme.20261201.A.00000001", "acme.20261201.N.00000006"


@pytest.fixture
def books(cloud: object) -> None:
    """An invoice that was paid, and then credited in part and in full."""
    clerk = Clerk()
    clerk.world.customer()
    invoice = clerk.invoice()
    assert invoice.id == INVOICE
    clerk.allocate(clerk.payment("8.00"), (invoice, "8.00"))
    for amount in (Decimal("3.00"), None):
        command = CreditInvoice(invoice_id=INVOICE, request=CreditRequest(reason="Wrong", amount=amount))
        note = credit_invoice(clerk.world.deps, command)
    assert note.id == NOTE


def found() -> set[str]:
    """The codes of everything that is found."""
    return {finding.code for finding in reconcile_customer("acme")}


def change(sort_key: str, kind: type[Any], **attributes: object) -> None:
    """Somebody edits an item."""
    item = kind.get("C#acme", sort_key)
    for name, value in attributes.items():
        setattr(item, name, value)
    item.save()


def change_invoice(**attributes: object) -> None:
    """Somebody edits the invoice's item."""
    change("I#20261201#A#00000001", InvoiceItem, **attributes)


def change_note(**fields: Any) -> None:
    """Somebody edits what the credit note says."""
    overwrite_invoice(replace(get_invoice(NOTE), **fields))


def drop_credit() -> None:
    """The customer loses the credit of a note."""
    [payment] = [one for one in PaymentItem.query("C#acme", PaymentItem.sk.startswith("P#")) if one.doc["credit_note_id"] == NOTE]
    payment.delete()


@pytest.mark.usefixtures("books")
def test_sound_books_show_nothing() -> None:
    """An invoice credited twice, once in part beyond what was due."""
    assert found() == set()


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize(
    "breakage, code",
    [
        (lambda: change_invoice(cred=900), "credited"),
        (lambda: change_invoice(credit_notes=None), "credited"),
        (lambda: change_invoice(ref=0), "credit"),
        (lambda: InvoiceItem("C#acme", "I#20261201#N#00000006").delete(), "credited"),
        (lambda: InvoiceItem("C#acme", "I#20261201#A#00000001").delete(), "credited"),
        (drop_credit, "credit"),
        (lambda: change_note(status=InvoiceStatus.VOID), "credit"),
        (lambda: change_note(original_invoice_id=None), "credited"),
        (lambda: change_note(lines=(a_line("1", net=Decimal("11.00")),)), "over_credited"),
        (lambda: change_note(lines=(a_line("9", net=Decimal("1.00")),)), "over_credited"),
    ],
)
def test_what_somebody_broke_is_found(breakage: Callable[[], object], code: str) -> None:
    """A breakage shows under the code of the rule it breaks."""
    breakage()
    assert code in found()


def stored(document: Invoice, **fields: Any) -> StoredInvoice:
    """The item of an issued document."""
    base = StoredInvoice(
        id=document.id,
        suffix="",
        number=document.number,
        status="issued",
        kind=document.kind.value,
        currency="EUR",
        total=int(document.total * 100),
        paid=0,
        credited=0,
        refunded=0,
        due=0,
        revision=0,
        listed="",
        credit_notes=(),
        body=document,
    )
    return replace(base, **fields)


def books_of(*documents: StoredInvoice, payments: tuple[StoredPayment, ...] = ()) -> Books:
    """Nothing but documents and payments."""
    return Books(
        customer_id="acme",
        claims={},
        invoices=documents,
        revisions=frozenset(),
        payments=payments,
        refunds=(),
        allocations=(),
    )


def test_a_note_of_no_invoice_gives_all_of_it() -> None:
    """12.00 taken back by a run are 12.00 of the customer's, neither more nor less."""
    note = stored(an_invoice(kind=InvoiceKind.CREDIT_NOTE, status=InvoiceStatus.ISSUED))
    given = StoredPayment(
        id="acme.1", status="completed", currency="EUR", amount=1200, left=1200, refunded=0, credit_note=note.id
    )
    assert list(check_credits(books_of(note, payments=(given,)))) == []
    [finding] = check_credits(books_of(note, payments=(replace(given, amount=1199),)))
    assert (finding.code, finding.where) == ("credit", note.id)


def test_a_credited_invoice_is_issued_and_in_the_currency_of_its_notes() -> None:
    """A void invoice, or one in dollars, with a credit note in euro."""
    document = an_invoice(status=InvoiceStatus.ISSUED)
    note = stored(replace(document, id="acme.2", kind=InvoiceKind.CREDIT_NOTE, original_invoice_id=document.id))
    sound = stored(document, credited=1200, credit_notes=("acme.2",))
    assert list(check_credits(books_of(sound, note))) == []
    for broken in (replace(sound, status="void"), replace(sound, currency="USD")):
        assert [one.code for one in check_credits(books_of(broken, note))] == ["credited"]
