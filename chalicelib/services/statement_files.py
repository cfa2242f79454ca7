"""A statement of account to carry away: as CSV at once, as PDF drawn by the storage event from what was frozen.

Files are named by a digest of all that is on them, so the same question on the same day finds the same file; they are kept for
days, not for ever, as they can be made again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chalicelib.domain.designs import design_of
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.periods import local_date
from chalicelib.domain.snapshots import build_customer_snapshot, build_operator_snapshot
from chalicelib.domain.statement_document import StatementDocument
from chalicelib.render.pdf import render_statement_pdf
from chalicelib.render.statement_csv import render_statement_csv
from chalicelib.services.accounts import get_statement
from chalicelib.services.deps import Deps
from chalicelib.services.metrics import count
from chalicelib.store import codec, objects
from chalicelib.store.customers import get_customer
from chalicelib.store.settings import get_settings

CSV_TYPE = "text/csv; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementQuestion:
    """Whose account, over which days (both inclusive; None: all until today), as known when (None: now)."""

    customer_id: str
    first: date | None = None
    last: date | None = None
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatementFile:
    """A link to the file, or None while it is being made."""

    url: str | None
    expires_at: datetime | None


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


def find_statement_csv(deps: Deps, asked: StatementQuestion) -> StatementFile:
    """A link to the statement as CSV."""
    document = build_document(deps, asked)
    key = f"exports/{asked.customer_id}/statement-{_digest(document)}.csv"
    objects.put_object(key, render_statement_csv(document), CSV_TYPE)
    return _link(deps, document, key, CSV_TYPE)


def find_statement_pdf(deps: Deps, asked: StatementQuestion) -> StatementFile:
    """A link to the statement as PDF, without url while it is being drawn.

    Raises Conflict template_failed with the reason when it could not be drawn.
    """
    document = build_document(deps, asked)
    digest = _digest(document)
    if objects.has_object(objects.statement_pdf_key(digest)):
        return _link(deps, document, objects.statement_pdf_key(digest), "application/pdf")
    reason = objects.find_object(objects.statement_failure_key(digest))
    if reason is not None:
        raise Conflict("template_failed", reason.decode())
    objects.put_object_once(objects.statement_key(digest), codec.dump(document))
    return StatementFile(None, None)


def render_statement(deps: Deps, key: str) -> None:
    """Draw the frozen statement under a key, or note why not; nothing for keys that are no statements."""
    digest = objects.parse_statement_key(key)
    frozen = objects.find_object(key) if digest else None
    if digest is None or frozen is None:
        return
    try:
        pdf = render_statement_pdf(codec.load(StatementDocument, frozen))
    except Invalid as error:
        count(deps, "RenderFailed", statement=digest, reason=error.message)
        objects.put_object(objects.statement_failure_key(digest), error.message.encode(), "text/plain; charset=utf-8")
        return
    objects.put_object(objects.statement_pdf_key(digest), pdf, "application/pdf")


def _digest(document: StatementDocument) -> str:
    return hashlib.sha256(codec.dump(document)).hexdigest()


def _link(deps: Deps, document: StatementDocument, key: str, content_type: str) -> StatementFile:
    statement = document.statement
    name = f"statement-{document.customer.id}-{statement.start}-{statement.end}{key[-4:]}"
    expires = deps.clock() + timedelta(seconds=objects.LINK_SECONDS)
    return StatementFile(objects.presign_get(key, name, content_type), expires.replace(microsecond=0))
