"""What the file of a document carries besides its pages: variant, identifier, fingerprint, e-invoice, all of its own.

The same document gives the same stamp. Drafts and previews carry neither fingerprint nor e-invoice: nothing of them is final.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from chalicelib.domain.fingerprint import ALGORITHM
from chalicelib.domain.invoice import Invoice
from chalicelib.render.accessible import tidy_tags
from chalicelib.render.engine import Engine
from chalicelib.render.factur_x import Enclosure, enclose, find_enclosure, put_in

ARCHIVAL, ACCESSIBLE = "pdf/a-3b", "pdf/ua-1"
"""One at a time: the engine offers no file that is both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Only the archival variant has an enclosure; `fingerprint` is empty where nothing is final."""

    identifier: bytes
    variant: str = ARCHIVAL
    fingerprint: str = ""
    enclosure: Enclosure | None = None


def build_stamp(invoice: Invoice, fingerprint: str, *, draft: bool = False, accessible: bool = False) -> Stamp:
    """The stamp of an invoice; `draft` where a document that is none gets the mark of one."""
    named = f"{invoice.id}/{invoice.revision}/{draft}" + ("/ua" if accessible else "")
    return Stamp(
        identifier=hashlib.sha256(named.encode()).digest()[:16],
        variant=ACCESSIBLE if accessible else ARCHIVAL,
        fingerprint=fingerprint,
        enclosure=None if draft or accessible else find_enclosure(invoice),
    )


def write_stamped(engine: Engine, document: Any, stamp: Stamp) -> bytes:
    """The file of a laid out document."""
    if stamp.fingerprint:
        document.metadata.keywords = [f"{ALGORITHM} {stamp.fingerprint}"]  # of all that PDF/A allows, what every reader shows
    attachments = [enclose(engine, document, stamp.enclosure)] if stamp.enclosure else []
    pdf: bytes = document.write_pdf(
        pdf_variant=stamp.variant,
        pdf_identifier=stamp.identifier,
        attachments=attachments,
        finisher=partial(_finish, stamp),
    )
    return pdf


def _finish(stamp: Stamp, _document: Any, pdf: Any) -> None:
    """What the engine leaves undone. Metadata is not compressed, so that it is found by programs that know no PDF."""
    pdf.objects[int(pdf.catalog["Metadata"].split()[0])].compress = False
    for image in _images(pdf):
        image["Interpolate"] = "false"  # PDF/A allows no other value; readers smooth a picture as they like
    if stamp.variant == ACCESSIBLE:
        tidy_tags(pdf)
    if stamp.enclosure:
        put_in(pdf, stamp.enclosure)


def _images(pdf: Any) -> Iterator[dict[str, Any]]:
    """What is said of each picture, and of its transparency."""
    for each in pdf.objects:
        extra = getattr(each, "extra", {})
        if extra.get("Subtype") == "/Image":
            yield extra
