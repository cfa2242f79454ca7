"""Which events of the platform are wanted, as EventBridge is told at deployment; the doors behind them are loaded later."""

from __future__ import annotations

from typing import Any

from chalicelib.domain.mail import Feedback

FEEDBACK = {"Delivery": Feedback.DELIVERED, "Bounce": Feedback.BOUNCED, "Complaint": Feedback.COMPLAINED}
"""What SES calls the fates of a mail."""
REPORTS_OF_MAIL: dict[str, Any] = {"source": ["aws.ses"], "detail": {"eventType": [*FEEDBACK]}}
"""The configuration set is named at deployment."""


def created_under(prefix: str) -> dict[str, Any]:
    """The pattern of objects that appear under a prefix; the bucket is named at deployment."""
    return {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"object": {"key": [{"prefix": prefix}]}}}
