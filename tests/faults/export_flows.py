"""Flows that make files of many documents: an archive of PDFs, while documents change."""

from __future__ import annotations

import io
from zipfile import ZipFile

from chalicelib.store import export_files, objects
from tests.faults.flow import Flow
from tests.faults.people import an_issued_invoice, customer
from tests.faults.stage import Stage


def _documents(stage: Stage) -> None:
    """Three invoices, two of which have their PDFs."""
    customer(stage, "busy")
    made = [an_issued_invoice(stage, price=f"{price}.00") for price in (10, 20, 30)]
    stage.notes["invoices"] = made
    stage.notes["numbers"] = {stage.story.invoice(name)["number"]: name for name in made}
    for name in made[:2]:
        objects.put_object(objects.pdf_key(name, 0), f"%PDF {name}".encode())


def _archive(stage: Stage) -> None:
    stage.ask("POST", "/exports", {"kind": "pdf_zip", "filters": {"customer_id": "busy"}}, key="export")
    stage.work_off()


def _void(stage: Stage) -> None:
    """A clerk makes one of the documents void meanwhile."""
    stage.ask("POST", f"/invoices/{stage.notes['invoices'][0]}/void", key="void")


def _check_archive(stage: Stage) -> list[str]:
    """One sound archive: each document is in it once, as it was rendered, or named as missing (a revision may be new)."""
    wrong: list[str] = []
    for content in _files(stage, wrong):
        with ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            missing = archive.read("missing.txt").decode() if "missing.txt" in names else ""
            if archive.testzip() or len(set(names)) != len(names):
                wrong.append(f"unsound: {names}")
            for number, name in stage.notes["numbers"].items():
                pdf = objects.find_object(objects.pdf_key(name, 0))
                found = archive.read(f"{number}.pdf") if f"{number}.pdf" in names else None
                if found not in {None, pdf} or (found is None) != (f"{number}:" in missing):
                    wrong.append(f"{number}: {found!r}, not {pdf!r}")
    return wrong


def _files(stage: Stage, wrong: list[str]) -> list[bytes]:
    """The one file that was asked for."""
    jobs = stage.story.done(stage.api.get("/exports"), 200)["items"]
    told = [(job["status"], job["due"], job["done"]) for job in jobs]
    found = [objects.find_object(export_files.file_key(job["id"])) for job in jobs]
    if told != [("done", 3, 3)] or None in found:
        wrong.append(f"jobs: {told}")
    return [content for content in found if content is not None]


FLOWS = (Flow(name="export_archive", prepare=_documents, act=_archive, rival=_void, check=_check_archive),)
