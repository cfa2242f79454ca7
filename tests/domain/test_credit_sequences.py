"""Any credit notes in any order: never more than the invoice, per line and tax group, and in the end exactly it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.credit_notes import plan_credit_note
from chalicelib.domain.credit_requests import CreditRequest, LineCredit
from chalicelib.domain.credits import calculate_rest, calculate_tax_due, check_revision, is_part
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.invoice import Invoice, InvoiceStatus, Line, LineKind
from chalicelib.domain.money import exponent, quantise, total
from chalicelib.domain.tax import TaxCategory, TaxRounding
from chalicelib.domain.totals import TaxBase, calculate_tax_bases
from tests.support.builders import NOW, TODAY, a_line, an_invoice, tax

TAXES = st.sampled_from([tax(20), tax("8.25"), tax(6), tax(0, TaxCategory.REVERSE_CHARGE)])
KINDS = st.sampled_from([LineKind.MANUAL, LineKind.MANUAL, LineKind.USAGE])


@st.composite
def invoices(draw: st.DrawFn) -> Invoice:
    """Up to six lines of mixed kinds, taxes, signs and scales, under any policy, in currencies of 0, 2 and 3 decimals."""
    lines = tuple(
        a_line(
            str(position),
            draw(st.decimals(min_value=-20, max_value=100, places=draw(st.integers(0, 4)))),
            draw(st.sampled_from([Decimal(1), Decimal(3), Decimal("2.5"), Decimal("0.1")])),
            discount_percent=draw(st.sampled_from([Decimal(0), Decimal("12.5")])),
            tax=draw(TAXES),
            kind=draw(KINDS),
        )
        for position in range(1, draw(st.integers(2, 7)))
    )
    return an_invoice(
        status=InvoiceStatus.ISSUED,
        lines=lines,
        currency=draw(st.sampled_from(["EUR", "JPY", "KWD"])),
        tax_rounding=draw(st.sampled_from(TaxRounding)),
        prices_include_tax=draw(st.booleans()),
    )


@st.composite
def requests(draw: st.DrawFn, invoice: Invoice) -> CreditRequest:
    """By amount, by net or by quantity; about a third of it."""
    if draw(st.booleans()):
        amount = quantise(invoice.total * draw(st.integers(1, 100)) / 150, invoice.currency)
        return CreditRequest(reason="Test", amount=amount)
    return CreditRequest(reason="Test", lines=tuple(draw(parts(line, invoice.currency)) for line in invoice.lines))


@st.composite
def parts(draw: st.DrawFn, line: Line, currency: str) -> LineCredit:
    """Part of a line."""
    share = Decimal(draw(st.integers(1, 100))) / 150
    if draw(st.booleans()):
        return LineCredit(line_id=line.id, quantity=line.quantity * share)
    return LineCredit(line_id=line.id, net=quantise(line.net * share, currency))


def plan(invoice: Invoice, notes: Iterable[Invoice], request: CreditRequest) -> Invoice:
    """The next note."""
    return plan_credit_note(invoice, [*notes], request, note_id="acme.20261115.N.1", today=TODAY, at=NOW)


def check_note(note: Invoice) -> None:
    """Its lines, groups and totals add up in the digits of the currency, and it is worth something."""
    unit = Decimal(1).scaleb(-exponent(note.currency))
    for group in note.taxes:
        lines = [line for line in note.lines if (line.tax.category, line.tax.percent) == (group.category, group.percent)]
        assert lines
        assert total(line.net for line in lines) == group.net
    assert (note.subtotal, note.tax_total) == (total(one.net for one in note.taxes), total(one.tax for one in note.taxes))
    assert note.total == note.subtotal + note.tax_total > 0
    amounts = [*(line.net for line in note.lines), *(one.tax for one in note.taxes), note.total]
    assert all(amount.as_tuple().exponent == unit.as_tuple().exponent for amount in amounts)


def check_caps(invoice: Invoice, notes: list[Invoice]) -> None:
    """What is left of each line and group lies between nothing and all of it."""
    rest = calculate_rest(invoice, notes)
    for group in rest.groups:
        assert is_part(group.net, group.group.net)
        assert is_part(group.tax, group.group.tax)
        assert group.net == total(line.net for line in group.lines)
        assert all(is_part(one.net, one.line.net) for one in group.lines)
    assert rest.gross == invoice.total - total(note.total for note in notes) >= 0


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_any_sequence_of_credit_notes_ends_at_the_invoice(data: st.DataObject) -> None:
    """Some in part, then the rest: their sum is the invoice, per line and per tax group, under every policy."""
    invoice = data.draw(invoices().filter(lambda one: one.total > 0))
    notes: list[Invoice] = []
    for _ in range(data.draw(st.integers(0, 5))):
        with suppress(Conflict, Invalid):
            notes.append(plan(invoice, notes, data.draw(requests(invoice))))
            check_note(notes[-1])
        check_caps(invoice, notes)
    if total(note.total for note in notes) < invoice.total:
        notes.append(plan(invoice, notes, CreditRequest(reason="The rest")))
        check_note(notes[-1])
        nets = {line.id: total(one.net for note in notes for one in note.lines if one.id == line.id) for line in invoice.lines}
        assert nets == {line.id: line.net for line in invoice.lines}
        assert {(one.net, one.tax) for one in calculate_rest(invoice, notes).groups} == {(Decimal(0), Decimal(0))}


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_an_amount_comes_back_to_the_cent(data: st.DataObject) -> None:
    """The total of a note by amount is that amount, and its tax is at most two units from what its net asks for."""
    invoice = data.draw(invoices().filter(lambda one: one.total > 0))
    unit = Decimal(1).scaleb(-exponent(invoice.currency))
    amount = unit * data.draw(st.integers(1, int(invoice.total / unit)))
    note = plan(invoice, [], CreditRequest(reason="Test", amount=amount))
    assert note.total == amount
    if invoice.tax_rounding is TaxRounding.PER_GROUP:
        assert all(abs(one.tax - one.net * one.percent / 100) <= 2 * unit for one in note.taxes)


@given(invoice=invoices())
def test_tax_bases_make_up_the_tax_groups(invoice: Invoice) -> None:
    """Every line is in one base; nets and taxes of the bases add up to the document's."""
    bases = calculate_tax_bases(invoice)
    assert sorted(key for base in bases for key in base.line_ids) == sorted(line.id for line in invoice.lines)
    assert (total(base.net for base in bases), total(base.tax for base in bases)) == (invoice.subtotal, invoice.tax_total)


