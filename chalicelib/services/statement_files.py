"""A statement of account to carry away: as CSV at once, as PDF when it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.domain.designs import design_of
from chalicelib.domain.periods import local_date
from chalicelib.domain.snapshots import build_customer_snapshot, build_operator_snapshot
from chalicelib.domain.statement_document import StatementDocument
from chalicelib.render.statement_csv import render_statement_csv
from chalicelib.services.accounts import get_statement
from chalicelib.services.deps import Deps
from chalicelib.services.papers import PaperFile, digest_of, draw_paper, find_paper, link_to
from chalicelib.store import codec, objects
from chalicelib.store.customers import get_customer
from chalicelib.store.objects import PaperKind
from chalicelib.store.settings import get_settings

CSV_TYPE = "text/csv; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementQuestion:
    """Whose account, over which days (both inclusive; None: all until today), as known when (None: now)."""

    customer_id: str
    first: date | None = None
    last: date | None = None
    known_at: datetime | None = None


def build_document(deps: Deps, asked: StatementQuestion) -> StatementDocument:
    """The statement with all that paper shows. Raises NotFound, Invalid when the days are the wrong way round."""
    customer = get_customer(asked.customer_id)
    currency, statement = get_statement(deps, customer.id, first=asked.first, last=asked.last, known_at=asked.known_at)
    settings = get_settings()
    return StatementDocument(
        operator=build_operator_snapshot(settings),
        customer=build_customer_snapshot(customer),
        currency=currency,
        made_on=local_date(deps.clock(), customer.timezone),
        statement=statement,
        design=design_of(customer, settings),
    )


def find_statement_csv(deps: Deps, asked: StatementQuestion) -> PaperFile:
    """A link to the statement as CSV."""
    document = build_document(deps, asked)
    key = f"exports/{asked.customer_id}/statement-{digest_of(document)}.csv"
    objects.put_object(key, render_statement_csv(document), CSV_TYPE)
    return link_to(deps, key, f"{_name(document)}.csv", CSV_TYPE)


def find_statement_pdf(deps: Deps, asked: StatementQuestion) -> PaperFile:
    """A link to the statement as PDF, without url while it is being drawn.

    Raises Conflict template_failed with the reason when it could not be drawn.
    """
    document = build_document(deps, asked)
    return find_paper(deps, PaperKind.STATEMENTS, document, _name(document))


def render_statement(deps: Deps, key: str) -> None:
    """Draw the frozen statement under a key, or note why not; nothing for keys that are no statements."""
    from chalicelib.render.papers import render_statement_pdf  # noqa: PLC0415  # only the render function pays for it

    draw_paper(deps, PaperKind.STATEMENTS, key, lambda frozen: render_statement_pdf(codec.load(StatementDocument, frozen)))


def _name(document: StatementDocument) -> str:
    statement = document.statement
    return f"statement-{document.customer.id}-{statement.start}-{statement.end}"
