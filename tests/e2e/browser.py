"""Clients of the running API: real sockets to a real server, several at once. Knows nothing of the code behind it."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any, TypeVar

T = TypeVar("T")

TRIES = 60
PAUSE = 0.25
IN_PROGRESS = 409


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    json: Any

    @property
    def code(self) -> str:
        """The code of a problem document; empty for a success."""
        return str(self.json.get("code", "")) if isinstance(self.json, dict) and self.status >= 400 else ""


@dataclass(frozen=True, slots=True)
class Browser:
    """Asks with a token; every request on a connection of its own."""

    host: str
    token: str

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """A request, to the end."""
        connection = http.client.HTTPConnection(self.host, timeout=60)
        try:
            connection.request(method, path, self._content(body), self._headers(headers))
            response = connection.getresponse()
            content = response.read()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, json.loads(content) if content else None)
        finally:
            connection.close()

    def send_and_hang_up(self, method: str, path: str, body: Any, **headers: str) -> None:
        """A request whose connection is cut before the answer comes."""
        connection = http.client.HTTPConnection(self.host, timeout=60)
        connection.request(method, path, self._content(body), self._headers(headers))
        connection.close()

    def insist(self, method: str, path: str, body: Any, **headers: str) -> Answer:
        """Ask again while the same request is still running, as a client does that got no answer."""
        for _ in range(TRIES):
            answer = self.ask(method, path, body, **headers)
            if answer.code != "idempotency_in_progress":
                return answer
            time.sleep(PAUSE)
        raise AssertionError("the request never ended")

    def done(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The body of an answer that must be a success."""
        answer = self.ask(method, path, body, **headers)
        assert answer.status < 300, (answer.status, answer.json)
        return answer.json

    def await_that(self, path: str, is_so: Callable[[Any], bool]) -> Any:
        """Read until something is so, for as long as the workers may take."""
        for _ in range(TRIES):
            found = self.done("GET", path)
            if is_so(found):
                return found
            time.sleep(PAUSE)
        raise AssertionError(found)

    def _headers(self, given: Mapping[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in given.items()}
        return {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **named}

    @staticmethod
    def _content(body: Any) -> bytes | None:
        return None if body is None else json.dumps(body).encode()


def at_once(acts: Sequence[Callable[[], T]]) -> list[T]:
    """Do all of it at the same moment, each in a thread of its own."""
    start = Barrier(len(acts))

    def run(act: Callable[[], T]) -> T:
        start.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
