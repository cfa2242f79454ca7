"""Handing a message to SES, once: what surely was not taken may be tried again, what may have been taken never is.

SES has no idempotency key. So an answer that does not come, or says that something broke inside, is told apart from a refusal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError

from chalicelib.store.clients import ses
from chalicelib.store.retry import TransientError, retried

BUSY = frozenset(
    {
        "TooManyRequestsException",
        "LimitExceededException",
        "SendingPausedException",
        "ThrottlingException",
        "Throttling",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)
"""Codes that say: not taken, come again later."""
NOT_REACHED = (ConnectTimeoutError, EndpointConnectionError)
SERVER_ERROR = 500


class MailRefusedError(Exception):
    """SES does not take the message, and will not take it later; the message says why."""


class OutcomeUnknownError(Exception):
    """Whether SES took the message is not known."""


@retried
def hand_over(raw: bytes, sender: str, to: str, tags: Mapping[str, str], configuration_set: str) -> str:
    """Give SES a message; the id it gave. Raises MailRefusedError, OutcomeUnknownError, Unavailable when surely not taken.

    `tags` come back with every report about the message; their values are letters, digits, `_` and `-`.
    """
    request: dict[str, Any] = {
        "FromEmailAddress": sender,
        "Destination": {"ToAddresses": [to]},
        "Content": {"Raw": {"Data": raw}},
        "EmailTags": [{"Name": name, "Value": value} for name, value in tags.items()],
        **({"ConfigurationSetName": configuration_set} if configuration_set else {}),
    }
    try:
        message_id: str = ses().send_email(**request)["MessageId"]
    except NOT_REACHED as error:
        raise TransientError(str(error)) from error
    except BotoCoreError as error:
        raise OutcomeUnknownError(str(error)) from error
    except ClientError as error:
        raise _translated(error) from error
    return message_id


def _translated(error: ClientError) -> Exception:
    code = str(error.response.get("Error", {}).get("Code", ""))
    if code in BUSY:
        return TransientError(str(error))
    if int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", SERVER_ERROR)) >= SERVER_ERROR:
        return OutcomeUnknownError(str(error))
    return MailRefusedError(str(error.response["Error"].get("Message", code)))
