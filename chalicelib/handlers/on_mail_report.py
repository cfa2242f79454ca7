"""Door for what SES reports of mails (EventBridge, source aws.ses): bounces, complaints, deliveries.

Reports of mails that are not ours are left alone; only what may go through later is raised.
"""

from __future__ import annotations

import logging
from typing import Any

from chalicelib.domain.errors import NotFound
from chalicelib.domain.mail import Feedback
from chalicelib.handlers.event_patterns import FEEDBACK
from chalicelib.services.mail_reports import Report, note_report
from chalicelib.store.acting import acting
from chalicelib.wiring import get_deps

log = logging.getLogger(__name__)

MAX_REASON = 300
"""Characters kept of what a mail server says."""


@acting("system:note_bounce")
def note_bounce(event: dict[str, Any]) -> None:
    """Note what became of a mail."""
    try:
        report = parse_report(event["detail"])
    except (AttributeError, KeyError, IndexError, TypeError):
        log.warning("report that is not about a mail of ours: %s", event.get("id"))
        return
    try:
        note_report(get_deps(), report)
    except NotFound:
        log.warning("report about a mail of no document: %s", event.get("id"))


def parse_report(detail: dict[str, Any]) -> Report:
    """The report of an event's detail; AttributeError, KeyError, IndexError or TypeError for one without our tags."""
    tags, feedback = detail["mail"]["tags"], FEEDBACK[detail["eventType"]]
    is_final = feedback is Feedback.COMPLAINED or detail.get("bounce", {}).get("bounceType") == "Permanent"
    return Report(
        invoice_id=str(tags["invoice"][0]).replace("_", "."),
        mail=str(tags["mail"][0]),
        feedback=feedback,
        reason=_reason(detail)[:MAX_REASON],
        is_final=is_final,
    )


def _reason(detail: dict[str, Any]) -> str:
    """What the receiving server said, as far as the report tells."""
    bounce, complaint = detail.get("bounce", {}), detail.get("complaint", {})
    kind = [bounce.get("bounceType"), bounce.get("bounceSubType"), complaint.get("complaintFeedbackType")]
    said = [each.get("diagnosticCode") for each in bounce.get("bouncedRecipients", [])]
    return ", ".join(str(part) for part in (*kind, *said) if part)
