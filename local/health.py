"""Whether a server on this machine answers. Waits for nothing; who wants to wait asks again."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

SECONDS = 10


def is_healthy(base: str, path: str) -> bool:
    """True when a GET of the path is answered with 200."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()
