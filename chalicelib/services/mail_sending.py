"""Sending a mail at most once: the attempt is noted before the message is handed over, and an attempt is never repeated blindly.

Whoever dies in between leaves the mail `sending`; after the lease it is `unknown`, which a report of its delivery may settle, and
which a person may answer by sending another.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.mail import Mail, MailStatus
from chalicelib.services.deps import Deps
from chalicelib.services.mail_parcel import Obstacle, Parcel, pack_parcel
from chalicelib.services.metrics import count
from chalicelib.store.mailer import MailRefusedError, OutcomeUnknownError, hand_over
from chalicelib.store.mails import change_mail, close_mail, find_mail

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=6)
"""How long an attempt may take; longer than the function that makes it lives."""
MAX_REASON = 300
"""Characters kept of what SES says."""


def send_mail(deps: Deps, invoice_id: str, name: str) -> None:
    """Send a mail that has not left yet. One that cannot leave now (SES busy, PDF still drawn) stays for the sweep."""
    mail = find_mail(invoice_id, name)
    if mail is not None and mail.status is MailStatus.SENDING:
        _give_up(deps, mail)
    elif mail is not None and mail.status is MailStatus.QUEUED:
        _send(deps, mail)
    else:
        close_mail(invoice_id, name)


def _send(deps: Deps, mail: Mail) -> None:
    parcel = pack_parcel(deps, mail)
    if parcel is None:
        log.info("mail %s about %s waits for its PDF", mail.name, mail.invoice_id)
    elif isinstance(parcel, Obstacle):
        _keep_back(deps, mail, parcel)
    else:
        _try(deps, mail, parcel)


def _try(deps: Deps, mail: Mail, parcel: Parcel) -> None:
    trying = replace(mail, status=MailStatus.SENDING, tried_at=deps.clock(), attempt=deps.new_id())
    if not change_mail(mail, trying):
        return
    try:
        message_id = hand_over(
            parcel.raw, parcel.sender, parcel.to, tags_of(mail), configuration_set=deps.settings.email_configuration_set
        )
    except Unavailable:
        change_mail(trying, mail)
    except MailRefusedError as error:
        _finish(deps, trying, replace(trying, status=MailStatus.FAILED, reason=str(error)[:MAX_REASON]))
    except OutcomeUnknownError:
        _finish(deps, trying, replace(trying, status=MailStatus.UNKNOWN, reason="no_answer"))
    else:
        _finish(deps, trying, replace(trying, status=MailStatus.SENT, message_id=message_id))


def tags_of(mail: Mail) -> dict[str, str]:
    """How SES names the mail in its reports; ids hold dots, which tags must not, and no underscores."""
    return {"invoice": mail.invoice_id.replace(".", "_"), "mail": mail.name}


def _give_up(deps: Deps, mail: Mail) -> None:
    """Settle an attempt whose maker must be dead by now."""
    if mail.tried_at is not None and deps.clock() - mail.tried_at < LEASE:
        return
    _finish(deps, mail, replace(mail, status=MailStatus.UNKNOWN, reason="no_answer"))


def _keep_back(deps: Deps, mail: Mail, obstacle: Obstacle) -> None:
    """Note what keeps a mail from leaving; one that somebody else handed over meanwhile stays as it is, with its attempt."""
    kept = replace(mail, status=obstacle.status, reason=obstacle.reason)
    if change_mail(mail, kept):
        _count_failure(deps, kept)


def _finish(deps: Deps, before: Mail, after: Mail) -> None:
    """Note how it went, also on a mail that was given up meanwhile; a report that came first stays."""
    if change_mail(before, after) or change_mail(replace(before, status=MailStatus.UNKNOWN), after):
        _count_failure(deps, after)


def _count_failure(deps: Deps, mail: Mail) -> None:
    if mail.status in {MailStatus.FAILED, MailStatus.UNKNOWN}:
        count(deps, "MailFailed", invoice=mail.invoice_id, mail=mail.name, reason=mail.reason)
