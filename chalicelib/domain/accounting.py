"""What a document books: its net and tax by tax group and kind of revenue, and the same with the other sign when it is void.

Splits what is stored and calculates nothing anew, so the postings of a document always add up to its totals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from chalicelib.domain.history import void_date
from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus, Line, LineKind
from chalicelib.domain.money import ZERO, apportion
from chalicelib.domain.tax import TaxGroup


class PostingKind(StrEnum):
    """Why it is booked: the document was issued, or what it had booked was taken back as it was made void."""

    ISSUE = "issue"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One amount to book on a day. Amounts are signed, in the document's currency: credit notes and voids take back."""

    kind: PostingKind
    on: date
    group: TaxGroup
    revenue: LineKind
    net: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        """net + tax."""
        return self.net + self.tax


def list_postings(document: Invoice) -> tuple[Posting, ...]:
    """What the document books, in order of tax groups and kinds; all of it once more against it when it is void.

    The net of a posting is the sum of its lines; the tax of a group is shared by net, by largest remainder, so that the
    postings of an issued document add up to its subtotal, tax total and total to the cent. Nothing for a draft, or without lines.
    """
    if document.status is InvoiceStatus.DRAFT:
        return ()
    issued = tuple(posting for group in document.taxes for posting in _split(document, group))
    voided_on = void_date(document)
    if voided_on is None:
        return issued
    return (*issued, *(_taken_back(posting, voided_on) for posting in issued))


def _split(document: Invoice, group: TaxGroup) -> Iterator[Posting]:
    """The group by kind of revenue."""
    nets = _nets(line for line in document.lines if (line.tax.category, line.tax.percent) == (group.category, group.percent))
    sign = -1 if document.kind is InvoiceKind.CREDIT_NOTE else 1
    taxes = apportion(group.tax, list(nets.values()), range(len(nets)), document.currency)
    for (revenue, net), tax in zip(nets.items(), taxes, strict=True):
        amounts = {"net": sign * net, "tax": sign * tax}
        yield Posting(kind=PostingKind.ISSUE, on=document.invoice_date, group=group, revenue=revenue, **amounts)


def _nets(lines: Iterable[Line]) -> dict[LineKind, Decimal]:
    """The net of each kind that there is, in the order of kinds."""
    found: dict[LineKind, Decimal] = {}
    for line in lines:
        found[line.kind] = found.get(line.kind, ZERO) + line.net
    return {kind: found[kind] for kind in LineKind if kind in found}


def _taken_back(posting: Posting, on: date) -> Posting:
    return replace(posting, kind=PostingKind.VOID, on=on, net=-posting.net, tax=-posting.tax)
