"""Answers larger than a function may give: kept in the bucket for a while, and the client is led there.

Lambda replies with at most 6 MB, and what is larger would end as a 502. Decides by size alone and knows no resource.
"""

from __future__ import annotations

import json

from chalice.app import Response

from chalicelib.handlers.encoding import to_json
from chalicelib.handlers.responses import JSON
from chalicelib.services.deps import Deps
from chalicelib.services.kept_answers import keep_answer

MAX_REPLY = 5_500_000
"""Bytes of a body inside the reply, where it stands as a JSON text; the rest of the 6,291,556 is for headers."""
LARGEST_CHARACTER = 12
"""Bytes that one character may take there, as two escapes."""
SEE_OTHER = 303


def fit_answer(deps: Deps, response: Response) -> Response:
    """The response itself, or 303 with a link to its body; its own status is told in `X-Answer-Status`."""
    body = response.body
    if not isinstance(body, str) or len(body) * LARGEST_CHARACTER <= MAX_REPLY or len(json.dumps(body)) <= MAX_REPLY:
        return response
    media_type = str(response.headers.get("Content-Type", JSON))
    link = keep_answer(deps, body, media_type)
    headers = {
        **response.headers,
        "Content-Type": JSON,
        "Location": link.url,
        "X-Answer-Status": str(response.status_code),
    }
    headers.pop("Content-Disposition", None)
    return Response(to_json(link), status_code=SEE_OTHER, headers=headers)
