"""Bodies of answers that do not fit into a reply: kept in the bucket until they expire there, behind a short-lived link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from chalicelib.services.deps import Deps
from chalicelib.store import objects


@dataclass(frozen=True, slots=True)
class AnswerLink:
    """Where the body of an answer can be had until when."""

    url: str
    expires_at: datetime


def keep_answer(deps: Deps, body: str, media_type: str) -> AnswerLink:
    """Keep a body and link to it; the same body again is the same object."""
    content = body.encode()
    key = f"exports/answers/{sha256(content).hexdigest()}"
    objects.put_object(key, content, media_type)
    expires = deps.clock() + timedelta(seconds=objects.LINK_SECONDS)
    name = "answer.csv" if media_type.startswith("text/csv") else "answer.json"
    return AnswerLink(objects.presign_get(key, name, media_type), expires.replace(microsecond=0))
