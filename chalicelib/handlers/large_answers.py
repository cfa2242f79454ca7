"""Answers larger than a function may give: kept in the bucket for a while, and the client is led there.

Lambda replies with at most 6 MB, and what is larger would end as a 502. Decides by size alone and knows no resource.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain

from chalice.app import Response

from chalicelib.handlers.encoding import to_json
from chalicelib.handlers.responses import JSON, LongText
from chalicelib.services.deps import Deps
from chalicelib.services.kept_answers import keep_answer

MAX_REPLY = 5_500_000
"""Bytes of a body inside the reply, where it stands as a JSON text; the rest of the 6,291,556 is for headers."""
LARGEST_CHARACTER = 12
"""Bytes that one character may take there, as two escapes."""
SEE_OTHER = 303


def fit_answer(deps: Deps, response: Response) -> Response:
    """The response itself, or 303 with a link to its body; its own status is told in `X-Answer-Status`."""
    if not isinstance(response.body, str | LongText):
        return response
    pieces = response.body.pieces if isinstance(response.body, LongText) else iter((response.body,))
    beginning = _take(pieces)
    if _fits(beginning):
        response.body = beginning
        return response
    return _lead_away(deps, response, chain((beginning,), pieces))


def _take(pieces: Iterator[str]) -> str:
    """All of a text that fits; of a longer one a beginning that does not."""
    taken, size = [], 0
    while size <= MAX_REPLY and (piece := next(pieces, None)) is not None:
        taken.append(piece)
        size += len(piece)
    return "".join(taken)


def _fits(text: str) -> bool:
    return len(text) * LARGEST_CHARACTER <= MAX_REPLY or (len(text) <= MAX_REPLY and len(json.dumps(text)) <= MAX_REPLY)


def _lead_away(deps: Deps, response: Response, pieces: Iterator[str]) -> Response:
    link = keep_answer(deps, pieces, str(response.headers.get("Content-Type", JSON)))
    headers = {
        **response.headers,
        "Content-Type": JSON,
        "Location": link.url,
        "X-Answer-Status": str(response.status_code),
    }
    headers.pop("Content-Disposition", None)
    return Response(to_json(link), status_code=SEE_OTHER, headers=headers)
