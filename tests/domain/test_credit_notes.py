"""Credit notes of an invoice: whole, by amount, by line; caps to the cent; any sequence ends exactly at the invoice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.credit_notes import plan_credit_note
from chalicelib.domain.credit_requests import CreditRequest, LineCredit
from chalicelib.domain.credits import calculate_rest
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus, LineKind, LineUsage
from chalicelib.domain.tax import TaxRounding
from tests.support.builders import NOW, TODAY, a_line, an_invoice, tax


def issued(*lines: Any, **fields: Any) -> Invoice:
    """An issued invoice of the lines."""
    return an_invoice(status=InvoiceStatus.ISSUED, lines=lines or (a_line(),), **fields)


def credited(invoice: Invoice, *earlier: Invoice, on: date = TODAY, **asked: Any) -> Invoice:
    """The next credit note of the invoice."""
    request = CreditRequest(**{"reason": "Wrong price", **asked})
    return plan_credit_note(invoice, earlier, request, note_id=f"acme.20261115.N.{len(earlier)}", today=on, at=NOW)


def nets(note: Invoice) -> list[tuple[str, str]]:
    """Ids and nets of the lines."""
    return [(line.id, str(line.net)) for line in note.lines]


def taxes(note: Invoice) -> list[tuple[str, str]]:
    """Net and tax of the groups."""
    return [(str(group.net), str(group.tax)) for group in note.taxes]


def of_lines(*asked: tuple[str, dict[str, str]]) -> dict[str, Any]:
    """A request by lines."""
    return {"lines": tuple(LineCredit(line_id=key, **{k: Decimal(v) for k, v in given.items()}) for key, given in asked)}


def test_the_whole_invoice_is_mirrored() -> None:
    """Lines, taxes and total as on the invoice, positive, with a reason, the original's number and date, and no number yet."""
    usage = LineUsage(calls=3, attempts=4, duration_seconds=60, billed_seconds=60)
    invoice = issued(
        a_line("1", "10.00", 10),
        a_line("2", "1.00", 5, tax=tax(6), kind=LineKind.USAGE, usage=usage),
        a_line("3", "0.00"),
        buyer_reference="PO 7",
        notes="Thank you",
    )
    note = credited(invoice, reason=" Wrong price ")
    assert (note.kind, note.status, note.number, note.reason) == (
        InvoiceKind.CREDIT_NOTE,
        InvoiceStatus.DRAFT,
        None,
        "Wrong price",
    )
    assert note.lines == invoice.lines[:2]
    assert (note.taxes, note.total) == (invoice.taxes, Decimal("125.30"))
    original = (note.original_invoice_id, note.original_invoice_number, note.original_invoice_date)
    assert original == (invoice.id, "INV-1001", invoice.invoice_date)
    assert (note.buyer_reference, note.notes, note.due_date, note.issued_at) == ("PO 7", "", TODAY, None)


def test_the_rest_is_what_earlier_notes_left() -> None:
    """A second note of the whole invoice takes back only what the first one left, and then there is nothing."""
    invoice = issued(a_line("1", "10.00", 3), a_line("2", "7.00", tax=tax(6)))
    first = credited(invoice, **of_lines(("1", {"quantity": "1"})))
    rest = credited(invoice, first)
    assert (nets(first), first.total) == ([("1", "10.00")], Decimal("12.00"))
    assert (nets(rest), rest.lines[0].quantity, rest.total) == ([("1", "20.00"), ("2", "7.00")], Decimal(2), Decimal("31.42"))
    assert calculate_rest(invoice, [first, rest]).gross == 0


def test_an_amount_is_split_over_groups_net_and_lines() -> None:
    """Half of 125.30 takes back half of each group; net and tax of each group add up, and so does the whole."""
    invoice = issued(a_line("1", "10.00", 7), a_line("2", "30.00"), a_line("3", "1.00", 5, tax=tax(6)))
    note = credited(invoice, amount=Decimal("62.65"))
    assert taxes(note) == [("50.00", "10.00"), ("2.50", "0.15")]
    assert nets(note) == [("1", "35.00"), ("2", "15.00"), ("3", "2.50")]
    assert [(line.quantity, line.unit_price) for line in note.lines[:1]] == [(Decimal(1), Decimal("35.00"))]
    assert note.total == Decimal("62.65")


def test_the_smallest_amounts_leave_net_while_anything_is_left() -> None:
    """Two times one cent and the rest of 0.03 + 0.01: no note is of tax alone."""
    invoice = issued(a_line("1", "0.03"))
    assert taxes(invoice) == [("0.03", "0.01")]
    first = credited(invoice, amount=Decimal("0.01"))
    second = credited(invoice, first, amount=Decimal("0.02"))
    last = credited(invoice, first, second)
    assert [taxes(one) for one in (first, second, last)] == [[("0.01", "0.00")], [("0.01", "0.01")], [("0.01", "0.00")]]


