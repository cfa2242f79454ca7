"""What became of a batch: totals, the list of rows that were not taken, and counts by customer."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import IO

from chalicelib.domain.spreadsheet import neutralise
from chalicelib.domain.usage_batch import Batch, BatchStatus, CustomerCount
from chalicelib.domain.usage_records import Rejection
from chalicelib.services.usage_duplicates import files_of_member, load_rows
from chalicelib.services.usage_plan import Part, PlanHead
from chalicelib.services.usage_rejects import RejectWriter, Utf8Lines
from chalicelib.store import usage_files as files
from chalicelib.store.members import Member
from chalicelib.store.objects import get_range, has_object

COUNT_HEADER = ("customer_id", "accepted", "duplicates", "rejected")
LISTED_BYTES = 1 << 14
"""How much of the counts by customer an answer itself shows, some hundreds; the file has them all."""
CSV_TYPE = "text/csv; charset=utf-8"


class BatchReport:
    """Adds up parts as they go in, and writes the reports at the end."""

    def __init__(self, batch: Batch, head: PlanHead, rejects: IO[bytes], counts: IO[bytes]) -> None:
        """Begin with nothing counted; the files are empty scratch files."""
        self._batch, self._total, self._customers = batch, CustomerCount(""), 0
        self._head, self._rejects, self._counts = head, rejects, counts
        files.fetch_file(files.rejects_key(batch.id, head.tag), rejects)
        rejects.seek(0, io.SEEK_END)
        self._list = RejectWriter(rejects, header=False)
        self._csv = csv.writer(Utf8Lines(counts))
        self._csv.writerow(COUNT_HEADER)
        self._customer = CustomerCount("")

    @property
    def batch(self) -> Batch:
        """The batch with what was counted so far."""
        total = self._total
        return replace(
            self._batch,
            rows=total.accepted + total.duplicates + total.rejected,
            accepted=total.accepted,
            duplicates=total.duplicates,
            rejected=total.rejected,
            customers=self._customers,
        )

    def add(self, part: Part, member: Member | None) -> None:
        """Count a part; `member` is what went in of it, None for a part without calls."""
        accepted, repeated = (member.accepted, member.duplicates) if member else (0, 0)
        count = CustomerCount(part.customer_id, accepted, part.duplicates + repeated, part.rejected)
        if part.customer_id != self._customer.customer_id:
            self._next_customer(CustomerCount(part.customer_id))
        self._customer += count
        self._total += count
        if member:
            self._list_repeated(member)

    def close(self) -> Batch:
        """Write the reports; the batch as it is at the end."""
        self._next_customer(CustomerCount(""))
        files.put_file(files.all_rejects_key(self._batch.id), self._rejects, CSV_TYPE)
        files.put_file(files.report_key(self._batch.id), self._counts, CSV_TYPE)
        return replace(self.batch, status=BatchStatus.DONE)

    def _next_customer(self, following: CustomerCount) -> None:
        done, self._customer = self._customer, following
        if done != CustomerCount(""):
            self._csv.writerow((neutralise(done.customer_id), done.accepted, done.duplicates, done.rejected))
        self._customers += bool(done.customer_id)

    def _list_repeated(self, member: Member) -> None:
        """Name the calls that earlier batches had, with the batch."""
        rows = load_rows(files_of_member(member)) if member.skipped else []
        for batch_id, positions in member.skipped:
            reason = Rejection("duplicate_call", f"The call came in batch {batch_id} before.")
            for position in positions:
                line, *row = rows[position]
                self._list.add(member.customer_id, int(line), reason, ",".join(row))


def list_customer_counts(batch: Batch) -> list[CustomerCount]:
    """The first customers of a finished batch with their counts."""
    key = files.report_key(batch.id)
    if not has_object(key):
        return []
    complete = get_range(key, 0, LISTED_BYTES).rpartition(b"\r\n")[0].decode()
    _, *rows = csv.reader(io.StringIO(complete, newline=""))
    return [CustomerCount(row[0], *map(int, row[1:])) for row in rows]
