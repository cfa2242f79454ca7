"""Matching entries of bank statements anew: after invoices were issued or paid, others may be meant. Books nothing.

What was confirmed stays with the proposals that the clerk saw.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.bank_entry import EntryState
from chalicelib.domain.bank_matching import propose
from chalicelib.domain.bank_statement import ListedEntry
from chalicelib.domain.errors import Conflict
from chalicelib.services.bank_confirmation import may_be_confirmed
from chalicelib.services.bank_debtors import Debtors
from chalicelib.services.bank_statements import list_entries
from chalicelib.services.deps import Deps
from chalicelib.store import bank_entries as store


def match_entries(deps: Deps, statement_id: str, limit: int, cursor: str | None) -> tuple[list[ListedEntry], str | None]:
    """A page of the entries that wait, with the proposals of now; NotFound."""
    found, following = list_entries(statement_id, limit, cursor, EntryState.PENDING)
    if not found:
        return [], following
    debtors = Debtors(deps)
    return [_match(deps, listed, debtors) for listed in found], following


def match_entry(deps: Deps, statement_id: str, entry_id: str) -> ListedEntry:
    """An entry with the proposals of now. Raises NotFound, Conflict `wrong_state` where nothing can be confirmed any more."""
    listed = store.get_entry(statement_id, entry_id)
    if not may_be_confirmed(listed, not_a_duplicate=True):
        raise Conflict("wrong_state", f"The entry is {listed.state}; nothing is proposed for it.")
    return _match(deps, listed, Debtors(deps))


def _match(deps: Deps, listed: ListedEntry, debtors: Debtors) -> ListedEntry:
    """Proposals that are still the same keep their instant, so nobody is told that they changed."""
    proposals = propose(listed.entry, debtors.of_entry(listed.entry))
    if proposals == listed.proposals:
        return listed
    return store.save_proposals(replace(listed, proposals=proposals, proposed_at=deps.clock()))
