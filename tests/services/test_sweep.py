"""What stayed undone is driven again: by the sweep, after its patience, without doing anything twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from chalicelib.domain.customer import Frequency
from chalicelib.domain.errors import Conflict
from chalicelib.domain.invoice import PdfStatus
from chalicelib.services import billing, billing_runs, documents
from chalicelib.services.sweep import sweep
from chalicelib.store import clients, objects, runs
from chalicelib.store.invoices import get_invoice
from tests.support.builders import a_usage_row
from tests.support.world import World

if TYPE_CHECKING:
    from tests.support.cloud import Cloud

INVOICE = "acme.20261101.R"
DOCUMENT = f"documents/{INVOICE}/0.json"


@pytest.fixture
def world(cloud: Cloud) -> Iterator[World]:
    """A customer with a month of usage, on the morning after."""
    assert cloud
    made = World()
    made.customer()
    made.usage("acme", a_usage_row(date(2026, 11, 5)))
    return made  # type: ignore[return-value]  # pytest takes either


def messages() -> list[str]:
    """The bodies of everything in the queue, which is empty afterwards."""
    answer = clients.sqs().receive_message(QueueUrl=clients.names.bill_queue_url, MaxNumberOfMessages=10)
    return [message["Body"] for message in answer.get("Messages", [])]


def test_a_fresh_chunk_is_left_alone_and_an_old_one_sent_again(world: World) -> None:
    """Within the patience nothing happens; after it the chunk's message is sent again."""
    billing_runs.run_schedule(world.deps, Frequency.MONTHLY, world.now)
    messages()
    assert not sweep(world.deps)
    world.pass_time(minutes=11)
    assert sweep(world.deps) == {"RUN-chunk": 1}
    assert [body for body in messages() if '"bill_chunk"' in body]
    world.pass_time(minutes=5)
    assert not sweep(world.deps)  # it was driven a moment ago
    world.pass_time(minutes=6)
    assert sweep(world.deps) == {"RUN-chunk": 1}


def test_a_run_whose_dispatch_died_is_dispatched_again(world: World) -> None:
    """The run was recorded, and nothing else happened."""
    run = billing_runs.build_run(world.deps, "monthly", world.now, None)
    runs.put_run_once(run)
    world.pass_time(minutes=11)
    assert sweep(world.deps) == {"RUN": 1}
    assert [body for body in messages() if '"dispatch_run"' in body]
    billing_runs.dispatch_run(world.deps, run.id)
    assert [chunk.task["customers"] for chunk in runs.list_last_chunks(run.id, 2)] == [["acme"]]


def test_a_document_whose_event_was_lost_is_announced_again_until_it_is_a_pdf(world: World) -> None:
    """A finished chunk stays open until all of its PDFs exist; then it is closed."""
    _bill(world)
    objects.delete_object(DOCUMENT)
    world.pass_time(minutes=11)
    sweep(world.deps)
    assert objects.has_object(DOCUMENT)
    documents.render_document(world.deps, DOCUMENT)
    world.pass_time(minutes=11)
    assert sweep(world.deps) == {"RUN-chunk": 1}
    world.pass_time(minutes=11)
    assert not sweep(world.deps)


def test_what_cannot_be_rendered_says_so_and_can_be_retried(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The invoice stays issued with the reason on it, the alarm counts, and a retry renders it once the cause is gone."""
    _bill(world)
    invoice = get_invoice(INVOICE)
    broken = replace(invoice, operator=replace(invoice.operator, logo="data:image/png;base64,AAAA"))
    documents.announce_document(broken)
    assert documents.render_document(world.deps, DOCUMENT) is PdfStatus.FAILED
    failed = get_invoice(INVOICE)
    assert (failed.status.value, failed.pdf_status, bool(failed.pdf_error)) == ("issued", PdfStatus.FAILED, True)
    assert '"RenderFailed": 1' in capsys.readouterr().out
    with pytest.raises(Conflict, match="template_failed"):
        documents.find_pdf_link(world.deps, failed)
    documents.announce_document(replace(failed, pdf_status=PdfStatus.RENDERING, pdf_error=""))
    documents.render_document(world.deps, DOCUMENT)
    assert get_invoice(INVOICE).pdf_status is PdfStatus.READY


def test_rendering_twice_gives_the_same_bytes_and_changes_no_version(world: World) -> None:
    """A doubled storage event is harmless: the PDF is the same, and If-Match still fits."""
    _bill(world)
    version = get_invoice(INVOICE).version
    pdfs = []
    for _ in range(2):
        documents.render_document(world.deps, DOCUMENT)
        pdfs.append(objects.find_object(f"pdf/{INVOICE}/0.pdf"))
    assert pdfs[0] == pdfs[1]
    assert get_invoice(INVOICE).version == version


def test_keys_that_are_no_documents_are_ignored(world: World) -> None:
    """Whatever else appears under documents/ renders nothing."""
    objects.put_object("documents/readme.txt", b"hello")
    assert documents.render_document(world.deps, "documents/readme.txt") is None
    assert documents.render_document(world.deps, "documents/gone/0.json") is None


def _bill(world: World) -> None:
    run = billing_runs.run_schedule(world.deps, Frequency.MONTHLY, world.now)
    assert run
    billing.bill_chunk(world.deps, run.id, 1)
