"""What SES reports of mails later: noted on the mail, and on the customer whose address does not work. Sends nothing."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from chalicelib.domain.customer import EmailStatus
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.mail import Feedback, Mail, apply_feedback
from chalicelib.domain.mail_addresses import distrust
from chalicelib.services.deps import Deps
from chalicelib.store.customers import find_customer, save_customer
from chalicelib.store.keys import parse_invoice_id
from chalicelib.store.mails import change_mail, find_mail

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of a mail. `is_final`: nothing will ever arrive at the address, or its owner wants nothing more."""

    invoice_id: str
    mail: str
    feedback: Feedback
    reason: str
    is_final: bool


def note_report(deps: Deps, report: Report) -> None:
    """Note a report; a second time, or of a mail not known, it changes nothing. Unavailable, Conflict: let it come again."""
    mail = find_mail(report.invoice_id, report.mail)
    if mail is None:
        log.warning("report about a mail that is not known: %s %s", report.invoice_id, report.mail)
        return
    changed = apply_feedback(mail, report.feedback, report.reason)
    if changed is not None and not change_mail(mail, changed):
        raise Unavailable("the mail is being changed")
    if report.is_final:
        _distrust_address(deps, mail, EmailStatus(report.feedback.value))


def _distrust_address(deps: Deps, mail: Mail, status: EmailStatus) -> None:
    """Mark the customer whose address it still is, so that no mail goes there by itself."""
    customer = find_customer(parse_invoice_id(mail.invoice_id)[0])
    marked = None if customer is None else distrust(customer, mail.to, status)
    if marked is not None:
        now = deps.clock()
        shards = (deps.settings.list_shards, deps.settings.due_shards)
        save_customer(replace(marked, updated_at=now), None, *shards, template_before=marked.template_id)