def test_units_are_rounded_on_all_that_came_back() -> None:
    """Three units of together 0.10: 0.03, 0.04 and 0.03, each printed as one unit at its own price."""
    invoice = issued(a_line("1", "0.0333", 3))
    notes: list[Invoice] = []
    for _ in range(3):
        notes.append(credited(invoice, *notes, **of_lines(("1", {"quantity": "1"}))))
    assert [nets(one) for one in notes] == [[("1", "0.03")], [("1", "0.04")], [("1", "0.03")]]
    assert {(line.quantity, line.unit_price) for one in notes for line in one.lines} == {(Decimal(1), Decimal("0.0333"))}
    with pytest.raises(Conflict, match="Only 0 of line 1"):
        credited(invoice, *notes, **of_lines(("1", {"quantity": "1"})))


def test_small_parts_of_a_line_bring_its_tax_in_time() -> None:
    """Fifty times 0.02 of 1.00 + 0.20: the tax that was taken back is never a cent apart from its share."""
    invoice = issued(a_line("1", "1.00"))
    notes: list[Invoice] = []
    for count in range(1, 51):
        notes.append(credited(invoice, *notes, **of_lines(("1", {"net": "0.02"}))))
        share = Decimal("0.20") * count / 50
        assert abs(sum(one.tax_total for one in notes) - share) < Decimal("0.01")
    assert calculate_rest(invoice, notes).gross == 0


def test_tax_rounded_per_line_comes_back_with_its_line() -> None:
    """A hundred lines of 0.03 carry 0.01 each; the line of 100.00 takes back its own 20.00 and no share of those."""
    small = [a_line(str(number), "0.03") for number in range(1, 101)]
    invoice = issued(*small, a_line("101", "100.00"), tax_rounding=TaxRounding.PER_LINE)
    large = credited(invoice, **of_lines(("101", {"net": "100.00"})))
    assert (invoice.tax_total, large.tax_total) == (Decimal("21.00"), Decimal("20.00"))
    assert taxes(credited(invoice, large)) == [("3.00", "1.00")]


def test_units_cost_what_they_cost_where_prices_include_tax() -> None:
    """One of three at 9.99 with tax gives back 9.99, each time; part of a net shows its price with tax."""
    invoice = issued(a_line("1", "9.99", 3), prices_include_tax=True)
    notes: list[Invoice] = []
    for _ in range(3):
        notes.append(credited(invoice, *notes, **of_lines(("1", {"quantity": "1"}))))
    assert [str(one.total) for one in notes] == ["9.99", "9.99", "9.99"]
    part = credited(invoice, **of_lines(("1", {"net": "10.00"})))
    assert (part.lines[0].unit_price, part.total) == (Decimal("12.00"), Decimal("12.00"))


def test_discounts_come_back_with_what_they_lowered() -> None:
    """A line above zero cannot come back beyond its tax group; a discount has the sign of its line."""
    invoice = issued(a_line("1", "100.00"), a_line("2", "-10.00"))
    with pytest.raises(Conflict, match=r"only 90.00 net is left"):
        credited(invoice, **of_lines(("1", {"net": "100.00"})))
    half = credited(invoice, amount=Decimal("54.00"))
    assert nets(half) == [("1", "50.00"), ("2", "-5.00")]
    assert nets(credited(invoice, half)) == [("1", "50.00"), ("2", "-5.00")]
    with pytest.raises(Invalid, match="nothing or less"):
        credited(issued(a_line("1", "100.00"), a_line("2", "-10.00", tax=tax(6))), **of_lines(("2", {"net": "-10.00"})))


def test_no_group_makes_up_for_another() -> None:
    """120.00 of a group may not come back where a discount at another rate left 109.40 of the invoice."""
    invoice = issued(a_line("1", "100.00"), a_line("2", "-10.00", tax=tax(6)))
    with pytest.raises(Conflict, match=r"comes to 120.00; only 109.40"):
        credited(invoice, **of_lines(("1", {"net": "100.00"})))


