"""How a mail is told of its PDF. Apart from the writing of mails, which takes much to load."""

from __future__ import annotations

from enum import StrEnum


class Enclosure(StrEnum):
    """Whether the PDF comes with the mail; one that is too large has to be fetched, or asked for."""

    ATTACHED = "attached"
    TOO_LARGE = "too_large"
