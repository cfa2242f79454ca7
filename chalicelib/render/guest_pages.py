"""What pages of an operator's template carry besides what is seen on them: links, files, forms, metadata.

Refuses what could harm or deceive whoever gets the paper. Metadata tell of the document and not what the HTML says of itself, so
that they are fit for PDF/A, and no keyword poses as a fingerprint.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.render.failures import TemplateFailed

LINKED = ("https://", "http://", "mailto:", "tel:")
"""What a link on paper may open: no file of the reader's, and no script."""


def settle_pages(document: Any, view: Mapping[str, Any]) -> None:
    """Put the metadata of a laid out document right. TemplateFailed for attached files, forms, and links to what is no page."""
    for page in document.pages:
        _check_page(page)
    metadata = document.metadata
    if metadata.attachments:
        raise TemplateFailed("A document cannot have files attached.", part="html")
    metadata.title = " ".join(filter(None, (view["title"], view["number"])))
    metadata.authors, metadata.keywords = [view["seller"]["name"]], []
    metadata.created = metadata.modified = view["created"]
    metadata.description = metadata.generator = None
    metadata.lang = view["lang"]


def _check_page(page: Any) -> None:
    if any(page.forms.values()):
        raise TemplateFailed("A document cannot have fields to be filled in.", part="html")
    for kind, target, *_ in page.links:
        if kind == "attachment":
            raise TemplateFailed("A document cannot have files attached.", part="html")
        if kind == "external" and not target.lower().startswith(LINKED):
            raise TemplateFailed(f"{target[:80]!r} cannot be linked to; only {', '.join(LINKED)} can.", part="html")
