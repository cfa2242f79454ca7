"""The script for whoever received an invoice: what belongs together fits, whatever was changed or swapped does not."""

from __future__ import annotations

import hashlib
import io
import json
import runpy
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from chalicelib.domain.fingerprint import fingerprint, write_figures
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.totals import apply_totals
from chalicelib.render.pdf import render_accessible_pdf, render_pdf
from tests.support import specimens

SCRIPT = Path(__file__).parents[2] / "docs" / "verify_invoice.py"
verify = runpy.run_path(str(SCRIPT))["verify"]
OTHER = "0" * 64


@cache
def mixed() -> tuple[bytes, bytes]:
    """A PDF and its figures."""
    return render_pdf(specimens.an_issued()), figures_of(specimens.an_issued())


def figures_of(invoice: Invoice) -> bytes:
    """As the API answers them."""
    return "".join(write_figures(invoice)).encode()


def answer(invoice: Invoice, pdf: bytes | None, **changes: Any) -> bytes:
    """As `/verify` answers."""
    kept = pdf and hashlib.sha256(pdf).hexdigest()
    return json.dumps({"sha256": fingerprint(invoice), "pdf_sha256": kept, "document_agrees": True, **changes}).encode()


def differing(*files: bytes) -> list[str]:
    """What does not fit."""
    return [finding.what for finding in verify(*files) if finding.fits is False]


def unchecked(*files: bytes) -> list[str]:
    """What could not be checked."""
    return [finding.what for finding in verify(*files) if finding.fits is None]


def with_xml(pdf: bytes, before: bytes, after: bytes) -> bytes:
    """The PDF with other words in its e-invoice."""
    forged = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as file:
        stream = file.Root.AF[0].EF.F
        xml = stream.read_bytes()
        assert before in xml
        stream.write(xml.replace(before, after))
        file.save(forged)
    return forged.getvalue()


@pytest.mark.parametrize(
    "invoice",
    [
        specimens.an_issued(lines=specimens.usage_lines(310)),
        specimens.with_many_taxes(customer=specimens.a_buyer(locale="fr"), template="classic"),
        specimens.with_many_taxes(customer=specimens.a_buyer(locale="de-CH"), template="compact"),
        specimens.in_yen(),
        specimens.in_dinar(),
        specimens.a_credit_note(),
        specimens.with_long_names(),
        replace(specimens.an_issued(), amount_paid=Decimal("100.00")),
    ],
    ids=["annex", "fr", "ch", "yen", "ar", "credit note", "long names", "paid"],
)
def test_what_belongs_together_fits(invoice: Invoice) -> None:
    """In every language, currency and design; every check is made and passes."""
    pdf = render_pdf(invoice)
    findings = verify(pdf, figures_of(invoice), answer(invoice, pdf))
    assert [str(finding) for finding in findings if finding.fits is not True] == []
    assert len(findings) == 9


def test_the_accessible_variant_fits_without_xml() -> None:
    """It carries none, and is not the file that the answer names."""
    invoice = specimens.an_issued()
    assert differing(render_accessible_pdf(invoice), figures_of(invoice)) == []
    assert unchecked(render_accessible_pdf(invoice), figures_of(invoice)) == [
        "the issuer says so (no answer of /verify was given)",
        "the e-invoice in the PDF says the same (there is none)",
    ]


