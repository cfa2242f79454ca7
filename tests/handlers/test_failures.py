"""What clients see when a use case fails in ways that are not theirs, or headers are required: on endpoints made for it."""

from __future__ import annotations

import logging

import pytest
from chalice.app import Chalice
from chalice.test import Client

from chalicelib.domain.errors import Conflict, Unavailable
from chalicelib.handlers.api import Api
from chalicelib.handlers.chalice_refusals import translate_refusals
from chalicelib.handlers.requests import Request
from chalicelib.handlers.responses import Answer
from tests.support.cloud import Cloud
from tests.support.http import ApiClient

KEY = {"Idempotency-Key": "k-1"}


class Moods:
    """What the next requests meet, in order; at the end all goes well."""

    def __init__(self) -> None:
        """Begin in a good mood."""
        self.coming: list[Exception] = []
        self.ids: list[str] = []

    def meet(self, request: Request) -> Answer:
        """Fail as planned, or answer with a new id."""
        self.ids.append(request.deps.new_id())
        if self.coming:
            raise self.coming.pop(0)
        return Answer({"id": self.ids[-1]})


@pytest.fixture
def moods() -> Moods:
    """What happens next."""
    return Moods()


@pytest.fixture
def sandbox(cloud: Cloud, moods: Moods) -> ApiClient:
    """A client of an app with three endpoints that fail as planned."""
    api = Api(__name__)

    @api.endpoint("POST", "/things", permission="billing:write", summary="Make")
    def make_thing(request: Request) -> Answer:
        return moods.meet(request)

    @api.endpoint("POST", "/payments", permission="billing:write", summary="Pay", require_idempotency_key=True)
    def make_payment(request: Request) -> Answer:
        return moods.meet(request)

    @api.endpoint("PATCH", "/things", permission="billing:write", summary="Change", require_if_match=True)
    def change_thing(request: Request) -> Answer:
        return Answer({"if_match": request.if_match}, status=202, headers={"Location": "/things"})

    app = Chalice("sandbox")
    app.register_middleware(translate_refusals, "http")
    app.register_blueprint(api)
    return ApiClient(cloud, Client(app))


def test_an_unexpected_error_is_opaque_and_logged(sandbox: ApiClient, moods: Moods, caplog: pytest.LogCaptureFixture) -> None:
    """The client learns a request id and nothing else; the log has the trace under that id."""
    caplog.set_level(logging.INFO)
    moods.coming = [RuntimeError("secret detail")]
    reply = sandbox.post("/things")
    assert (reply.status, reply.json["code"]) == (500, "internal_error")
    assert "secret" not in reply.text
    (record,) = [record for record in caplog.records if record.exc_info]
    assert reply.json["request_id"] in record.getMessage()


def test_a_busy_service_says_when_to_come_again(sandbox: ApiClient, moods: Moods) -> None:
    """503 carries Retry-After, and does not show what the dependency said."""
    moods.coming = [Unavailable("table billing-123 throttled")]
    reply = sandbox.post("/things")
    assert (reply.status, reply.json["code"], reply.headers["retry-after"]) == (503, "unavailable", "2")
    assert "throttled" not in reply.text


@pytest.mark.parametrize("failure", [Unavailable("busy"), RuntimeError("bug")])
def test_after_a_failure_of_ours_the_same_request_runs_again_with_the_same_ids(
    sandbox: ApiClient, moods: Moods, failure: Exception
) -> None:
    """A 5xx is no answer: the repetition executes, and makes under the same ids what the failed try may have made."""
    moods.coming = [failure]
    assert sandbox.post("/things", headers=KEY).status >= 500
    again = sandbox.post("/things", headers=KEY)
    assert again.status == 200
    assert moods.ids == [again.json["id"]] * 2
    assert sandbox.post("/things", headers=KEY).headers["idempotency-replayed"] == "true"
    assert len(moods.ids) == 2


def test_where_money_moves_the_key_is_required(sandbox: ApiClient) -> None:
    """Without an Idempotency-Key such a POST is 400 and nothing is done."""
    reply = sandbox.post("/payments")
    assert (reply.status, reply.json["code"]) == (400, "missing_header")
    assert sandbox.post("/payments", headers=KEY).status == 200


def test_where_overwriting_hurts_if_match_is_required(sandbox: ApiClient) -> None:
    """Without If-Match 428; with it the version is read from a strong or weak tag, and * asks for any."""
    assert sandbox.patch("/things").json["code"] == "precondition_required"
    read = [sandbox.patch("/things", headers={"If-Match": tag}).json["if_match"] for tag in ('"7"', 'W/"7"', "*", '"abc"', "7")]
    assert read == [7, 7, None, -1, -1]


def test_details_of_a_conflict_are_members_of_the_problem(sandbox: ApiClient, moods: Moods) -> None:
    """What an error knows more is told, but can replace none of the standard members."""
    moods.coming = [Conflict("day_already_billed", "Two days.", days=["2026-11-01"], status="x")]
    reply = sandbox.post("/things")
    assert (reply.status, reply.json["status"], reply.json["days"]) == (409, 409, ["2026-11-01"])


def test_a_stale_version_without_if_match_is_a_conflict(sandbox: ApiClient, moods: Moods) -> None:
    """412 answers a condition; who set none is told 409."""
    moods.coming = [Conflict("stale_version"), Conflict("stale_version")]
    assert sandbox.post("/things").status == 409
    assert sandbox.post("/things", headers={"If-Match": '"1"', **KEY}).status == 412


def test_a_body_where_none_is_needed_may_be_empty_but_not_wrong(sandbox: ApiClient) -> None:
    """Empty and {} are fine, fields are unknown."""
    assert sandbox.post("/things", {}).status == 200
    assert sandbox.post("/things", {"x": 1}).codes == {"x": "unknown_field"}


def test_an_answer_keeps_its_own_status_and_headers(sandbox: ApiClient) -> None:
    """A handler may answer with another status than the endpoint's, and add headers."""
    reply = sandbox.patch("/things", headers={"If-Match": "*"})
    assert (reply.status, reply.headers["location"]) == (202, "/things")
