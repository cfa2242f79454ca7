"""The one retry policy: what passes is repeated, what does not is told apart, and it ends."""

from __future__ import annotations

import pytest
import tenacity.nap
from botocore.exceptions import ClientError, EndpointConnectionError

from chalicelib.domain.errors import Unavailable
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import ATTEMPTS, retried


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody waits; how long each wait would have been."""
    waits: list[float] = []
    monkeypatch.setattr(tenacity.nap.time, "sleep", waits.append)
    return waits


def failure(code: str, *reasons: str) -> ClientError:
    """What AWS answers; `reasons` are those of a cancelled transaction."""
    response = {"Error": {"Code": code, "Message": code}, "CancellationReasons": [{"Code": reason} for reason in reasons]}
    return ClientError(response, "Write")  # type: ignore[arg-type]  # botocore's own shape


class Flaky:
    """Fails with each of the errors in turn, then answers."""

    def __init__(self, *errors: Exception) -> None:
        """Nothing was called yet."""
        self.errors, self.calls = list(errors), 0

    @retried
    def call(self) -> str:
        """One call."""
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


@pytest.mark.parametrize(
    "error",
    [
        failure("ThrottlingException"),
        failure("RequestThrottled"),
        failure("TransactionCanceledException", "None", "TransactionConflict"),
        EndpointConnectionError(endpoint_url="https://aws"),
    ],
)
def test_what_may_pass_is_repeated(error: Exception, slept: list[float]) -> None:
    """Throttling, conflicting transactions, connections that gave no answer."""
    flaky = Flaky(error, error)
    assert (flaky.call(), flaky.calls, len(slept)) == ("done", 3, 2)


def test_it_ends(slept: list[float]) -> None:
    """After the last attempt the caller learns that the service is not available."""
    flaky = Flaky(*[failure("ThrottlingException")] * 99)
    with pytest.raises(Unavailable):
        flaky.call()
    assert (flaky.calls, len(slept)) == (ATTEMPTS, ATTEMPTS - 1)


def test_a_condition_that_does_not_hold_is_no_failure_of_the_service() -> None:
    """It is raised at once, and says which actions of the transaction were the cause."""
    flaky = Flaky(failure("TransactionCanceledException", "None", "ConditionalCheckFailed"))
    with pytest.raises(ConditionFailedError) as caught:
        flaky.call()
    assert (caught.value.failed, flaky.calls) == ((False, True), 1)


def test_anything_else_is_a_bug_and_passes_through() -> None:
    """No repetition hides it."""
    flaky = Flaky(failure("ValidationException"))
    with pytest.raises(ClientError):
        flaky.call()
    assert flaky.calls == 1
