"""AWS failures in the store's own terms. Nothing above the store sees an AWS or PynamoDB exception."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

AWS_ERRORS = (PynamoDBException, ClientError, BotoCoreError)
CONTENTION = frozenset({"TransactionConflict", "TransactionConflictException", "TransactionInProgressException"})
BUSY = frozenset(
    {
        "ThrottlingException",
        "ThrottlingError",
        "Throttling",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "InternalServerError",
        "ServiceUnavailable",
        "SlowDown",
        "503",
        "500",
    }
)
CONDITION = frozenset({"ConditionalCheckFailed", "ConditionalCheckFailedException"})


class ConditionFailedError(Exception):
    """A condition of a write did not hold. `failed` tells for each action of a transaction whether it was the one."""

    def __init__(self, failed: tuple[bool, ...] = (True,)) -> None:
        """Keep which actions failed, in the order conditions, deletes, puts, updates."""
        self.failed = failed
        super().__init__(f"condition failed: {failed}")


def error_codes(error: Exception) -> tuple[str, ...]:
    """The AWS codes an exception carries: one, or one per action of a cancelled transaction ("" where it was not the cause)."""
    reasons = getattr(getattr(error, "cause", error), "cancellation_reasons", None)
    if reasons:
        return tuple(reason.code if reason else "" for reason in reasons)
    response = getattr(error, "response", None) or getattr(getattr(error, "cause", None), "response", None) or {}
    cancelled = response.get("CancellationReasons")
    if cancelled:
        return tuple(str(reason.get("Code", "")).removeprefix("None") for reason in cancelled)
    return (str(response.get("Error", {}).get("Code", "")),)


def is_condition_failure(error: Exception) -> bool:
    """True when a condition did not hold, and nothing but conditions was the cause."""
    codes = set(error_codes(error)) - {""}
    return bool(codes) and codes <= CONDITION | CONTENTION and bool(codes & CONDITION)


def is_transient(error: Exception) -> bool:
    """True when the same call may go through later: contention, throttling, or a connection that gave no answer."""
    codes = set(error_codes(error)) - {""}
    cause = getattr(error, "cause", error)
    lost = isinstance(cause, BotoCoreError)
    return lost or bool(codes & (CONTENTION | BUSY))


def is_missing_object(error: Exception) -> bool:
    """True when S3 has no such key."""
    return bool({"NoSuchKey", "404", "NotFound"} & set(error_codes(error)))


def is_precondition_failure(error: Exception) -> bool:
    """True when a put-once found the key taken (412), or another put-once of the key under way (409)."""
    return bool({"PreconditionFailed", "ConditionalRequestConflict", "412"} & set(error_codes(error)))
