"""Mails about documents as items: each under a name that can be taken once, changed only from the state it was read in.

A mail that may still leave is noted in the work table too, where the sweep finds it.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.domain.mail import OPEN as LEAVING
from chalicelib.domain.mail import Mail
from chalicelib.store import codec, keys
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.runs import OPEN
from chalicelib.store.tables import MailItem
from chalicelib.store.transaction import commit
from chalicelib.store.work_tables import OpenMailItem


def put_mail_once(mail: Mail, at: datetime) -> Mail:
    """Keep a new mail under its name; what is there already under it, stays and is returned instead."""
    return _put(mail, at, MailItem.pk.does_not_exist())


def put_mail_again(before: Mail, mail: Mail, at: datetime) -> Mail:
    """Keep a mail over one that never left; where that changed meanwhile, what is there now stays and is returned instead."""
    return _put(mail, at, (MailItem.st == before.status.value) & MailItem.tried.does_not_exist())


def _put(mail: Mail, at: datetime, condition: Condition) -> Mail:
    def fill(transaction: TransactWrite) -> None:
        transaction.save(_item(mail), condition=condition)
        if mail.status in LEAVING:
            transaction.save(_open_item(mail, at))

    try:
        commit(fill)
    except ConditionFailedError:
        return find_mail(mail.invoice_id, mail.name) or mail
    return mail


def find_mail(invoice_id: str, name: str) -> Mail | None:
    """The mail as last committed, or None."""
    customer_id, suffix = keys.parse_invoice_id(invoice_id)
    item = _find(keys.customer_pk(customer_id), keys.mail_sk(suffix, name))
    return None if item is None else codec.restore(Mail, item.doc)


def list_mails(invoice_id: str, beginning: str = "") -> list[Mail]:
    """Every mail about a document whose name begins so, the oldest first."""
    customer_id, suffix = keys.parse_invoice_id(invoice_id)
    found = _query(keys.customer_pk(customer_id), keys.mail_sk(suffix, beginning))
    return sorted((codec.restore(Mail, item.doc) for item in found), key=lambda mail: (mail.created_at, mail.name))


def change_mail(before: Mail, after: Mail) -> bool:
    """Write a mail over the state it was read in; False when another changed that first. One that cannot leave is closed."""

    def fill(transaction: TransactWrite) -> None:
        transaction.save(_item(after), condition=MailItem.st == before.status.value)
        if after.status not in LEAVING:
            transaction.delete(_open_item(after, after.created_at))

    try:
        commit(fill)
    except ConditionFailedError:
        return find_mail(after.invoice_id, after.name) == after  # true when only the reply was lost
    return True


def close_mail(invoice_id: str, name: str) -> None:
    """Have the sweep forget a mail, unless it may leave: it may have been queued again since it was read."""
    customer_id, suffix = keys.parse_invoice_id(invoice_id)
    pk, sk = keys.customer_pk(customer_id), keys.mail_sk(suffix, name)
    ended = MailItem.st.does_not_exist() | ~MailItem.st.is_in(*(status.value for status in LEAVING))

    def fill(transaction: TransactWrite) -> None:
        transaction.condition_check(MailItem, pk, sk, condition=ended)
        transaction.delete(OpenMailItem(keys.open_mail_pk(invoice_id, name), keys.HEAD))

    with suppress(ConditionFailedError):
        commit(fill)


def _item(mail: Mail) -> MailItem:
    customer_id, suffix = keys.parse_invoice_id(mail.invoice_id)
    pk, sk = keys.customer_pk(customer_id), keys.mail_sk(suffix, mail.name)
    return MailItem(pk, sk, st=mail.status.value, tried=True if mail.tried_at else None, doc=codec.plain(mail))


def _open_item(mail: Mail, at: datetime) -> OpenMailItem:
    item = OpenMailItem(keys.open_mail_pk(mail.invoice_id, mail.name), keys.HEAD, invoice=mail.invoice_id, name=mail.name)
    item.op, item.os = OPEN, f"{keys.instant(at)}#{mail.invoice_id}#{mail.name}"
    return item


@retried
def _find(pk: str, sk: str) -> MailItem | None:
    try:
        return MailItem.get(pk, sk, consistent_read=True)
    except MailItem.DoesNotExist:
        return None


@retried
def _query(pk: str, prefix: str) -> list[MailItem]:
    return list(MailItem.query(pk, MailItem.sk.startswith(prefix), consistent_read=True))
