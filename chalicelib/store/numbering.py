"""Numbers without holes: the series' counter, the blocks taken from it, and the two transactions that take them.

A number is only ever taken together with the record of what it is for: a pinned chunk or one invoice. So a crash leaves either
nothing, or a block whose owner is known and will be completed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from pynamodb.transactions import TransactWrite
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.numbering import check_date, counter_key, format_number
from chalicelib.domain.operator import DateOrder, Series
from chalicelib.store import keys
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.tables import BillingItem, BlockItem, CounterItem, SeriesItem
from chalicelib.store.transaction import commit

ATTEMPTS = 12
COUNTERS = "SEQS"
_jitter = wait_random_exponential(multiplier=0.05, max=2)


@dataclass(frozen=True, slots=True)
class Want:
    """Numbers wanted from one counter: how many, and the latest date they are for."""

    series: Series
    counter: str
    count: int
    last_date: date


@dataclass(frozen=True, slots=True)
class Got:
    """The first number of a block, and the date no invoice of the block may precede where order is strict."""

    first: int
    floor: str

    @property
    def floor_date(self) -> date:
        """The floor as a date."""
        return date.fromisoformat(self.floor)


@dataclass(frozen=True, slots=True)
class Block:
    """Numbers `first`..`last` of a counter, and what they were taken for."""

    counter: str
    first: int
    last: int
    source: str


def take_block(
    wants: Sequence[Want],
    source: str,
    *,
    mark: Callable[[TransactWrite, dict[str, Any]], None],
    find_mark: Callable[[], dict[str, Any] | None],
) -> dict[str, Got]:
    """Take blocks from several counters and set the owner's mark, all or nothing; a mark that is there already counts.

    `mark` adds the conditional write of the numbers to the owner's item; `find_mark` reads them back. Raises Unavailable under
    contention.
    """
    for attempt in _contended():
        with attempt:
            states = {want.counter: _find_series(want.counter) for want in wants}
            got = {want.counter: _next(want, states[want.counter]) for want in wants}

            def fill(transaction: TransactWrite) -> None:
                for want in wants:
                    _move(transaction, want, states[want.counter], got[want.counter], source)  # noqa: B023  # called at once
                mark(transaction, {counter: asdict(value) for counter, value in got.items()})  # noqa: B023

            try:
                commit(fill)
            except ConditionFailedError as error:
                known = find_mark()
                if known is not None:
                    return {counter: Got(**value) for counter, value in known.items()}
                raise _ContendedError from error
            return got
    raise AssertionError("tenacity returns or raises")


def issue_invoice(
    invoice: Invoice, series: Series, *, order: DateOrder, put: Callable[[TransactWrite, Invoice], None]
) -> Invoice:
    """Give one invoice the next number of its series in the transaction that issues it; returns it numbered.

    `put` adds the conditional write of the numbered invoice (and what must go with it). Raises Conflict(date_order) when dates
    are strict and the series is further on; ConditionFailedError when `put`'s conditions do not hold.
    """
    counter = counter_key(series, invoice.invoice_date)
    for attempt in _contended():
        with attempt:
            state = _find_series(counter)
            check_date(invoice.invoice_date, date.fromisoformat(state.last_date) if state else None, order)
            want = Want(series, counter, 1, invoice.invoice_date)
            got = _next(want, state)
            numbered = number_invoice(invoice, series, got.first)

            def fill(transaction: TransactWrite) -> None:
                _move(transaction, want, state, got, numbered.id)  # noqa: B023  # called at once
                put(transaction, numbered)  # noqa: B023

            try:
                commit(fill)
            except ConditionFailedError as error:
                if not _counter_moved(counter, state):
                    raise
                raise _ContendedError from error
            return numbered
    raise AssertionError("tenacity returns or raises")


def number_invoice(invoice: Invoice, series: Series, sequence: int) -> Invoice:
    """The invoice with its number; counter name and sequence are kept for the account of numbers."""
    number = format_number(series, sequence, invoice.invoice_date)
    return replace(invoice, number=number, series=counter_key(series, invoice.invoice_date), sequence=sequence)


@retried
def list_blocks(counter: str, after: int | None = None, limit: int | None = None) -> list[Block]:
    """The blocks taken from a counter, in order of numbers; only those behind the number `after`, at most `limit`."""
    wanted = BlockItem.sk.startswith("B#") if after is None else BlockItem.sk > keys.block_sk(after)
    found = BlockItem.query(keys.series_pk(counter), wanted, consistent_read=True, limit=limit)
    return [Block(counter, int(item.lo), int(item.hi), item.source) for item in found]


@retried
def find_block(counter: str, sequence: int) -> Block | None:
    """The block that a number was taken in, or None when it never was."""
    found = BlockItem.query(keys.series_pk(counter), BlockItem.sk >= keys.block_sk(sequence), limit=1, consistent_read=True)
    for item in found:
        if int(item.lo) <= sequence:
            return Block(counter, int(item.lo), int(item.hi), item.source)
    return None


@retried
def list_counters() -> list[str]:
    """Every counter that a number was ever taken from."""
    return [item.sk for item in CounterItem.query(COUNTERS, consistent_read=True)]


def find_last(counter: str) -> tuple[int, date] | None:
    """The last number taken from a counter and the last date it was taken for, or None for an untouched counter."""
    item = _find_series(counter)
    return None if item is None else (int(item.n), date.fromisoformat(item.last_date))


class _ContendedError(Exception):
    """Somebody else moved a counter between read and write."""


def _contended() -> Iterator[Any]:
    def give_up(_state: Any) -> None:
        raise Unavailable("the number series is contended")

    again = retry_if_exception_type(_ContendedError)
    return iter(Retrying(stop=stop_after_attempt(ATTEMPTS), wait=_jitter, retry=again, retry_error_callback=give_up))


def _next(want: Want, state: SeriesItem | None) -> Got:
    if state is None:
        return Got(want.series.start, date.min.isoformat())
    return Got(int(state.n) + 1, state.last_date)


def _move(transaction: TransactWrite, want: Want, state: SeriesItem | None, got: Got, source: str) -> None:
    last = got.first + want.count - 1
    on = max(want.last_date.isoformat(), got.floor)
    moved = SeriesItem(keys.series_pk(want.counter), "0", n=last, last_date=on, series=asdict(want.series))
    untouched = SeriesItem.pk.does_not_exist() if state is None else SeriesItem.n == int(state.n)
    transaction.save(moved, condition=untouched)
    if state is None:
        transaction.save(CounterItem(COUNTERS, want.counter))
    block = BlockItem(keys.series_pk(want.counter), keys.block_sk(last), lo=got.first, hi=last, source=source)
    transaction.save(block, condition=BillingItem.pk.does_not_exist())


def _counter_moved(counter: str, state: SeriesItem | None) -> bool:
    now = _find_series(counter)
    return (now is None) != (state is None) or (now is not None and state is not None and int(now.n) != int(state.n))


@retried
def _find_series(counter: str) -> SeriesItem | None:
    try:
        return SeriesItem.get(keys.series_pk(counter), "0", consistent_read=True)
    except SeriesItem.DoesNotExist:
        return None
