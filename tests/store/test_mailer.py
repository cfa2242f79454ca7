"""SES under faults: what was surely not taken is tried again, what may have been taken never is."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from moto.core.botocore_stubber import MockRawResponse

from chalicelib.domain.errors import Unavailable
from chalicelib.store.mailer import MailRefusedError, OutcomeUnknownError, hand_over
from tests.support.aws_calls import Call, Watcher, watched
from tests.support.mailroom import SENDER, Mailroom

if TYPE_CHECKING:
    from tests.support.cloud import Cloud

RAW = b"From: billing@telco.example\r\nTo: ap@acme.example\r\nMessage-ID: <1@telco.example>\r\nSubject: x\r\n\r\nx"


@dataclass(slots=True)
class Trouble(Watcher):
    """Spoils the first tries of SES; `happens` gets the request and what would send it."""

    tries: int
    happens: Callable[[Any, Callable[[], Any]], Any]

    def on_wire(self, call: Call, request: Any, send: Callable[[], Any]) -> Any:
        """Spoil a try."""
        if call.operation != "SendEmail" or not self.tries:
            return send()
        self.tries -= 1
        return self.happens(request, send)


def refuse(status: int, code: str) -> Callable[[Any, Callable[[], Any]], Any]:
    """SES answers with an error."""
    body = json.dumps({"message": "no"}).encode()

    def answer(request: Any, _send: Callable[[], Any]) -> AWSResponse:
        headers = {"content-type": "application/json", "x-amzn-errortype": code}
        return AWSResponse(request.url, status, headers, MockRawResponse(body))

    return answer


def not_reached(request: Any, _send: Callable[[], Any]) -> None:
    """No connection."""
    raise ConnectTimeoutError(endpoint_url=request.url)


def lose_answer(request: Any, send: Callable[[], Any]) -> None:
    """SES takes it, and nobody learns of it."""
    send()
    raise ReadTimeoutError(endpoint_url=request.url)


@pytest.fixture
def mailroom(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Mailroom:
    """A post office that has sent nothing; waiting takes no time."""
    assert cloud
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    return Mailroom().open()


def send(trouble: Trouble) -> str:
    """Hand a message over."""
    with watched(trouble):
        return hand_over(RAW, SENDER, "ap@acme.example", {"invoice": "acme_1"}, "")


@pytest.mark.parametrize("happens", [refuse(429, "TooManyRequestsException"), refuse(503, "ServiceUnavailable"), not_reached])
def test_what_was_not_taken_is_tried_again(mailroom: Mailroom, happens: Callable[..., Any]) -> None:
    """Twice busy, or not reached, is not the end; nine times is."""
    assert send(Trouble(2, happens))
    assert len(mailroom.sent) == 1
    with pytest.raises(Unavailable):
        send(Trouble(9, happens))
    assert len(mailroom.sent) == 1


@pytest.mark.parametrize("happens, taken", [(lose_answer, 1), (refuse(500, "InternalFailure"), 0), (refuse(502, ""), 0)])
def test_what_may_have_been_taken_is_never_sent_again(mailroom: Mailroom, happens: Callable[..., Any], taken: int) -> None:
    """A lost answer and an error inside are not repeated by anybody, the SDK included."""
    trouble = Trouble(1, happens)
    with pytest.raises(OutcomeUnknownError):
        send(trouble)
    assert (trouble.tries, len(mailroom.sent)) == (0, taken)


def test_a_refusal_is_final(mailroom: Mailroom) -> None:
    """What SES does not want is not tried again, and its words are kept."""
    with pytest.raises(MailRefusedError, match="no"):
        send(Trouble(1, refuse(400, "MessageRejected")))
    assert mailroom.sent == []


def test_the_configuration_set_goes_along(mailroom: Mailroom) -> None:
    """With one configured, SES is told to report by it; the tags go with every message."""
    seen: list[dict[str, Any]] = []

    def look(request: Any, send: Callable[[], Any]) -> Any:
        seen.append(json.loads(request.body))
        return send()

    with watched(Trouble(1, look)):
        hand_over(RAW, SENDER, "ap@acme.example", {"invoice": "acme_1", "mail": "issued"}, "reports")
    assert seen[0]["ConfigurationSetName"] == "reports"
    assert seen[0]["EmailTags"] == [{"Name": "invoice", "Value": "acme_1"}, {"Name": "mail", "Value": "issued"}]
    assert len(mailroom.sent) == 1
