"""What an invoice adds up to, under every policy."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.invoice import Line, LineKind
from chalicelib.domain.money import from_minor, quantise
from chalicelib.domain.tax import TaxCategory, TaxRounding
from chalicelib.domain.totals import Totals, apply_totals, calculate_line_net, calculate_totals
from tests.support.builders import a_line, an_invoice, tax

POLICIES = [(rounding, inclusive) for rounding in TaxRounding for inclusive in (False, True)]
TAXES = st.sampled_from(
    [tax(20), tax("20.0"), tax(6), tax("8.25"), tax(0), tax(0, TaxCategory.ZERO), tax(0, TaxCategory.REVERSE_CHARGE)]
)
KINDS = st.sampled_from([LineKind.MANUAL, LineKind.PACKAGE, LineKind.USAGE, LineKind.LATE_USAGE, LineKind.CREDIT])


@st.composite
def documents(draw: st.DrawFn) -> list[Line]:
    """Up to eight lines of mixed kinds, taxes, signs and scales."""
    return [
        a_line(
            f"{position:02}",
            draw(st.decimals(min_value=-100, max_value=1000, places=draw(st.integers(0, 6)))),
            draw(st.decimals(min_value=0, max_value=50, places=2)),
            discount_percent=draw(st.sampled_from([Decimal(0), Decimal("12.5"), Decimal(100)])),
            tax=draw(TAXES),
            kind=draw(KINDS),
        )
        for position in range(draw(st.integers(0, 8)))
    ]


def totals_of(*lines: Line, currency: str = "EUR", inclusive: bool = False, per_line: bool = False) -> Totals:
    """Totals in EUR, tax on top and per group unless told otherwise."""
    rounding = TaxRounding.PER_LINE if per_line else TaxRounding.PER_GROUP
    return calculate_totals(lines, currency=currency, rounding=rounding, inclusive=inclusive)


def usage(line_id: str, price: str, **fields: object) -> Line:
    """A usage line: quantity 1, unit price = the exact sum of call charges."""
    return replace(a_line(line_id, price, kind=LineKind.USAGE), **fields)  # type: ignore[arg-type]


def nets(totals: Totals) -> list[str]:
    """The printed nets."""
    return [str(line.net) for line in totals.lines]


def test_the_sample_invoice_adds_up() -> None:
    """10 × 10.00 at 20 % and 5 × 1.00 at 6 % make 105.00 + 20.30 = 125.30."""
    totals = totals_of(a_line("1", 10, 10, tax=tax(20)), a_line("2", 1, 5, tax=tax(6)))
    assert (str(totals.subtotal), str(totals.tax_total), str(totals.total)) == ("105.00", "20.30", "125.30")
    assert [(str(group.percent), str(group.net), str(group.tax)) for group in totals.taxes] == [
        ("20", "100.00", "20.00"),
        ("6", "5.00", "0.30"),
    ]


def test_a_hundred_small_calls_are_not_lost() -> None:
    """100 calls of 0.0008 cost 0.08, on one line or on a hundred."""
    assert str(totals_of(usage("1", "0.08")).subtotal) == "0.08"
    each = totals_of(*(usage(f"{call:03}", "0.0008") for call in range(100)))
    assert str(each.subtotal) == "0.08"
    assert nets(each) == ["0.01"] * 8 + ["0.00"] * 92


def test_half_cents_round_up_on_each_line() -> None:
    """Two lines of 0.125 are 0.13 each."""
    assert nets(totals_of(a_line("1", "0.125"), a_line("2", "0.125"))) == ["0.13", "0.13"]


def test_a_discount_is_taken_before_the_one_rounding() -> None:
    """3 × 9.99 less 15 % is 25.4745, rounded once to 25.47."""
    assert str(calculate_line_net(a_line(price="9.99", quantity=3, discount_percent=Decimal(15)), "EUR")) == "25.47"


def test_long_numbers_are_multiplied_exactly() -> None:
    """The largest scales that the rules allow lose nothing before rounding."""
    line = a_line(price="999999999999.999999999999", quantity="0.000000000001")
    assert str(calculate_line_net(line, "CLF")) == "1.0000"


@pytest.mark.parametrize("per_line, expected", [(False, "0.05"), (True, "0.06")])
def test_the_policy_says_where_tax_is_rounded(per_line: bool, expected: str) -> None:
    """Three nets of 0.09 at 20 % owe round(0.054) by group, three times round(0.018) by line."""
    totals = totals_of(*(a_line(str(n), "0.09") for n in range(3)), per_line=per_line)
    assert str(totals.tax_total) == expected


def test_gross_is_sacred_when_prices_include_tax() -> None:
    """Three gross lines of 10.00 at 20 % stay 30.00; nets are apportioned to the group's 25.00."""
    totals = totals_of(*(a_line(str(n), "10.00") for n in range(3)), inclusive=True)
    assert (str(totals.subtotal), str(totals.tax_total), str(totals.total)) == ("25.00", "5.00", "30.00")
    assert nets(totals) == ["8.34", "8.33", "8.33"]


