"""A file that is packed while it is written, as PDF wants it: tens of megabytes of XML take two, and are never held."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PackedFile:
    """What /FlateDecode unpacks, with size in bytes and MD5 of the file itself."""

    packed: bytes
    size: int
    md5: str


def pack_file(pieces: Iterable[str]) -> PackedFile:
    """The text in UTF-8, packed as small as can be."""
    digest, squeezer = hashlib.md5(usedforsecurity=False), zlib.compressobj(level=zlib.Z_BEST_COMPRESSION)
    packed, size = bytearray(), 0
    for piece in pieces:
        content = piece.encode()
        digest.update(content)
        packed += squeezer.compress(content)
        size += len(content)
    return PackedFile(bytes(packed + squeezer.flush()), size, digest.hexdigest())
