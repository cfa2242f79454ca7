"""What goes along with a mail: the PDF of its document, and with a reminder the letter that says the same on paper.

A letter is wanted, not demanded: one that cannot be drawn, or takes too long, keeps no reminder from leaving.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.customer import Customer
from chalicelib.domain.errors import Conflict
from chalicelib.domain.invoice import Invoice
from chalicelib.domain.mail import Mail
from chalicelib.render.enclosure import Enclosure
from chalicelib.services.deps import Deps
from chalicelib.services.reminder_letters import ask_for_letter, letter_name
from chalicelib.store import objects

MAX_ATTACHMENTS = 5 * 1024 * 1024
"""Bytes that go along; many mailboxes refuse more than 10 MB, and a third is added on the way."""
LETTER_PATIENCE = timedelta(minutes=20)
"""How long a mail waits for its letter: two rounds of the sweep, of which the first has a letter drawn whose event was lost."""

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnclosedLetter:
    """The letter of a reminder: what its file is called, where it lies. Without `key` there is none, or none yet."""

    name: str = ""
    key: str | None = None
    is_awaited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosures:
    """PDFs by file name, and what became of that of the document."""

    files: Mapping[str, bytes]
    document: Enclosure


def find_enclosed_letter(deps: Deps, mail: Mail, invoice: Invoice, customer: Customer) -> EnclosedLetter:
    """The letter of the day on which the mail was queued; it is drawn once somebody asked. Only reminders have one."""
    if mail.reminder is None:
        return EnclosedLetter()
    try:
        key = ask_for_letter(deps, invoice, customer, mail.reminder, mail.date)
    except Conflict:  # it cannot be drawn, or the invoice does not fit the step any more: the mail says it all
        return EnclosedLetter()
    return EnclosedLetter(name=f"{letter_name(invoice, mail.reminder, mail.date)}.pdf", key=key, is_awaited=key is None)


def find_enclosures(deps: Deps, mail: Mail, invoice: Invoice, customer: Customer) -> Enclosures | None:
    """What goes along now, the letter first; None while it is worth waiting for a PDF."""
    letter = find_enclosed_letter(deps, mail, invoice, customer)
    document = objects.pdf_key(invoice.id, invoice.revision)
    size = objects.find_size(document)
    if size is None or (letter.is_awaited and deps.clock() - mail.created_at < LETTER_PATIENCE):
        return None
    keys = {letter.name: letter.key} if letter.key else {}
    fits = size + sum(objects.find_size(key) or 0 for key in keys.values()) <= MAX_ATTACHMENTS
    if fits:
        keys[f"{_UNSAFE.sub('-', invoice.number or 'document')}.pdf"] = document
    files = {name: pdf for name, key in keys.items() if (pdf := objects.find_object(key))}
    return Enclosures(files=files, document=Enclosure.ATTACHED if fits else Enclosure.TOO_LARGE)