def test_a_group_of_tax_alone_still_has_a_line() -> None:
    """0.03 − 0.02 − 0.01 leave no net and, rounded per line, a cent of tax: it comes back on a line of nothing."""
    lines = (a_line("1", "0.03"), a_line("2", "-0.02"), a_line("3", "-0.01"), a_line("4", "1.00", tax=tax(6)))
    invoice = issued(*lines, tax_rounding=TaxRounding.PER_LINE)
    assert taxes(invoice) == [("0.00", "0.01"), ("1.00", "0.06")]
    all_but_tax = credited(invoice, **of_lines(("4", {"net": "1.00"})))
    plain = credited(invoice, all_but_tax, amount=Decimal("0.01"))
    assert (taxes(all_but_tax), taxes(plain)) == ([("1.00", "0.06")], [("0.00", "0.01")])
    assert nets(credited(invoice, **of_lines(("1", {"net": "0.03"}), ("2", {"net": "-0.02"}), ("3", {"net": "-0.01"})))) == [
        ("1", "0.03"),
        ("2", "-0.02"),
        ("3", "-0.01"),
    ]
    single = an_invoice(status=InvoiceStatus.ISSUED, lines=lines[:3], tax_rounding=TaxRounding.PER_LINE)
    first = credited(single, **of_lines(("1", {"net": "0.03"}), ("2", {"net": "-0.02"}), ("3", {"net": "-0.01"})))
    assert calculate_rest(single, [first]).gross == 0


@pytest.mark.parametrize(
    "asked, message",
    [
        ({"amount": Decimal("12.01")}, "Only 12.00 EUR"),
        (of_lines(("1", {"net": "10.01"})), "Only 10.00 EUR net of line 1"),
        (of_lines(("1", {"quantity": "1.1"})), "Only 1 of line 1"),
    ],
)
def test_more_than_is_left_is_refused(asked: dict[str, Any], message: str) -> None:
    """By amount, by net and by quantity."""
    with pytest.raises(Conflict, match=message) as caught:
        credited(issued(), **asked)
    assert caught.value.code == "over_credited"


def test_units_are_refused_where_an_amount_took_them() -> None:
    """5.00 of 2 × 5.00 came back as an amount of 6.00 net; two units are no longer left."""
    invoice = issued(a_line("1", "5.00", 2))
    first = credited(invoice, **of_lines(("1", {"net": "6.00"})))
    with pytest.raises(Conflict, match=r"Only 4\.00 EUR net"):
        credited(invoice, first, **of_lines(("1", {"quantity": "1"})))
    rest = credited(invoice, first, **of_lines(("1", {"net": "4.00"})))
    assert (rest.lines[0].quantity, rest.lines[0].unit_price, rest.total) == (Decimal(1), Decimal("4.00"), Decimal("4.80"))


def test_a_credit_note_is_not_dated_before_its_invoice() -> None:
    """Without date it is of today, or of the invoice's date where that is later."""
    invoice = issued()
    assert credited(invoice, on=date(2026, 11, 20)).invoice_date == date(2026, 11, 20)
    assert credited(invoice, on=date(2026, 11, 1)).invoice_date == invoice.invoice_date
    assert credited(invoice, invoice_date=date(2026, 12, 24)).invoice_date == date(2026, 12, 24)
    with pytest.raises(Invalid) as caught:
        credited(invoice, invoice_date=date(2026, 11, 14))
    assert [issue.path for issue in caught.value.issues] == ["invoice_date"]


def test_every_issue_of_a_request_is_told_at_once() -> None:
    """Reason, date, lines that do not exist or come twice, amounts of the wrong sign or too fine."""
    invoice = issued(a_line("1"), a_line("2"), a_line("3", "-1.00"), a_line("4", 0, 0))
    lines = of_lines(
        ("9", {"net": "1"}),
        ("1", {"net": "1"}),
        ("1", {"net": "1"}),
        ("2", {"net": "0.001"}),
        ("3", {"net": "1.00"}),
        ("4", {"quantity": "1"}),
    )
    with pytest.raises(Invalid) as caught:
        credited(invoice, reason=" ", amount=Decimal(0), **lines)
    assert [(issue.path, issue.code) for issue in caught.value.issues] == [
        ("reason", "required"),
        ("amount", "invalid_amount"),
        ("lines.0.line_id", "unknown_line"),
        ("lines.2.line_id", "invalid_value"),
        ("lines.3.net", "invalid_amount"),
        ("lines.4.net", "invalid_amount"),
        ("lines.5.quantity", "invalid_value"),
    ]
    with pytest.raises(Invalid, match="at least one line"):
        credited(invoice, lines=())


def test_lines_come_in_the_order_of_the_invoice() -> None:
    """Whatever their tax groups, and in whatever order they were asked for."""
    invoice = issued(a_line("1", tax=tax(6)), a_line("2"), a_line("3", tax=tax(6)))
    asked: Sequence[tuple[str, dict[str, str]]] = [(key, {"net": "1.00"}) for key in ("3", "2", "1")]
    assert [line.id for line in credited(invoice, **of_lines(*asked)).lines] == ["1", "2", "3"]
