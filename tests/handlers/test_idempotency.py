"""Idempotency-Key: one effect and one answer, however often and however unluckily a request is repeated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pynamodb.models import Model

from chalicelib import wiring
from chalicelib.domain.errors import Conflict
from chalicelib.services.deps import Deps
from chalicelib.services.idempotency import Remembered, open_request
from chalicelib.store.work_tables import IdempotencyItem
from tests.support.cloud import Cloud
from tests.support.http import ApiClient

START = datetime(2026, 11, 15, 9, 30, 0, 123456, tzinfo=UTC)
KEY = {"Idempotency-Key": "k-1"}
BODY = {"name": "Acme", "currency": "EUR"}


@pytest.fixture
def at(cloud: Cloud) -> Callable[[timedelta], Deps]:
    """Dependencies whose clock stands so long after START."""
    return lambda passed: replace(wiring.get_deps(), clock=lambda: START + passed)


def opened(deps: Deps, request: str = "hash") -> Remembered:
    """The request under the key, opened."""
    return open_request(deps, "user:staff", "k-1", request)


def items(model: type[Model]) -> list[Any]:
    """All items of a model."""
    return list(model.scan())


def test_the_same_key_with_another_body_is_refused(api: ApiClient) -> None:
    """One key stands for one request: other content, or another path, is 409."""
    api.post("/customers", BODY, headers=KEY)
    assert api.post("/customers", {**BODY, "name": "Other"}, headers=KEY).json["code"] == "idempotency_mismatch"
    assert api.post("/packages", {"name": "Flat"}, headers=KEY).json["code"] == "idempotency_mismatch"


def test_keys_of_different_people_do_not_meet(api: ApiClient) -> None:
    """A key counts for who sent it."""
    first = api.post("/customers", BODY, headers=KEY)
    second = api.post("/customers", BODY, headers=KEY, token=api.token(sub="somebody else"))
    assert first.json["id"] != second.json["id"]


def test_a_refusal_is_repeated_too(api: ApiClient) -> None:
    """What the use case refused is the answer to that request: a repetition gets the same problem."""
    api.post("/customers", {**BODY, "id": "acme"})
    first = api.post("/customers", {**BODY, "id": "acme"}, headers=KEY)
    again = api.post("/customers", {**BODY, "id": "acme"}, headers=KEY)
    assert (first.status, again.status) == (409, 409)
    assert again.json == first.json
    assert again.headers["idempotency-replayed"] == "true"


def test_a_request_that_was_never_understood_is_not_remembered(api: ApiClient) -> None:
    """After a body that does not fit, the corrected one may use the key."""
    assert api.post("/customers", {"name": "Acme"}, headers=KEY).status == 422
    assert api.post("/customers", BODY, headers=KEY).status == 201


@pytest.mark.parametrize("key", ["x" * 256, "a\x07b"])
def test_refuses_keys_that_are_none(api: ApiClient, key: str) -> None:
    """Keys are at most 255 printable characters."""
    assert api.post("/customers", BODY, headers={"Idempotency-Key": key}).status == 400


def test_a_key_with_separators_stays_its_own(api: ApiClient) -> None:
    """No spelling of subject and key runs into another's."""
    first = api.post("/customers", BODY, headers={"Idempotency-Key": "b#c"}, token=api.token(sub="a"))
    second = api.post("/customers", BODY, headers={"Idempotency-Key": "c"}, token=api.token(sub="a#b"))
    assert first.json["id"] != second.json["id"]


def test_a_large_answer_is_repeated_from_the_bucket(at: Callable[[timedelta], Deps]) -> None:
    """Answers that do not fit an item come back all the same."""
    noise = bytes(range(256)) * 4 + b"".join(START.isoformat().encode() + str(n * n * 7919).encode() for n in range(60_000))
    opened(at(timedelta())).remember(noise)
    assert opened(at(timedelta(seconds=1))).answer == noise


def test_while_it_runs_the_same_request_waits(at: Callable[[timedelta], Deps]) -> None:
    """Within the lease a second execution is refused; after it, the holder is taken for dead and one may take over."""
    opened(at(timedelta()))
    with pytest.raises(Conflict, match="in_progress"):
        opened(at(timedelta(seconds=59)))
    assert opened(at(timedelta(seconds=60))).answer is None
    with pytest.raises(Conflict, match="in_progress"):
        opened(at(timedelta(seconds=61)))


def test_every_execution_has_the_same_ids_and_the_same_instant(at: Callable[[timedelta], Deps]) -> None:
    """A request executed again meets what it made before, since its ids and its clock are those of the first try."""
    first = opened(at(timedelta())).deps
    again = opened(at(timedelta(minutes=5))).deps
    ids = [first.new_id() for _ in range(3)]
    assert [again.new_id() for _ in range(3)] == ids
    assert len(set(ids)) == 3
    assert all(len(each) == 26 and each.islower() for each in ids)
    assert again.clock() == first.clock() == START


def test_a_request_that_failed_for_reasons_of_ours_may_run_again_at_once(at: Callable[[timedelta], Deps]) -> None:
    """Released, it keeps its first instant, so that ids stay the same."""
    failed = opened(at(timedelta()))
    ids = failed.deps.new_id()
    failed.release()
    assert opened(at(timedelta(seconds=1))).deps.new_id() == ids


def test_a_key_is_forgotten_after_two_days(at: Callable[[timedelta], Deps]) -> None:
    """Then it may stand for something else, even before the table has swept it away."""
    opened(at(timedelta())).remember(b"old")
    assert opened(at(timedelta(hours=47))).answer == b"old"
    assert opened(at(timedelta(hours=48)), "another").answer is None


def test_a_crash_after_the_effect_is_met_again(api: ApiClient) -> None:
    """The answer got lost, the lease ran out: the repetition makes no second customer and answers what the first would have."""
    first = api.post("/customers", BODY, headers=KEY)
    (item,) = items(IdempotencyItem)
    item.update(actions=[IdempotencyItem.answer.remove(), IdempotencyItem.lease.set(START.isoformat())])
    again = api.post("/customers", BODY, headers=KEY)
    assert (again.status, again.json) == (201, first.json)
    assert "idempotency-replayed" not in again.headers
    assert len(api.get("/customers").json["items"]) == 1