@pytest.mark.parametrize(
    "path", [("total",), ("lines", 0, "net"), ("taxes", 0, "tax"), ("seller", "payment_details"), ("number",)]
)
def test_changed_figures_do_not_fit(path: tuple[str | int, ...]) -> None:
    """Any word of the JSON: its hash is another one."""
    pdf, figures = mixed()
    changed = json.loads(figures)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = "1.00"
    text = json.dumps(changed, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    found = differing(pdf, text, answer(specimens.an_issued(), pdf))
    assert any("the PDF names" in what for what in found)
    assert "the issuer names the same SHA-256 of the figures" in found


def test_the_pdf_of_another_document_does_not_fit() -> None:
    """One that differs by a cent, with its own hash and its own XML."""
    line = replace(specimens.mixed_lines()[0], unit_price=Decimal("24.91"))
    other = render_pdf(apply_totals(specimens.an_issued(lines=(line, *specimens.mixed_lines()[1:]))))
    found = differing(other, mixed()[1], answer(specimens.an_issued(), mixed()[0]))
    assert {what.partition(",")[0].partition(" (not")[0] for what in found} == {
        "the PDF names the SHA-256 of the figures",
        "the PDF is the very file that the issuer keeps",
        "the e-invoice in the PDF says the same",
        "the pages print the SHA-256",
        "the pages print every amount",
    }


def test_a_forged_page_does_not_fit() -> None:
    """Metadata and XML of the right document around pages of another one."""
    pdf, figures = mixed()
    other = render_pdf(specimens.with_many_taxes())
    forged = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as file, pikepdf.open(io.BytesIO(other)) as source:
        file.pages.append(source.pages[0])
        del file.pages[0]
        file.save(forged)
    found = differing(forged.getvalue(), figures, answer(specimens.an_issued(), pdf))
    assert found[0] == "the PDF is the very file that the issuer keeps"
    assert any("the pages print every amount (not" in what for what in found)


@pytest.mark.parametrize(
    "before, after",
    [
        (b"1476.68", b"9476.68"),
        (b"INV-2026-000417", b"INV-2026-000418"),
        (b"298.80", b"298.81"),
        (b"<rsm:CrossIndustryInvoice ", b"<!DOCTYPE x><rsm:CrossIndustryInvoice "),
        (b"</rsm:CrossIndustryInvoice>", b""),
        (b'encoding="UTF-8"', b'encoding="klingon"'),
    ],
    ids=["total", "number", "line", "entities", "broken", "encoding"],
)
def test_changed_xml_does_not_fit(before: bytes, after: bytes) -> None:
    """The e-invoice inside is compared with the figures, and hostile XML is not opened."""
    pdf, figures = mixed()
    assert differing(with_xml(pdf, before, after), figures) == ["the e-invoice in the PDF says the same"]


def test_the_issuers_word_counts() -> None:
    """Another hash, another file, or records of the issuer that differ; a PDF that is not kept yet cannot be compared."""
    invoice, (pdf, figures) = specimens.an_issued(), mixed()
    assert differing(pdf, figures, answer(invoice, pdf, sha256=OTHER)) == ["the issuer names the same SHA-256 of the figures"]
    assert differing(pdf, figures, answer(invoice, pdf + b"\n")) == ["the PDF is the very file that the issuer keeps"]
    assert differing(pdf, figures, answer(invoice, pdf, document_agrees=False)) == [
        "the issuer's own records agree with each other"
    ]
    assert unchecked(pdf, figures, answer(invoice, None)) == ["the PDF is the very file that the issuer keeps"]


def test_the_accessible_pdf_is_the_issuers_as_well() -> None:
    """Which of the two it is, is told; answers of before know the archival one only, and a forged one is neither."""
    invoice, (pdf, figures) = specimens.an_issued(), mixed()
    accessible = render_accessible_pdf(invoice)
    told = answer(invoice, pdf, accessible_pdf_sha256=hashlib.sha256(accessible).hexdigest())
    assert differing(accessible, figures, told) == differing(pdf, figures, told) == []
    whole = [finding.what for finding in verify(accessible, figures, told) if finding.fits and "very file" in finding.what]
    assert whole == ["the PDF is the very file that the issuer keeps (the accessible one)"]
    assert differing(accessible + b"\n", figures, told) == ["the PDF is the very file that the issuer keeps"]
    assert differing(accessible, figures, answer(invoice, pdf)) == ["the PDF is the very file that the issuer keeps"]


@pytest.mark.parametrize("word", ["abc", "sNaN", "1e5", "", "١٢"])
def test_what_is_no_number_differs(word: str) -> None:
    """Neither in the figures nor in the e-invoice: both are from strangers."""
    pdf, figures = mixed()
    for before in (b"1476.68", b"298.80"):
        assert "the e-invoice in the PDF says the same" in differing(pdf, figures.replace(before, word.encode()))
    assert differing(with_xml(pdf, b"1476.68", word.encode()), figures) == ["the e-invoice in the PDF says the same"]


def test_the_report_is_a_line_for_each_check() -> None:
    """Whatever the files hold: no line of theirs, no letter that cannot be written, no word for a truth."""
    pdf, figures = mixed()
    forged = figures.replace(b"INV-2026-000417", rb"1\nfits         all \ud800")
    findings = verify(pdf, forged, answer(specimens.an_issued(), pdf, document_agrees="yes"))
    assert not any("\n" in str(finding) or "\ud800" in str(finding) for finding in findings)
    assert [finding.fits for finding in findings if "own records" in finding.what] == [False]


def test_it_runs_alone(tmp_path: Path) -> None:
    """Without packages or project: 0 where all fits, 1 where something differs, 2 with its manual where a file is no use."""
    pdf, figures = mixed()
    (tmp_path / "invoice.pdf").write_bytes(pdf)
    (tmp_path / "figures.json").write_bytes(figures)
    (tmp_path / "other.json").write_bytes(figures.replace(b"1476.68", b"1476.69"))
    (tmp_path / "words.json").write_bytes(figures.replace(b"1476.68", b"abc"))
    (tmp_path / "deep.json").write_bytes(b"[" * 200_000)
    ends = []
    for name in ("figures.json", "other.json", "words.json", "gone.json", "deep.json"):
        command = [sys.executable, "-I", str(SCRIPT), "invoice.pdf", name]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603  # our own script
        ends.append((done.returncode, "DIFFERS" in done.stdout, "VERIFY.json" in done.stderr))
    assert ends == [(0, False, False), (1, True, False), (1, True, False), (2, False, True), (2, False, True)]
