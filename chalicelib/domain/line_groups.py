"""The lines of a long document summed up by kind and tax, so that the sums add up to the tax groups and the subtotal.

Adds up stored nets exactly; it rounds nothing and does not decide which documents are long (see `render.cover_lines`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import TypeAlias

from chalicelib.domain.invoice import Line, LineKind, LineUsage
from chalicelib.domain.money import total
from chalicelib.domain.tax import Tax
from chalicelib.domain.totals import USAGE_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class LineGroup:
    """What lines of one kind and tax come to. Dates are the first and last of them, inclusive; `usage` only for usage."""

    kind: LineKind
    tax: Tax
    net: Decimal
    usage: LineUsage | None = None
    start_date: date | None = None
    end_date: date | None = None


Entry: TypeAlias = tuple[int, Line] | LineGroup
"""A line with its position from 1, or a sum of lines."""


def group_lines(lines: Sequence[Line], most_single: int) -> list[Entry]:
    """Usage summed up by kind and tax; other lines one by one while there are at most `most_single`, else summed up too.

    Kinds keep their order. The nets of all entries of one (category, percent) are the net of its tax group.

    >>> lines = [Line(id=str(i), kind=LineKind.USAGE, unit_price=Decimal(1), net=Decimal(1)) for i in range(3)]
    >>> [(entry.kind.value, entry.net) for entry in group_lines(lines, 10) if isinstance(entry, LineGroup)]
    [('usage', Decimal('3'))]
    """
    few = sum(line.kind not in USAGE_KINDS for line in lines) <= most_single
    numbered = sorted(enumerate(lines, 1), key=lambda pair: _group_key(pair[1]))
    entries: list[Entry] = []
    for (kind, *_), together in groupby(numbered, key=lambda pair: _group_key(pair[1])):
        if few and kind not in _USAGE_POSITIONS:
            entries.extend(together)
        else:
            entries.append(_sum_up([line for _, line in together]))
    return entries


def carry_forward(lines: Sequence[Line], ends: Iterable[int]) -> list[Decimal]:
    """The sum of all nets up to each page's end, which is told by the count of lines before it; the last is the sum of all."""
    carried, first, sums = Decimal(0), 0, []
    for end in ends:
        carried = total([carried, *(line.net for line in lines[first:end])])
        sums.append(carried)
        first = end
    return sums


_POSITIONS = {kind: position for position, kind in enumerate(LineKind)}
_USAGE_POSITIONS = frozenset(_POSITIONS[kind] for kind in USAGE_KINDS)


def _group_key(line: Line) -> tuple[int, str, Decimal]:
    return _POSITIONS[line.kind], line.tax.category.value, line.tax.percent


def _sum_up(lines: Sequence[Line]) -> LineGroup:
    starts = [line.start_date for line in lines if line.start_date]
    ends = [line.end_date or line.start_date for line in lines]
    return LineGroup(
        kind=lines[0].kind,
        tax=lines[0].tax,
        net=total(line.net for line in lines),
        usage=_sum_usage(line.usage for line in lines),
        start_date=min(starts, default=None),
        end_date=max((end for end in ends if end), default=None) if starts else None,
    )


def _sum_usage(usages: Iterable[LineUsage | None]) -> LineUsage | None:
    known = [usage for usage in usages if usage]
    if not known:
        return None
    return LineUsage(
        calls=sum(usage.calls for usage in known),
        attempts=sum(usage.attempts for usage in known),
        duration_seconds=sum(usage.duration_seconds for usage in known),
        billed_seconds=sum(usage.billed_seconds for usage in known),
    )
