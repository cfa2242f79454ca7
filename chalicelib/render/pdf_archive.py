"""PDFs in a ZIP archive, drawn in pieces that are put one after another: documents first, at the end the directory of all.

Stored, not compressed: PDFs are compressed already. A piece is the same for the same documents, whenever it is drawn.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

MISSING = "missing.txt"
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
"""What a number may hold and the name of a file should not."""
RIGHTS = 0o644 << 16


class PdfArchive:
    """A piece of an archive."""

    def __init__(self, notes: Iterable[Mapping[str, Any]], offset: int) -> None:
        """Go on behind the pieces that left these notes and are `offset` bytes together."""
        self._offset, earlier = offset, list(notes)
        self._before = [_restore(entry) for note in earlier for entry in note["entries"]]
        self._lacking = [line for note in earlier for line in note["missing"]]
        self._own: list[tuple[ZipInfo, bytes]] = []
        self._missing: list[str] = []
        self._names = {entry.filename.casefold() for entry in self._before} | {MISSING}
        self._is_last = False

    @property
    def size(self) -> int:
        """About how many bytes will be drawn."""
        return sum(len(content) for _, content in self._own)

    def add(self, number: str, on: date, pdf: bytes) -> None:
        """Put a document in, under its number."""
        self._own.append((_entry(self._name(number), on), pdf))

    def miss(self, number: str, reason: str) -> None:
        """Note a document that has no PDF."""
        self._missing.append(f"{number}: {reason}")

    def close(self, on: date) -> None:
        """Nothing follows: the piece ends with what is missing, and the directory of everything."""
        lacking = [*self._lacking, *self._missing]
        if lacking:
            self._own.append((_entry(MISSING, on), ("\n".join(lacking) + "\n").encode()))
        self._is_last = True

    def take(self) -> bytes:
        """The bytes of the piece."""
        piece = _Piece(self._offset)
        with ZipFile(piece, "w", ZIP_STORED) as archive:
            for entry, content in self._own:
                archive.writestr(entry, content)
            end = len(piece.getbuffer())
            archive.infolist()[:0] = self._before
        return piece.getvalue() if self._is_last else piece.getvalue()[:end]

    def note(self) -> dict[str, Any]:
        """What the next pieces must know of this one, once it was taken."""
        return {"entries": [_note(entry) for entry, _ in self._own], "missing": self._missing}

    def _name(self, number: str) -> str:
        """The number as a file name that no other document has, on disks that ignore case either."""
        plain = UNSAFE.sub("-", number)
        name, copies = f"{plain}.pdf", 1
        while name.casefold() in self._names:
            copies += 1
            name = f"{plain}_{copies}.pdf"
        self._names.add(name.casefold())
        return name


class _Piece(io.BytesIO):
    """The bytes from `offset` on of a file whose beginning is elsewhere."""

    def __init__(self, offset: int) -> None:
        super().__init__()
        self._offset = offset

    def tell(self) -> int:
        """The position in the whole file."""
        return super().tell() + self._offset

    def seek(self, position: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a position in the whole file; only what is counted from its beginning moves by the offset."""
        return super().seek(position - (0 if whence else self._offset), whence) + self._offset


def _entry(name: str, on: date) -> ZipInfo:
    entry = ZipInfo(name, (on.year, on.month, on.day, 0, 0, 0))
    entry.external_attr, entry.create_system = RIGHTS, 3
    return entry


def _note(entry: ZipInfo) -> list[Any]:
    return [entry.filename, entry.date_time[:3], entry.CRC, entry.file_size, entry.header_offset]


def _restore(note: list[Any]) -> ZipInfo:
    name, on, crc, size, offset = note
    entry = _entry(name, date(*on))
    entry.CRC, entry.file_size, entry.compress_size, entry.header_offset = crc, size, size, offset
    return entry
