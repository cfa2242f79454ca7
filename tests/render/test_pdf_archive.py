"""Archives of PDFs: pieces put together are one sound ZIP, each document once, under a name of its own."""

from __future__ import annotations

import io
import zipfile
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.render.pdf_archive import PdfArchive

ON = date(2026, 11, 15)
NUMBERS = ["INV-1", "inv-1", "INV/1", "CN-2", "../x"]


def draw(documents: list[tuple[str, bytes]], cuts: set[int]) -> bytes:
    """The archive, cut into pieces behind those documents."""
    drawn, notes = b"", []
    archive = PdfArchive((), 0)
    for place, (number, pdf) in enumerate(documents):
        archive.add(number, ON, pdf)
        if place in cuts:
            drawn += archive.take()
            notes.append(archive.note())
            archive = PdfArchive(notes, len(drawn))
    archive.close(ON)
    return drawn + archive.take()


@settings(max_examples=30)
@given(
    documents=st.lists(st.tuples(st.sampled_from(NUMBERS), st.binary(max_size=60)), max_size=9),
    cuts=st.sets(st.integers(0, 8)),
)
def test_pieces_are_one_sound_archive(documents: list[tuple[str, bytes]], cuts: set[int]) -> None:
    """Wherever it is cut, the bytes are the same; every document is there once, and names differ on any disk."""
    whole = draw(documents, cuts)
    assert whole == draw(documents, set())
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert [archive.read(name) for name in names] == [pdf for _, pdf in documents]
    assert len({name.casefold() for name in names}) == len(names)
    assert not any("/" in name or "\\" in name for name in names)


def test_what_is_missing_is_listed() -> None:
    """Documents without PDF are named with the reason, those of earlier pieces too."""
    first = PdfArchive((), 0)
    first.miss("INV-1", "not there")
    first.add("INV-2", ON, b"%PDF")
    head = first.take()
    second = PdfArchive([first.note()], len(head))
    second.miss("INV-3", "not there")
    second.close(ON)
    with zipfile.ZipFile(io.BytesIO(head + second.take())) as archive:
        assert archive.read("missing.txt").decode() == "INV-1: not there\nINV-3: not there\n"
        assert archive.namelist() == ["INV-2.pdf", "missing.txt"]


def test_archives_may_be_larger_than_four_gigabytes() -> None:
    """The directory of a piece behind 5 GB is that of ZIP64: the offset is kept."""
    far = 5 << 30
    archive = PdfArchive((), far)
    archive.add("INV-1", ON, b"%PDF")
    archive.close(ON)
    drawn = archive.take()

    class Far(io.BytesIO):
        """The whole file, of which only the end is there."""

        def seek(self, position: int, whence: int = 0, /) -> int:
            return super().seek(position - (0 if whence else far), whence) + far

        def tell(self) -> int:
            return super().tell() + far

    with zipfile.ZipFile(Far(drawn)) as found:
        assert found.getinfo("INV-1.pdf").header_offset == far
        assert found.read("INV-1.pdf") == b"%PDF"
