"""A small client of the billing API, as any other program would write it: JSON over one kept connection, a key per request."""

from __future__ import annotations

import http.client
import json
import urllib.request
import uuid
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from local.home import LocalError


class Api:
    """The API with a staff token. Every refusal is an error that shows what was refused and why."""

    def __init__(self, base: str, token: str) -> None:
        """Connect lazily."""
        self._connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=60)
        self._token = token

    def get(self, path: str, **query: Any) -> Any:
        """GET, answer parsed."""
        return self._send("GET", f"{path}?{urlencode(query)}" if query else path)

    def put(self, path: str, body: Any) -> Any:
        """PUT."""
        return self._send("PUT", path, body)

    def post(self, path: str, body: Any) -> Any:
        """POST with an Idempotency-Key that depends on path and body alone: the same request again has no second effect."""
        key = str(uuid.uuid5(uuid.NAMESPACE_URL, path + json.dumps(body, sort_keys=True)))
        return self._send("POST", path, body, {"Idempotency-Key": key})

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Every item of a list."""
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, limit=200, **query, **cursor)
            yield from page["items"]
            if not page["next_cursor"]:
                return
            cursor = {"cursor": page["next_cursor"]}

    def _send(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        content = None if body is None else json.dumps(body)
        always = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json", "Accept": "application/json"}
        response = self._exchange(method, path, content, {**always, **(headers or {})})
        text = response.read()
        if response.status >= HTTPStatus.BAD_REQUEST:
            raise LocalError(f"{method} {path} was refused with {response.status}: {text.decode(errors='replace')}")
        return json.loads(text) if text else None

    def _exchange(self, method: str, path: str, content: str | None, headers: dict[str, str]) -> http.client.HTTPResponse:
        """One request; once more when the server had closed the idle connection. Keys make a repeated POST harmless."""
        try:
            self._connection.request(method, path, content, headers)
            return self._connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):
            self._connection.close()
            self._connection.request(method, path, content, headers)
            return self._connection.getresponse()


def download(url: str) -> bytes:
    """What a presigned link gives."""
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=60) as answer:
        content: bytes = answer.read()
    return content
