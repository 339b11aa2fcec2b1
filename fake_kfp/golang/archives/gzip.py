"""Go's reader of gzip files (``compress/gzip``, ``compress/flate``), which gives what is good before it tells what is not."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from fake_kfp.golang.archives.faults import MAX_UNPACKED, UNEXPECTED_EOF, ArchiveFault, too_large

_FIRST_STEP = 64
_STEP = 1 << 16
"""How many bytes are unpacked at a time: few at first, since there may be thousands of tiny members."""
_MOST_AT_ONCE = 1 << 20


class GzipFile:
    """A gzip file, all its members one behind the other. Raises ArchiveFault if its start is no gzip."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._start = _end_of_header(data, 0)

    def pieces(self) -> Iterator[bytes]:
        """The content. Ends with an ArchiveFault in any case: ``EOF`` if all is well."""
        position, unpacked = self._start, 0
        while True:
            member = _Member(self._data, position)
            for piece in member.pieces():
                unpacked += len(piece)
                if unpacked > MAX_UNPACKED:
                    raise too_large()
                yield piece
            position = _end_of_header(self._data, member.check())


class _Member:
    """One member, whose deflated stream begins at ``start``."""

    def __init__(self, data: bytes, start: int) -> None:
        self._data = data
        self._start = self._position = start
        self._length = self._checksum = 0

    def pieces(self) -> Iterator[bytes]:
        """The content, up to what is corrupt."""
        unpacker, step = zlib.decompressobj(-zlib.MAX_WBITS), _FIRST_STEP
        while not unpacker.eof:
            given = self._data[self._position : self._position + step]
            before = unpacker.copy()
            try:
                piece = unpacker.decompress(given, _MOST_AT_ONCE)
            except zlib.error:
                yield from self._before_fault(before, given)
            if not (given or piece or unpacker.eof):
                raise ArchiveFault(UNEXPECTED_EOF)
            left = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            self._position += len(given) - len(left)
            self._length += len(piece)
            self._checksum = zlib.crc32(piece, self._checksum)
            yield piece
            step = min(2 * step, _STEP)

    def _before_fault(self, unpacker: zlib._Decompress, given: bytes) -> Iterator[bytes]:
        """What can be unpacked of these bytes, and then the fault that is in them, as Go counts it."""
        read = 0
        try:
            yield unpacker.decompress(b"")  # what it could have given before
            for read in range(1, len(given) + 1):
                yield unpacker.decompress(given[read - 1 : read])
        except zlib.error:
            pass
        offset = self._position + read - self._start
        raise ArchiveFault(f"flate: corrupt input before offset {offset}")

    def check(self) -> int:
        """Compares the content with what the member says of it; gives where the member ends."""
        trailer = self._data[self._position : self._position + 8]
        if len(trailer) < 8:
            raise ArchiveFault(UNEXPECTED_EOF)
        if trailer != struct.pack("<II", self._checksum, self._length & 0xFFFFFFFF):
            raise ArchiveFault("gzip: invalid checksum")
        return self._position + 8


def _end_of_header(data: bytes, start: int) -> int:
    """Where the header of a gzip member ends (``gunzip.go: readHeader``). No member at all is ``EOF``."""
    header = data[start : start + 10]
    if len(header) < 10:
        raise ArchiveFault(UNEXPECTED_EOF if header else "EOF")
    if header[:3] != b"\x1f\x8b\x08":
        raise ArchiveFault("gzip: invalid header")
    flags, position = header[3], start + 10
    if flags & 4:
        position += 2 + int.from_bytes(data[position : position + 2], "little")
    for flag in (8, 16):
        if flags & flag:
            position = data.find(b"\0", position) + 1 or len(data) + 1
    if flags & 2:
        position += 2
    if position > len(data):
        raise ArchiveFault(UNEXPECTED_EOF)
    return position