def test_inclusive_prices_by_line_round_each_line() -> None:
    """Under per_line each gross 10.00 holds net 8.33 and tax 1.67."""
    totals = totals_of(*(a_line(str(n), "10.00") for n in range(3)), inclusive=True, per_line=True)
    assert nets(totals) == ["8.33"] * 3
    assert (str(totals.tax_total), str(totals.total)) == ("5.01", "30.00")


def test_inclusive_lines_that_cancel_out_keep_their_nets() -> None:
    """A gross discount as large as the price leaves nothing, and each line still shows its own net."""
    totals = totals_of(a_line("1", "10.00"), a_line("2", "-10.00"), inclusive=True)
    assert nets(totals) == ["8.33", "-8.33"]
    assert str(totals.total) == "0.00"


def test_groups_come_in_printed_order_and_take_the_first_name() -> None:
    """S before Z before AE, the higher rate first; name and reason are those of the group's first line."""
    taxes = [
        tax(0, TaxCategory.REVERSE_CHARGE, reason="first"),
        tax(0, TaxCategory.ZERO),
        tax(6, name="VAT"),
        tax(20, name="TVA"),
        tax("20.00", name="other"),
        tax(0, TaxCategory.REVERSE_CHARGE, reason="second"),
    ]
    totals = totals_of(*(a_line(str(n), tax=one) for n, one in enumerate(taxes)))
    assert [(group.category.value, str(group.percent), group.name, group.reason) for group in totals.taxes] == [
        ("S", "20", "TVA", ""),
        ("S", "6", "VAT", ""),
        ("Z", "0", "VAT", ""),
        ("AE", "0", "VAT", "first"),
    ]


def test_no_lines_are_zero() -> None:
    """An empty draft has no tax groups and zeros in the currency's digits."""
    totals = totals_of(currency="KWD")
    assert (totals.taxes, str(totals.total)) == ((), "0.000")


def test_usage_is_rounded_per_tax_group() -> None:
    """Charges at different rates never share a rounding; other lines are not drawn in."""
    totals = totals_of(usage("1", "0.004"), usage("2", "0.004"), usage("3", "0.004", tax=tax(6)), a_line("4", "0.004"))
    assert nets(totals) == ["0.01", "0.00", "0.00", "0.00"]


@given(st.lists(st.decimals(min_value=0, max_value=5, places=4), min_size=1, max_size=20), st.sampled_from(POLICIES))
def test_grouping_never_changes_a_total(charges: list[Decimal], policy: tuple[TaxRounding, bool]) -> None:
    """The same charges on many usage lines or on one give the same figures, under every policy."""
    many = [usage(f"{n:02}", str(charge)) for n, charge in enumerate(charges)]
    one = [usage("1", str(sum(charges)))]
    rounding, inclusive = policy
    split, whole = (
        calculate_totals([a_line("m", "3.33"), *lines], currency="EUR", rounding=rounding, inclusive=inclusive)
        for lines in (many, one)
    )
    assert split.taxes == whole.taxes
    assert split.total == whole.total


