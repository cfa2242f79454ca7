"""Exports step by step: the same file whatever died, whoever else works on it, and in however many pieces it is drawn."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import pytest
from moto.s3 import models as moto_s3

from chalicelib.domain import export_job
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.export_job import ExportJob, ExportKind
from chalicelib.domain.invoice import Invoice, PdfStatus
from chalicelib.domain.invoice_search import InvoiceSearch
from chalicelib.services import export_drawing, export_joining, export_listing, export_steps
from chalicelib.services.export_steps import drive_message
from chalicelib.services.exports import get_export, start_export
from chalicelib.services.sweep import PATIENCE, sweep
from chalicelib.store import clients, export_files, objects, pdf_marks
from tests.support.aws_calls import counted, meanwhile
from tests.support.cloud import Cloud
from tests.support.kills import Killed, killed_at
from tests.support.money_in import Clerk

DOCUMENTS = 4
DRAWN = (ExportKind.INVOICES_CSV, ExportKind.PDF_ZIP, ExportKind.ACCOUNTING_CSV)


@dataclass(slots=True)
class Exporter:
    """Asks for exports of four invoices and drives them."""

    clerk: Clerk = field(default_factory=Clerk)
    invoices: list[Invoice] = field(default_factory=list)

    def issue(self, count: int = DOCUMENTS) -> None:
        """Issue invoices, each with a PDF of its own."""
        for number in range(count):
            invoice = self.clerk.invoice(f"{number + 10}.00")
            objects.put_object(objects.pdf_key(invoice.id, 0), f"%PDF of {invoice.number}".encode())
            self.invoices.append(invoice)

    def start(self, kind: ExportKind, **filters: Any) -> ExportJob:
        """Ask for a file."""
        return start_export(self.clerk.world.deps, kind, InvoiceSearch(as_of=self.clerk.world.now, **filters))

    def drive(self, job: ExportJob) -> ExportJob:
        """Deliver its message."""
        drive_message(self.clerk.world.deps, {"export_id": job.id})
        return get_export(job.id)

    def make(self, kind: ExportKind, **filters: Any) -> bytes:
        """The finished file."""
        return read_file(self.drive(self.start(kind, **filters)))


@pytest.fixture
def exporter(cloud: Cloud) -> Exporter:
    """A customer with four invoices and their PDFs."""
    assert cloud
    exporter = Exporter()
    exporter.clerk.world.customer(schedule=None)
    exporter.issue()
    return exporter


@pytest.fixture
def pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of two documents, segments of next to nothing, one join at a time; the bucket joins parts of any size."""
    monkeypatch.setattr(export_listing, "PAGE", 2)
    monkeypatch.setattr(export_drawing, "SEGMENT", 1)
    monkeypatch.setattr(export_joining, "PARTS", 2)
    monkeypatch.setattr(export_joining, "PART", 1)
    monkeypatch.setattr(moto_s3, "S3_UPLOAD_PART_MIN_SIZE", 1)
    for content in export_drawing.CONTENTS.values():
        monkeypatch.setattr(content, "batch", 1)


def read_file(job: ExportJob) -> bytes:
    """The file of a finished job."""
    assert (job.status, job.done, job.failure) == ("done", job.due, None)
    content = objects.find_object(export_files.file_key(job.id))
    assert content is not None
    return content


@pytest.mark.parametrize("kind", DRAWN)
def test_pieces_make_the_same_file(exporter: Exporter, kind: ExportKind, request: pytest.FixtureRequest) -> None:
    """Drawn in one segment or in many, the bytes are the same."""
    whole = exporter.make(kind)
    request.getfixturevalue("pieces")
    job = exporter.drive(exporter.start(kind))
    assert len(job.sizes) >= DOCUMENTS
    assert len(job.pages) == 2
    assert (read_file(job), job.size) == (whole, len(whole))


