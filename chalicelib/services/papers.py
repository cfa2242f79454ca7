"""Papers that are drawn when somebody asks for them: frozen then, drawn by the storage event, behind a short-lived link.

Files are named by a digest of all that is on them, so the same question on the same day finds the same file; they are kept for
days, not for ever, as they can be made again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.errors import Invalid
from chalicelib.services.deps import Deps
from chalicelib.services.drawing_failures import not_drawn
from chalicelib.services.metrics import count
from chalicelib.services.wanted_pdfs import want
from chalicelib.store import codec, objects
from chalicelib.store.objects import PaperKind

PDF_TYPE = "application/pdf"


@dataclass(frozen=True, slots=True)
class PaperFile:
    """A link to the file, or None while it is being made."""

    url: str | None
    expires_at: datetime | None


def find_paper(deps: Deps, kind: PaperKind, document: object, name: str) -> PaperFile:
    """A link to the PDF of a paper, without url while it is being drawn; `name` is that of the file, without its ending.

    Raises Conflict template_failed with the reason when it could not be drawn.
    """
    key = ask_for_paper(deps, kind, document)
    return PaperFile(None, None) if key is None else link_to(deps, key, f"{name}.pdf", PDF_TYPE)


def ask_for_paper(deps: Deps, kind: PaperKind, document: object) -> str | None:
    """Where the PDF of a paper lies; None while it is being drawn, which begins with the first who asks.

    Raises Conflict template_failed with the reason when it could not be drawn.
    """
    digest = digest_of(document)
    key = objects.paper_pdf_key(kind, digest)
    if objects.has_object(key):
        return key
    reason = objects.find_object(objects.paper_failure_key(kind, digest))
    if reason is not None:
        raise not_drawn(reason.decode())
    want(deps, objects.paper_key(kind, digest), codec.dump(document))
    return None


def draw_paper(deps: Deps, kind: PaperKind, key: str, draw: Callable[[bytes], bytes]) -> None:
    """Draw the frozen paper under a key, or note why not; nothing for keys of anything else."""
    digest = objects.parse_paper_key(kind, key)
    frozen = objects.find_object(key) if digest else None
    if digest is None or frozen is None:
        return
    try:
        pdf = draw(frozen)
    except Invalid as error:
        count(deps, "RenderFailed", paper=key, reason=error.message)
        objects.put_object(objects.paper_failure_key(kind, digest), error.message.encode(), "text/plain; charset=utf-8")
        return
    objects.put_object(objects.paper_pdf_key(kind, digest), pdf, PDF_TYPE)


def digest_of(document: object) -> str:
    """What names the file of a paper."""
    return hashlib.sha256(codec.dump(document)).hexdigest()


def link_to(deps: Deps, key: str, name: str, content_type: str) -> PaperFile:
    """A link to a file that is there, under the name it is saved as."""
    expires = deps.clock() + timedelta(seconds=objects.LINK_SECONDS)
    return PaperFile(objects.presign_get(key, name, content_type), expires.replace(microsecond=0))
