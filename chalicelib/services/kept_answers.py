"""Bodies of answers that do not fit into a reply: kept in the bucket until they expire there, behind a short-lived link."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from tempfile import TemporaryFile

from chalicelib.services.deps import Deps
from chalicelib.store import objects
from chalicelib.store.file_objects import put_file

ENDINGS = {"application/xml": "xml", "text/csv": "csv"}


@dataclass(frozen=True, slots=True)
class AnswerLink:
    """Where the body of an answer can be had until when."""

    url: str
    expires_at: datetime


def keep_answer(deps: Deps, pieces: Iterable[str], media_type: str) -> AnswerLink:
    """Keep a body, which no memory has to hold, and link to it; the same body again is the same object."""
    digest = sha256()
    with TemporaryFile() as file:
        for piece in pieces:
            content = piece.encode()
            digest.update(content)
            file.write(content)
        key = f"exports/answers/{digest.hexdigest()}"
        put_file(key, file, media_type)
    expires = deps.clock() + timedelta(seconds=objects.LINK_SECONDS)
    name = f"answer.{ENDINGS.get(media_type.partition(';')[0], 'json')}"
    return AnswerLink(objects.presign_get(key, name, media_type), expires.replace(microsecond=0))