@pytest.mark.usefixtures("pieces")
def test_a_killed_step_changes_nothing(exporter: Exporter) -> None:
    """Dying after any write, and driven again, the job ends with the same bytes."""
    job = exporter.start(ExportKind.PDF_ZIP)
    with killed_at(0, "after") as undisturbed:
        expected = read_file(exporter.drive(job))
    for at in range(1, undisturbed.writes + 1):
        job = exporter.start(ExportKind.PDF_ZIP)
        with pytest.raises(Killed), killed_at(at, "after"):
            exporter.drive(job)
        assert read_file(exporter.drive(job)) == expected


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize("operation", ["PutObject", "PutItem", "UploadPartCopy", "CompleteMultipartUpload"])
@pytest.mark.parametrize("number", [1, 4])
def test_two_workers_make_one_file(exporter: Exporter, operation: str, number: int) -> None:
    """Another worker that does all of it between two calls of the first leaves the same file."""
    expected = exporter.make(ExportKind.PDF_ZIP)
    job = exporter.start(ExportKind.PDF_ZIP)
    with meanwhile(operation, number, lambda: exporter.drive(job)):
        exporter.drive(job)
    assert read_file(exporter.drive(job)) == expected


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize("is_killed", [True, False])
def test_workers_who_see_different_things_agree(exporter: Exporter, *, is_killed: bool) -> None:
    """A PDF that appears between two workers is in the archive or in the list of missing ones, never both, never neither."""
    late = objects.pdf_key(exporter.invoices[1].id, 0)
    pdf = objects.find_object(late) or b""
    for write in (1, 5, 8, 9, 10, 11, 12) if is_killed else (1, 3, 6, 9):
        objects.delete_object(late)
        job = exporter.start(ExportKind.PDF_ZIP)

        def finish_with_pdf(job: ExportJob = job) -> None:
            objects.put_object(late, pdf)
            exporter.drive(job)

        if is_killed:
            with pytest.raises(Killed), killed_at(write, "after"):
                exporter.drive(job)
            finish_with_pdf()
        else:
            with meanwhile("PutObject", write, finish_with_pdf):
                exporter.drive(job)
        _check_archive(read_file(exporter.drive(job)), exporter.invoices[1].number)


@pytest.mark.usefixtures("pieces")
def test_what_is_missing_is_counted_over_all_pieces(exporter: Exporter) -> None:
    """Also when a worker died in between; a reason is told of the revision that was listed only."""
    for invoice in exporter.invoices[:3]:
        objects.delete_object(objects.pdf_key(invoice.id, 0))
    pdf_marks.mark_pdf(exporter.invoices[0].id, 0, PdfStatus.FAILED, "no such filter")
    job = exporter.start(ExportKind.PDF_ZIP)
    with pytest.raises(Killed), killed_at(9, "after"):
        exporter.drive(job)
    job = exporter.drive(job)
    with ZipFile(io.BytesIO(read_file(job))) as archive:
        assert (job.missing, len(archive.read("missing.txt").splitlines())) == (3, 3)
    assert pdf_marks.find_pdf_failure(exporter.invoices[0].id, 0) == "no such filter"
    assert pdf_marks.find_pdf_failure(exporter.invoices[0].id, 1) == ""
    assert pdf_marks.find_pdf_failure(exporter.invoices[1].id, 0) == ""