@pytest.mark.parametrize("rounding, inclusive", POLICIES)
@given(lines=documents(), currency=st.sampled_from(["JPY", "EUR", "KWD", "CLF"]))
def test_what_is_printed_adds_up(rounding: TaxRounding, inclusive: bool, lines: list[Line], currency: str) -> None:
    """Subtotal = Σ line nets = Σ group nets, tax = Σ group taxes, total = both, all in the currency's digits."""
    totals = calculate_totals(lines, currency=currency, rounding=rounding, inclusive=inclusive)
    assert totals.subtotal == sum(line.net for line in totals.lines) == sum(group.net for group in totals.taxes)
    assert totals.tax_total == sum(group.tax for group in totals.taxes)
    assert totals.total == totals.subtotal + totals.tax_total
    figures = [totals.subtotal, totals.tax_total, totals.total, *(line.net for line in totals.lines)]
    assert all(str(figure) == str(quantise(figure, currency)) for figure in figures)
    for group in totals.taxes:
        members = [line.net for line in totals.lines if (line.tax.category, line.tax.percent) == (group.category, group.percent)]
        assert group.net == sum(members)


@given(lines=documents())
def test_group_tax_follows_the_norm(lines: list[Line]) -> None:
    """Tax of a group = its net × percent / 100, rounded (EN 16931 BR-CO-17)."""
    for group in totals_of(*lines).taxes:
        assert group.tax == quantise(group.net * group.percent / 100, "EUR")


@given(lines=documents(), per_line=st.booleans(), currency=st.sampled_from(["JPY", "EUR", "CLF"]))
def test_inclusive_gross_is_kept_to_the_cent(lines: list[Line], per_line: bool, currency: str) -> None:
    """The total of ordinary gross lines is exactly what the lines say."""
    plain = [replace(line, kind=LineKind.MANUAL) for line in lines]
    totals = totals_of(*plain, currency=currency, inclusive=True, per_line=per_line)
    assert totals.total == sum((calculate_line_net(line, currency) for line in plain), Decimal(0))


@pytest.mark.parametrize("rounding, inclusive", POLICIES)
@given(lines=documents(), random=st.randoms())
def test_the_order_of_lines_does_not_matter(rounding: TaxRounding, inclusive: bool, lines: list[Line], random: object) -> None:
    """Shuffled lines have the same nets, and the same tax groups in the same order."""
    shuffled = list(lines)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    there, again = (
        calculate_totals(given, currency="EUR", rounding=rounding, inclusive=inclusive) for given in (lines, shuffled)
    )
    assert {line.id: line.net for line in there.lines} == {line.id: line.net for line in again.lines}
    assert [(g.category, g.percent, g.net, g.tax) for g in there.taxes] == [
        (g.category, g.percent, g.net, g.tax) for g in again.taxes
    ]


@pytest.mark.parametrize("rounding, inclusive", POLICIES)
@given(lines=documents())
def test_applying_twice_is_applying_once(rounding: TaxRounding, inclusive: bool, lines: list[Line]) -> None:
    """A document keeps its figures when it is calculated again, under its own policy."""
    invoice = an_invoice(lines=tuple(lines), tax_rounding=rounding, prices_include_tax=inclusive)
    assert apply_totals(invoice) == invoice


def test_apply_totals_leaves_payments_alone() -> None:
    """What was paid stays and the amount due follows the new total."""
    invoice = an_invoice(amount_paid=Decimal("2.00"))
    changed = apply_totals(replace(invoice, lines=(a_line(price=100),)))
    assert (changed.amount_paid, changed.total, changed.amount_due) == (Decimal("2.00"), Decimal("120.00"), Decimal("118.00"))


@given(st.integers(0, 10**9), st.sampled_from([5, 6, 19, 20, 21]))
def test_gross_of_one_line_splits_into_net_and_tax(minor: int, percent: int) -> None:
    """For one gross line net + tax = gross and the net is within half a cent of gross / (1 + rate)."""
    gross = from_minor(minor, "EUR")
    totals = totals_of(a_line(price=gross, tax=tax(percent)), inclusive=True)
    assert totals.total == gross
    assert abs(totals.subtotal - gross * 100 / (100 + percent)) <= Decimal("0.005")


def test_the_odd_cents_go_to_the_first_counted_lines() -> None:
    """Eleven equal charges share 0.06: lines 1 to 6 take it, not lines 1, 10 and 11."""
    totals = totals_of(*(usage(str(n), "0.005") for n in range(1, 12)))
    assert nets(totals) == ["0.01"] * 6 + ["0.00"] * 5