def test_a_base_of_nothing_has_no_share_of_tax() -> None:
    """Lines that cancel out carry no tax, whichever of them is asked about."""
    base = TaxBase(line_ids=frozenset({"1", "2"}), net=Decimal(0), tax=Decimal(0))
    assert calculate_tax_due([base], {"1": Decimal(5), "2": Decimal(0)}, "EUR") == 0


ONE, TWO = a_line("1", "10.00"), a_line("2", "5.00")


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda _one, two: (two,), "Line 1 was credited"),
        (lambda one, two: (replace(one, tax=tax(6)), two), "Line 1 was credited"),
        (lambda one, two: (replace(one, unit_price=Decimal("3.99")), two), "4.00 of line 1 was credited"),
        (lambda one, two: (one, two, a_line("3", "-11.01")), "More was credited at 20 %"),
    ],
)
def test_a_revision_leaves_room_for_what_was_credited(change: Callable[[Line, Line], tuple[Line, ...]], message: str) -> None:
    """A credited line stays, at its rate, above what came back of it; and so does its tax group."""
    invoice = an_invoice(status=InvoiceStatus.ISSUED, lines=(ONE, TWO))
    note = plan(invoice, [], CreditRequest(reason="Test", lines=(LineCredit(line_id="1", net=Decimal("4.00")),)))
    with pytest.raises(Conflict, match=message) as caught:
        check_revision(an_invoice(status=InvoiceStatus.ISSUED, lines=change(ONE, TWO)), [note])
    assert caught.value.code == "total_below_paid"
    check_revision(an_invoice(status=InvoiceStatus.ISSUED, lines=(replace(ONE, unit_price=Decimal("4.00")),)), [note])


def test_a_revision_is_not_dated_after_its_credit_notes() -> None:
    """Up to the day of the first of them it may move."""
    invoice = an_invoice(status=InvoiceStatus.ISSUED)
    note = plan(invoice, [], CreditRequest(reason="Test", invoice_date=date(2026, 11, 20)))
    check_revision(replace(invoice, invoice_date=date(2026, 11, 20)), [note])
    with pytest.raises(Conflict, match="credited on 2026-11-20"):
        check_revision(replace(invoice, invoice_date=date(2026, 11, 21)), [note])