def _check_archive(content: bytes, late: str | None) -> None:
    """Sound, as many entries as documents, the late one there or named as missing."""
    with ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        missing = archive.read("missing.txt").decode() if "missing.txt" in names else ""
    assert len(names) == len(set(names)) == DOCUMENTS
    assert (f"{late}.pdf" in names) != (f"{late}:" in missing)


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize("kind", DRAWN)
def test_small_segments_are_joined_too(exporter: Exporter, kind: ExportKind, monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments that are too small for a part of their own are sent together, the rest as the last part."""
    expected = exporter.make(kind)
    monkeypatch.setattr(export_joining, "PART", 300)
    job = exporter.drive(exporter.start(kind))
    assert 1 <= len(job.tags) < len(job.sizes)
    assert read_file(job) == expected


@pytest.mark.usefixtures("pieces")
def test_time_runs_out_between_steps(exporter: Exporter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each delivery takes some steps and asks for the next one; together they make the same file."""
    expected = exporter.make(ExportKind.PDF_ZIP)
    job = exporter.start(ExportKind.PDF_ZIP)
    before = _queued()
    monkeypatch.setattr(export_steps, "DURATION", timedelta(seconds=2))
    world, deliveries = exporter.clerk.world, 0
    deps = world.deps

    def ticking() -> Any:
        world.pass_time(seconds=1)
        return world.now

    while get_export(job.id).finished_at is None:
        drive_message(type(deps)(clock=ticking, new_id=deps.new_id, settings=deps.settings), {"export_id": job.id})
        deliveries += 1
        assert deliveries < 60
    assert deliveries > 3
    assert read_file(get_export(job.id)) == expected
    assert _queued() - before == deliveries - 1


def _queued() -> int:
    found = clients.sqs().get_queue_attributes(QueueUrl=clients.names.bill_queue_url, AttributeNames=["All"])
    return int(found["Attributes"]["ApproximateNumberOfMessages"])


def test_a_message_that_was_lost_is_sent_again(exporter: Exporter) -> None:
    """The sweep finds a job that nobody works on; a finished one is left alone."""
    job = exporter.start(ExportKind.INVOICES_CSV)
    exporter.clerk.world.now += PATIENCE + timedelta(minutes=1)
    assert sweep(exporter.clerk.world.deps)["EXPORTS"] == 1
    exporter.drive(job)
    exporter.clerk.world.now += PATIENCE + timedelta(minutes=1)
    assert sweep(exporter.clerk.world.deps)["EXPORTS"] == 0
    assert exporter.drive(job).version == get_export(job.id).version


def test_too_many_documents_make_no_file(exporter: Exporter, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job fails with the reason; nothing is drawn."""
    monkeypatch.setitem(export_job.MOST, ExportKind.PDF_ZIP, DOCUMENTS - 1)
    job = exporter.drive(exporter.start(ExportKind.PDF_ZIP))
    assert job.failure is not None
    assert (job.status, job.failure.code, job.sizes) == ("failed", "too_many_items", ())


@pytest.mark.parametrize("kind", ExportKind)
def test_calls_do_not_grow_faster_than_documents(exporter: Exporter, kind: ExportKind) -> None:
    """A PDF costs one read; everything else costs the same for eight documents as for four."""
    exporter.make(kind)
    few = _calls(exporter, kind)
    exporter.issue()
    many = _calls(exporter, kind)
    assert many - few == (DOCUMENTS if kind is ExportKind.PDF_ZIP else 0)
    assert few <= 25 + DOCUMENTS


def _calls(exporter: Exporter, kind: ExportKind) -> int:
    with counted() as calls:
        exporter.make(kind)
    return calls.total()


def test_an_empty_list_makes_an_empty_file(exporter: Exporter) -> None:
    """Nothing matches: a header, an archive without files."""
    nobody = {"number": "X-1"}
    assert len(exporter.make(ExportKind.INVOICES_CSV, **nobody).splitlines()) == 1
    with ZipFile(io.BytesIO(exporter.make(ExportKind.PDF_ZIP, **nobody))) as archive:
        assert archive.namelist() == []


def test_what_is_about_to_be_written_is_waited_for(cloud: Cloud) -> None:
    """A page that another writer has not finished is no reason to guess."""
    with pytest.raises(Unavailable):
        export_files.load_pinned("job", "pages/00000")


def test_a_job_that_is_gone_is_no_work(exporter: Exporter) -> None:
    """A message about a job of long ago does nothing."""
    drive_message(exporter.clerk.world.deps, {"export_id": "long-ago"})


@pytest.mark.usefixtures("pieces")
def test_an_upload_that_was_cleared_away_begins_again(exporter: Exporter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads are cleared after some days, or completed by others: the segments are joined anew."""
    expected = exporter.make(ExportKind.INVOICES_CSV)
    for operation, part in (("UploadPartCopy", 1), ("UploadPart", 10_000), ("CompleteMultipartUpload", 1)):
        monkeypatch.setattr(export_joining, "PART", part)
        job = exporter.start(ExportKind.INVOICES_CSV)
        with meanwhile(operation, 1, lambda job=job: _abort(job)):  # type: ignore[misc]
            exporter.drive(job)
        assert read_file(get_export(job.id)) == expected


def _abort(job: ExportJob) -> None:
    upload = get_export(job.id).upload
    clients.s3().abort_multipart_upload(Bucket=clients.names.bucket, Key=export_files.file_key(job.id), UploadId=upload)


def test_documents_of_another_day_are_left_out(exporter: Exporter) -> None:
    """Filters are those of the list."""
    on = exporter.invoices[0].invoice_date
    rows = list(csv.DictReader(io.StringIO(exporter.make(ExportKind.INVOICES_CSV, first=on + timedelta(days=1)).decode())))
    assert rows == []
    some = exporter.make(ExportKind.INVOICES_CSV, number=exporter.invoices[2].number).decode()
    assert [row["number"] for row in csv.DictReader(io.StringIO(some))] == [exporter.invoices[2].number, ""]
