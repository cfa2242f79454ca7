"""Drafts as paper: what would be issued now, in today's look. Draws nothing, and changes no draft.

A change of the draft, its customer, the settings or the template makes another paper; nothing has to remember which of them
changed.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from chalicelib.domain.invoice import Invoice
from chalicelib.domain.issuing import freeze_parties
from chalicelib.services.template_choice import with_template_version
from chalicelib.store import codec
from chalicelib.store.customers import get_customer
from chalicelib.store.settings import get_settings

FIRST, COUNT = 100_000_000, 900_000_000
"""Numbers of drafts' papers: far beyond those of revisions, which count from 0 since the issue."""


def as_paper(draft: Invoice) -> Invoice:
    """The draft with parties, look and version of the template as of now; as revision, a digest of all that is on it."""
    planned = with_template_version(freeze_parties(draft, get_customer(draft.customer_id), get_settings()))
    digest = int.from_bytes(hashlib.sha256(codec.dump(planned)).digest()[:8])
    return replace(planned, revision=FIRST + digest % COUNT)
