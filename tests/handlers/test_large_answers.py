"""Answers that no function may give in one piece."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from chalice.app import Response

from chalicelib import wiring
from chalicelib.handlers.large_answers import MAX_REPLY, fit_answer
from chalicelib.handlers.responses import LongText
from chalicelib.store import objects
from tests.support.cloud import Cloud


def kept_of(response: Response) -> bytes:
    """What the client finds where it is led."""
    [key] = objects.list_keys("exports/answers/")
    assert key in str(response.headers["Location"])
    return objects.find_object(key) or b""


@pytest.mark.parametrize(
    "text", ["x" * MAX_REPLY, '"' * (MAX_REPLY // 2), "é" * (MAX_REPLY // 6 + 1), "😀" * (MAX_REPLY // 12 + 1)]
)
def test_a_body_beyond_what_a_function_may_answer_is_linked(cloud: Cloud, text: str) -> None:
    """What counts is the size inside the reply, where quotes and foreign letters take more; the whole body is behind the link."""
    response = fit_answer(wiring.get_deps(), Response(text, status_code=201, headers={"ETag": '"3"'}))
    assert (response.status_code, response.headers["X-Answer-Status"], response.headers["ETag"]) == (303, "201", '"3"')
    assert kept_of(response).decode() == text
    answer = json.loads(response.body)
    assert (answer["url"], set(answer)) == (response.headers["Location"], {"url", "expires_at"})


def test_a_body_that_fits_goes_out_as_it_is(cloud: Cloud) -> None:
    """Up to the limit nothing changes, and nothing is kept."""
    response = Response("x" * (MAX_REPLY - 2), status_code=200)
    assert fit_answer(wiring.get_deps(), response) is response
    assert list(objects.list_keys("exports/answers/")) == []


def test_a_csv_stays_one_behind_its_link(cloud: Cloud) -> None:
    """The link downloads text/csv; the answer that leads there is JSON and offers no download of its own."""
    headers: dict[str, str | list[str]] = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="1.csv"',
    }
    response = fit_answer(wiring.get_deps(), Response("x" * MAX_REPLY, status_code=200, headers=headers))
    assert response.headers["Content-Type"] == "application/json"
    assert "Content-Disposition" not in response.headers
    assert "text%2Fcsv" in str(response.headers["Location"])


def test_a_text_in_pieces_that_fits_goes_out_whole(cloud: Cloud) -> None:
    """As if it had been one text."""
    response = fit_answer(wiring.get_deps(), Response(LongText(iter("abc")), status_code=200))
    assert (response.status_code, response.body) == (200, "abc")


def test_a_text_in_pieces_is_never_held_whole(cloud: Cloud) -> None:
    """Beyond the limit each piece is kept before the next one is asked for; the link downloads the kind of file it is."""
    alive: set[int] = set()

    class Piece(str):
        """Tells how many of its kind there are."""

        __slots__ = ("number",)

        def __del__(self) -> None:
            alive.discard(self.number)

    def pieces(count: int) -> Iterator[str]:
        for number in range(count):
            piece = Piece("x" * (MAX_REPLY // 4))
            piece.number = number
            alive.add(number)
            most.append(len(alive))
            yield piece

    most: list[int] = []
    headers: dict[str, str | list[str]] = {"Content-Type": "application/xml; charset=utf-8"}
    response = fit_answer(wiring.get_deps(), Response(LongText(pieces(24)), status_code=200, headers=headers))
    assert (response.status_code, kept_of(response)) == (303, b"x" * (MAX_REPLY // 4 * 24))
    assert max(most) < 8
    assert "answer.xml" in str(response.headers["Location"])
