"""Finding a document by its printed number, by way of the blocks that account for every number: no index entry per invoice.

A number holds its sequence as a run of digits, whatever the format was; each run is looked up in every series that was ever used.
"""

from __future__ import annotations

import re

from chalicelib.services.numbering_report import list_documents
from chalicelib.store.numbering import find_block, list_counters

DIGITS = re.compile(r"[0-9]{1,12}")


def find_numbered(number: str) -> list[str]:
    """Ids of the documents that may carry the number; the caller compares what they really carry."""
    sequences = {int(digits) for digits in DIGITS.findall(number)}
    if not sequences:
        return []
    return [name for counter in list_counters() for sequence in sorted(sequences) for name in _find(counter, sequence)]


def _find(counter: str, sequence: int) -> list[str]:
    block = find_block(counter, sequence)
    return [name for taken, name in list_documents(block) if taken == sequence] if block else []
