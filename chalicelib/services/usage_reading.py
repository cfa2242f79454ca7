"""A usage file as text: unpacked, size-checked, strictly UTF-8, cut at line ends. Refuses a file as a whole and never half of it.

Everything is streamed; what a file claims about itself (name, type, packed size) is not believed.
"""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator
from typing import Protocol

from chalicelib.domain.errors import Invalid

CHUNK = 1 << 20
MAX_BYTES = 320 << 20
"""Unpacked bytes of one file, some four million calls. Pass two keeps a copy on the function's disk (512 MB)."""
MAX_RATIO = 200
"""Unpacked to packed bytes; text packs 3 to 30 times, a bomb a thousand times. Small files are free of it."""
RATIO_FREE = 16 << 20
MAX_LINE = 1 << 16
"""Characters of one row; what is longer is no call."""
GZIP_MAGIC = b"\x1f\x8b"
GZIP_WINDOW = 31
FOREIGN_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"%PDF", b"\xd0\xcf\x11\xe0", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
"""Zip (and so .xlsx), PDF, old Office, bzip2, xz, zstd: files that people do send."""


class Readable(Protocol):
    """A byte stream that is read once."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, none at the end."""


def read_text(body: Readable) -> Iterator[str]:
    """Text in pieces that end at a line end (but for the last), CRLF as LF. Raises Invalid with the code of the refusal."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    rest = ""
    for chunk in _unpacked(body):
        text = rest + _decode(decoder, chunk, final=False)
        end = text.rfind("\n") + 1
        if len(text) - end > 2 * MAX_LINE:
            raise Invalid("not_tabular", f"A line is longer than {MAX_LINE} characters.")
        rest = text[end:]
        if end:
            yield _with_plain_ends(text[:end])
    rest += _decode(decoder, b"", final=True)
    if rest:
        yield _with_plain_ends(rest).removesuffix("\r")


def _with_plain_ends(text: str) -> str:
    """CRLF as LF. Looking for a character is much faster than looking for two."""
    return text.replace("\r\n", "\n") if "\r" in text else text


def _decode(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool) -> str:
    try:
        text = decoder.decode(chunk, final)
    except UnicodeDecodeError as error:
        raise Invalid("not_text", f"The file is not UTF-8 text (byte 0x{error.object[error.start]:02x}).") from error
    if "\x00" in text:
        raise Invalid("not_text", "The file holds NUL characters; it is not UTF-8 text.")
    return text


def _unpacked(body: Readable) -> Iterator[bytes]:
    """The bytes, gunzipped if they begin like gzip, never more than the limits."""
    first = body.read(CHUNK)
    if first.startswith(FOREIGN_MAGIC):
        raise Invalid("not_tabular", "The file is an archive or office document; send CSV or JSON Lines, plain or gzip.")
    total = 0
    for chunk in _gunzip(body, first) if first.startswith(GZIP_MAGIC) else _plain(body, first):
        total += len(chunk)
        if total > MAX_BYTES:
            raise Invalid("file_too_large", f"The file holds more than {MAX_BYTES >> 20} MiB; split it.")
        yield chunk


def _plain(body: Readable, first: bytes) -> Iterator[bytes]:
    chunk = first
    while chunk:
        yield chunk
        chunk = body.read(CHUNK)


def _gunzip(body: Readable, first: bytes) -> Iterator[bytes]:
    """One or more gzip members; each piece that comes out is at most CHUNK bytes, however far it expands."""
    opener = zlib.decompressobj(GZIP_WINDOW)
    packed, out = 0, 0
    for chunk in _plain(body, first):
        packed += len(chunk)
        data = chunk
        while data:
            if opener.eof:
                data = data.lstrip(b"\x00")  # padding after the last member is legal
                opener = zlib.decompressobj(GZIP_WINDOW) if data else opener
            piece = _inflate(opener, data) if data else b""
            out += len(piece)
            if out > max(RATIO_FREE, packed * MAX_RATIO):
                raise Invalid("file_too_large", f"The file expands more than {MAX_RATIO} times.")
            yield piece
            data = opener.unconsumed_tail or opener.unused_data
    if not opener.eof:
        raise Invalid("truncated_gzip")


def _inflate(opener: zlib._Decompress, data: bytes) -> bytes:
    try:
        return opener.decompress(data, CHUNK)
    except zlib.error as error:
        raise Invalid("truncated_gzip") from error
