"""What may be asked for, and what a job says of itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.domain.export_job import KEPT, MOST, ExportFailure, ExportJob, ExportKind, ExportStatus, validate_export
from chalicelib.domain.invoice_search import InvoiceSearch, ListedStatus
from tests.support.builders import NOW

SEARCH = InvoiceSearch(as_of=NOW)
JOB = ExportJob(id="1", kind=ExportKind.PDF_ZIP, search=SEARCH, created_at=NOW)


def test_a_job_says_how_far_it_is() -> None:
    """Queued, running with and without all documents listed, done, failed."""
    running = replace(JOB, pages=(2, 3))
    assert (JOB.status, JOB.due) == (ExportStatus.QUEUED, None)
    assert (running.status, running.due, running.found) == (ExportStatus.RUNNING, None, 5)
    assert replace(running, is_listed=True).due == 5
    done = replace(running, finished_at=NOW)
    assert done.status is ExportStatus.DONE
    assert replace(done, failure=ExportFailure(code="x", message="")).status is ExportStatus.FAILED


def test_files_are_kept_for_some_days() -> None:
    """From the time the job was made; nothing is kept of an unfinished one."""
    done = replace(JOB, finished_at=NOW)
    assert done.is_kept(NOW + KEPT - timedelta(seconds=1))
    assert not done.is_kept(NOW + KEPT)
    assert not JOB.is_kept(NOW)


def test_a_file_has_a_limit() -> None:
    """As many documents as fit are not too many."""
    most = MOST[JOB.kind]
    assert not replace(JOB, pages=(most,)).is_too_large
    assert replace(JOB, pages=(most, 1)).is_too_large


@pytest.mark.parametrize(
    "kind, search, wrong",
    [
        (ExportKind.PDF_ZIP, SEARCH, []),
        (ExportKind.PDF_ZIP, replace(SEARCH, status=ListedStatus.DRAFT), ["filters.status"]),
        (ExportKind.INVOICES_CSV, replace(SEARCH, status=ListedStatus.DRAFT), []),
        (ExportKind.PDF_ZIP, replace(SEARCH, first=date(2026, 1, 1), last=date(2026, 1, 1)), []),
        (
            ExportKind.ACCOUNTING_CSV,
            replace(SEARCH, first=date(2026, 1, 2), last=date(2026, 1, 1), status=ListedStatus.DRAFT),
            ["filters.to", "filters.status"],
        ),
    ],
)
def test_impossible_wishes_are_refused(kind: ExportKind, search: InvoiceSearch, wrong: list[str]) -> None:
    """Days the wrong way round, and drafts where there are none."""
    assert [issue.path for issue in validate_export(kind, search, with_bom=False)] == wrong


@pytest.mark.parametrize("kind", ExportKind)
def test_only_csv_has_a_byte_order_mark(kind: ExportKind) -> None:
    """Asked for with anything else it is refused."""
    wrong = validate_export(kind, SEARCH, with_bom=True)
    assert [issue.path for issue in wrong] == ([] if kind.value.endswith("csv") else ["bom"])
