"""What the chunks of a run came to, in numbers: a small item beside each finished chunk.

So the progress of a run over a million customers is read in two pages. Numbers are set, never added to: nothing counts twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.store import keys
from chalicelib.store.retry import retried
from chalicelib.store.runs import Chunk
from chalicelib.store.work_tables import TallyItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Customers done, skipped and failed; invoices issued and left as drafts."""

    done: int = 0
    issued: int = 0
    drafts: int = 0
    skipped: int = 0
    failed: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Both in one."""
        return Tally(
            done=self.done + other.done,
            issued=self.issued + other.issued,
            drafts=self.drafts + other.drafts,
            skipped=self.skipped + other.skipped,
            failed=self.failed + other.failed,
        )


@retried
def record_tally(chunk: Chunk, tally: Tally) -> None:
    """Set what a chunk came to; doing it again changes nothing."""
    item = TallyItem(keys.run_pk(chunk.run_id), keys.tally_sk(chunk.number))
    item.done, item.issued, item.drafts = tally.done, tally.issued, tally.drafts
    item.skipped, item.failed = tally.skipped, tally.failed
    item.save()


@retried
def load_tallies(run_id: str) -> dict[int, Tally]:
    """What the finished chunks of a run came to, by their numbers, in order."""
    found = TallyItem.query(keys.run_pk(run_id), TallyItem.sk.startswith("T#"), consistent_read=True)
    return {int(item.sk.removeprefix("T#")): _tally(item) for item in found}


def _tally(item: TallyItem) -> Tally:
    return Tally(
        done=int(item.done),
        issued=int(item.issued),
        drafts=int(item.drafts),
        skipped=int(item.skipped),
        failed=int(item.failed),
    )
