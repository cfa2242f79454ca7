"""Previews of templates in the bucket: what was asked, what was drawn, why not. Named by a digest of all that is asked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.template_preview import TemplatePreview
from chalicelib.store import codec, objects

ASKED = re.compile(r"documents/previews/([0-9a-f]{64})\.json")


def ask_once(preview: TemplatePreview) -> None:
    """Put what is to be drawn, unless it was asked before; its creation makes the PDF."""
    objects.put_object_once(_asked_key(preview), codec.dump(preview))


def ask(preview: TemplatePreview) -> None:
    """Put what is to be drawn, also when it was asked before: it is drawn again."""
    objects.put_object(_asked_key(preview), codec.dump(preview), "application/json")


def find_asked(key: str) -> TemplatePreview | None:
    """What was asked under a key; None for other keys, and for what is gone."""
    asked = objects.find_object(key) if ASKED.fullmatch(key) else None
    return None if asked is None else codec.load(TemplatePreview, asked)


def digest_of(preview: TemplatePreview) -> str:
    """Names a preview."""
    return hashlib.sha256(codec.dump(preview)).hexdigest()


def put_pdf(preview: TemplatePreview, pdf: bytes) -> None:
    """Keep what was drawn."""
    objects.put_object(_pdf_key(preview), pdf, "application/pdf")


def put_fault(preview: TemplatePreview, fault: Mapping[str, Any]) -> None:
    """Keep why nothing was drawn."""
    objects.put_object(_fault_key(preview), codec.dump(dict(fault)), "application/json")


def find_fault(preview: TemplatePreview) -> dict[str, Any] | None:
    """Why nothing was drawn, or None."""
    found = objects.find_object(_fault_key(preview))
    return None if found is None else codec.load(dict[str, Any], found)


def find_link(preview: TemplatePreview) -> str | None:
    """A link to what was drawn, or None."""
    key = _pdf_key(preview)
    return objects.presign_get(key, "preview.pdf", "application/pdf") if objects.has_object(key) else None


def _asked_key(preview: TemplatePreview) -> str:
    return f"documents/previews/{digest_of(preview)}.json"


def _pdf_key(preview: TemplatePreview) -> str:
    return f"pdf/previews/{digest_of(preview)}.pdf"


def _fault_key(preview: TemplatePreview) -> str:
    return f"pdf/previews/{digest_of(preview)}.json"
