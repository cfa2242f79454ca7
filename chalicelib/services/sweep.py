"""Re-drives what stayed undone: runs not dispatched, chunks not finished, PDFs not made, imports cut off, notices not sent.

Repeats only what is safe to repeat.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.invoice import PdfStatus
from chalicelib.services.allocation_jobs import send_job
from chalicelib.services.bank_confirmation import send_confirmation
from chalicelib.services.bank_statements import read_message
from chalicelib.services.billing import parse_outcome
from chalicelib.services.billing_runs import chunk_message, dispatch_message
from chalicelib.services.checkup import ask_to_go_on
from chalicelib.services.deps import Deps
from chalicelib.services.documents import render_again
from chalicelib.services.export_steps import send_export
from chalicelib.services.mailing import mail_message
from chalicelib.services.usage_import import resume_batch
from chalicelib.services.wanted_pdfs import drive_wanted
from chalicelib.services.webhooks import drive_due
from chalicelib.store import runs
from chalicelib.store.invoices import find_invoice
from chalicelib.store.open_documents import close_document
from chalicelib.store.pdf_marks import find_unrendered
from chalicelib.store.queue import send_mail_work, send_messages
from chalicelib.store.shards import CLOCKS, LISTS, note_shards

PATIENCE = timedelta(minutes=10)
"""How long something may stay open before it is driven again."""
LIMIT = 1000
SLICE = 100
DURATION = timedelta(minutes=3)
"""After this a sweep leaves the rest to the next one: functions are stopped, and what is left is the younger part."""


@dataclass(frozen=True, slots=True)
class OpenThing:
    """An entry of the index of open things."""

    pk: str
    sk: str


def sweep(deps: Deps) -> Counter[str]:
    """Drive everything that stayed open too long; the answer counts what was found by kind."""
    note_shards(LISTS, deps.settings.list_shards)
    note_shards(CLOCKS, deps.settings.due_shards)
    found: Counter[str] = Counter()
    begun = deps.clock()
    for _, pk, sk in runs.list_open(begun - PATIENCE, LIMIT):
        if deps.clock() - begun > DURATION:
            break
        kind = pk.partition("#")[0] + ("-chunk" if sk.startswith("K#") else "")
        drive = DRIVERS.get(kind)
        if drive is not None:
            drive(deps, OpenThing(pk, sk))
            runs.postpone(pk, sk, deps.clock())
            found[kind] += 1
    return found + Counter(HOOK=drive_due(deps))


def _drive_run(_deps: Deps, thing: OpenThing) -> None:
    send_messages([dispatch_message(thing.pk.removeprefix("RUN#"))])


def _drive_chunk(_deps: Deps, thing: OpenThing) -> None:
    """Send an unfinished chunk again; of a finished one, render what has no PDF yet, or close it."""
    run_id, number = thing.pk.removeprefix("RUN#"), int(thing.sk.removeprefix("K#"))
    chunk = runs.get_chunk(run_id, number)
    if chunk.outcome is None:
        send_messages([chunk_message(chunk)])
        return
    names = parse_outcome(chunk.outcome).invoices
    unrendered = [name for start in range(0, len(names), SLICE) for name in find_unrendered(names[start : start + SLICE])]
    for name in unrendered:
        _render(name)
    if not unrendered:
        runs.finish_chunk(chunk, chunk.outcome, rendered=True)


def _drive_document(_deps: Deps, thing: OpenThing) -> None:
    name = thing.pk.removeprefix("DOC#")
    invoice = find_invoice(name)
    if invoice is None or invoice.pdf_status is not PdfStatus.RENDERING:
        close_document(name)
    else:
        render_again(invoice)


def _drive_wanted(_deps: Deps, thing: OpenThing) -> None:
    drive_wanted(thing.pk.removeprefix("PDF#"))


def _drive_batch(deps: Deps, thing: OpenThing) -> None:
    resume_batch(deps, thing.pk.removeprefix("BAT#"))


def _drive_bank(_deps: Deps, thing: OpenThing) -> None:
    """A statement that is not read to its end, or an entry whose confirmation is not carried out."""
    statement_id = thing.pk.removeprefix("BNK#")
    if thing.sk.startswith("E#"):
        send_confirmation(statement_id, thing.sk.removeprefix("E#"))
    else:
        send_messages([read_message(statement_id)])


def _drive_mail(_deps: Deps, thing: OpenThing) -> None:
    invoice_id, _, name = thing.pk.removeprefix("MAIL#").partition("#")
    send_mail_work([mail_message(invoice_id, name)])


def _drive_allocation(_deps: Deps, thing: OpenThing) -> None:
    send_job(thing.pk.removeprefix("ALJ#"), thing.sk)


def _drive_export(_deps: Deps, thing: OpenThing) -> None:
    send_export(thing.sk)


def _render(name: str) -> None:
    invoice = find_invoice(name)
    if invoice is not None:
        render_again(invoice)


def _drive_checkup(_deps: Deps, thing: OpenThing) -> None:
    ask_to_go_on(int(thing.sk))


DRIVERS: dict[str, Callable[[Deps, OpenThing], None]] = {
    "RUN": _drive_run,
    "RUN-chunk": _drive_chunk,
    "DOC": _drive_document,
    "PDF": _drive_wanted,
    "BAT": _drive_batch,
    "CHU": _drive_checkup,
    "MAIL": _drive_mail,
    "BNK": _drive_bank,
    "ALJ": _drive_allocation,
    "EXPORTS": _drive_export,
}
