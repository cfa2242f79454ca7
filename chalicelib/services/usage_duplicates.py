"""Calls of a part that earlier batches had. Hashes of call ids find candidates, the ids decide: nothing is refused by chance.

Batches are compared when their spans lie within a day of each other, so a call that is reported again is found even if its start
was corrected by that much. It looks at call records in the bucket and changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.usage_records import present_instant
from chalicelib.services.call_records import unpack_columns, unpack_records
from chalicelib.services.usage_plan import Part
from chalicelib.store import usage_files as files
from chalicelib.store.members import Member, Skipped
from chalicelib.store.objects import get_range

MARGIN = timedelta(days=1)
CALL_ID = 1
"""Column of the call id in stored records."""


@dataclass(frozen=True, slots=True)
class CallFiles:
    """The ranges of a part's or member's records and hashes."""

    batch_id: str
    tag: str
    offset: int
    length: int
    ids_offset: int
    ids_count: int


def files_of_part(batch_id: str, tag: str, part: Part) -> CallFiles:
    """Where the part's files are."""
    return CallFiles(batch_id, tag, part.offset, part.length, part.ids_offset, part.calls)


def files_of_member(member: Member) -> CallFiles:
    """Where the member's files are."""
    return CallFiles(member.batch_id, member.tag, member.offset, member.length, member.ids_offset, member.ids_count)


def compared_span(part: Part) -> tuple[str, str]:
    """The part's span with the margin on both sides, as `list_members` takes it."""
    return _moved(part.span_from, -MARGIN), _moved(part.span_to, MARGIN)


def load_rows(of: CallFiles) -> list[list[str]]:
    """The call records, in order of time; none of a part without calls."""
    if not of.length:
        return []
    return unpack_records(get_range(files.rows_key(of.batch_id, of.tag), of.offset, of.length))


def load_columns(of: CallFiles) -> tuple[list[list[str]], bool]:
    """The call records by columns, in order of time, and whether they are plain; of a part that has calls."""
    return unpack_columns(get_range(files.rows_key(of.batch_id, of.tag), of.offset, of.length))


def find_skipped(mine: CallFiles, others: Sequence[Member]) -> Skipped:
    """Per batch that had them first, the positions of my calls that are not new."""
    foreign = [other for other in others if other.batch_id != mine.batch_id]
    if not foreign:
        return ()
    hashes = set(_hashes(mine))
    suspects = [(other, hits) for other in foreign if (hits := _positions(hashes, _hashes(files_of_member(other))))]
    if not suspects:
        return ()
    owners = {call: owner for other, hits in suspects for call, owner in _owners(other, hits)}
    return _by_batch(load_rows(mine), owners)


def _hashes(of: CallFiles) -> Sequence[int]:
    return files.load_hashes(files.ids_key(of.batch_id, of.tag), of.ids_offset, of.ids_count)


def _positions(wanted: AbstractSet[int], hashes: Sequence[int]) -> set[int]:
    """Where hashes stand that are wanted; none of them in most cases, which is quickly seen."""
    if wanted.isdisjoint(hashes):
        return set()
    return {position for position, one in enumerate(hashes) if one in wanted}


def _owners(other: Member, hits: Collection[int]) -> Iterator[tuple[str, str]]:
    """Call ids of another member at suspicious positions, and who had each first: that batch, or the one it had yielded to."""
    yielded = {position: batch for batch, positions in other.skipped for position in positions}
    for position, row in enumerate(load_rows(files_of_member(other))):
        if position in hits:
            yield row[CALL_ID], yielded.get(position, other.batch_id)


def _by_batch(rows: Sequence[Sequence[str]], owners: dict[str, str]) -> Skipped:
    positions: dict[str, list[int]] = {}
    for position, row in enumerate(rows):
        if row[CALL_ID] in owners:
            positions.setdefault(owners[row[CALL_ID]], []).append(position)
    return tuple((batch, tuple(positions[batch])) for batch in sorted(positions))


def _moved(instant: str, by: timedelta) -> str:
    return present_instant(int((datetime.fromisoformat(instant) + by).timestamp()))
