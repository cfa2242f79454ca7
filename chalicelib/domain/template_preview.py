"""A preview of a template, as it is asked for and drawn: the content on one document. It is kept for days."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.designs import Design
from chalicelib.domain.invoice import Invoice


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatePreview:
    """The content to draw with, the design of what it does not draw, and the document; `draft` puts the draft mark on it.

    `version` names the version of a template that is tried so; empty for what somebody only wants to see.
    """

    html: str
    css: str
    design: Design
    invoice: Invoice
    draft: bool
    version: str = ""
