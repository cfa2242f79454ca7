"""A preview of a template, as it is asked for and drawn: the content on one document. It is kept for days, and names nothing."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.invoice import Invoice


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatePreview:
    """The content to draw with and the document to draw; `draft` puts the draft mark on it."""

    html: str
    css: str
    invoice: Invoice
    draft: bool
