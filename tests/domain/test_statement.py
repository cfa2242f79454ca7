"""A customer's account over some days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.statement import Movement, MovementKind, Statement, calculate_statement

START, END = date(2026, 11, 1), date(2026, 11, 30)
NIGHT = datetime(2026, 11, 1, tzinfo=UTC)


def movement(day: int, *, debit: str | int = 0, credit: str | int = 0, entered: int | None = None, number: str = "") -> Movement:
    """An invoice or a payment so many days after the first of November, entered that day unless told otherwise."""
    return Movement(
        date=START + timedelta(days=day),
        kind=MovementKind.INVOICE if debit else MovementKind.PAYMENT,
        number=number,
        debit=Decimal(debit),
        credit=Decimal(credit),
        entered_at=NIGHT + timedelta(days=day if entered is None else entered),
    )


def november(*movements: Movement, known_at: datetime | None = None) -> Statement:
    """The statement of November."""
    return calculate_statement(movements, start=START, end=END, currency="EUR", known_at=known_at)


def test_opening_movements_closing() -> None:
    """Earlier days make the opening, both edges are inside, later days are not there, the balance runs."""
    statement = november(
        movement(30, debit="99.00"),
        movement(29, credit="5.00"),
        movement(0, debit="12.00", number="INV-1"),
        movement(-1, credit="2.00"),
        movement(-40, debit="10.00"),
    )
    assert statement.opening == Decimal("8.00")
    assert [(row.movement.number, str(row.balance)) for row in statement.rows] == [("INV-1", "20.00"), ("", "15.00")]
    assert statement.closing == Decimal("15.00")


def test_an_empty_month_closes_as_it_opened() -> None:
    """Without movements there is a balance all the same."""
    statement = november(movement(-1, debit="8.00"))
    assert (statement.opening, statement.rows, statement.closing) == (Decimal("8.00"), (), Decimal("8.00"))


def test_known_at_hides_what_was_entered_later() -> None:
    """A payment dated in November but entered in December does not change what was known on the first of December."""
    movements = [movement(3, debit="12.00"), movement(5, credit="12.00", entered=33)]
    assert november(*movements).closing == 0
    assert november(*movements, known_at=NIGHT + timedelta(days=30)).closing == Decimal("12.00")
    assert november(*movements, known_at=NIGHT + timedelta(days=33)).closing == 0


@given(
    st.lists(st.tuples(st.integers(-20, 40), st.integers(1, 10_000), st.booleans()), max_size=25), st.integers(0, 29), st.data()
)
def test_statements_join(entries: list[tuple[int, int, bool]], cut: int, data: st.DataObject) -> None:
    """Two halves of a month continue each other, and the order of reading does not matter."""
    movements = [
        movement(day, debit=cents if owed else 0, credit=0 if owed else cents, number=str(n))
        for n, (day, cents, owed) in enumerate(entries)
    ]
    middle = START + timedelta(days=cut)
    whole = november(*data.draw(st.permutations(movements)))
    first = calculate_statement(movements, start=START, end=middle, currency="EUR")
    second = calculate_statement(movements, start=middle + timedelta(days=1), end=END, currency="EUR")
    assert (whole.opening, whole.closing) == (first.opening, second.closing)
    assert first.closing == second.opening
    assert whole.rows == first.rows + second.rows
    assert whole.closing == whole.opening + sum(row.movement.debit - row.movement.credit for row in whole.rows)
