"""Go's reader of tar archives (``archive/tar``) in gzip files.

It works in one pass and only complains about what it comes across, so a broken end does no harm to a file before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fake_kfp.golang.archives.faults import MAX_CONTENT, UNEXPECTED_EOF, ArchiveFault, too_large
from fake_kfp.golang.archives.gzip import GzipFile
from fake_kfp.golang.strconv import NumError, parse_int

_BLOCK = 512
_MAX_SPECIAL = 1 << 20  # maxSpecialFileSize
_ZERO_BLOCK = bytes(_BLOCK)
_WITHOUT_CONTENT = b"123456"
_OCTAL_DIGITS = re.compile(rb"[0-7]+")
_NUMBERS = {
    "mode": slice(100, 108),
    "uid": slice(108, 116),
    "gid": slice(116, 124),
    "size": slice(124, 136),
    "mtime": slice(136, 148),
}
"""The numbers of a header; Go reads all of them, and complains about each."""
_PAX_TEXTS = frozenset({"path", "linkpath", "uname", "gname"})


@dataclass(frozen=True, slots=True)
class TarEntry:
    """A file in a tar archive."""

    name: str
    size: int
    start: int
    archive: GzipFile

    def read(self) -> bytes:
        """The file's content. Raises ArchiveFault if the archive ends within it."""
        if self.size > MAX_CONTENT:
            raise too_large()
        stream = _Stream(self.archive)
        stream.skip_to(self.start)
        return stream.content(self.size)


def tar_entries(archive: GzipFile) -> Iterator[TarEntry]:
    """The files of a tar archive, in order. Raises ArchiveFault where its end is reached without an end mark."""
    stream, position = _Stream(archive), 0
    long_name, pax = "", dict[str, str]()
    while True:
        stream.skip_to(position)
        block = stream.block()
        if block == _ZERO_BLOCK:
            if stream.block() != _ZERO_BLOCK:
                raise _invalid_header()
            return
        name, size, kind = _header(block)
        start = position + _BLOCK
        if kind in (b"x", b"L"):
            if size > _MAX_SPECIAL:
                raise ArchiveFault("archive/tar: header field too long")
            content = stream.content(size)
            pax = _pax_records(content) if kind == b"x" else pax
            long_name = _text(content) if kind == b"L" else long_name
        elif kind != b"K":
            size = _pax_size(pax, size)
            yield TarEntry(long_name or pax.get("path", "") or name, size, start, archive)
            long_name, pax = "", {}
        position = start + -(-size // _BLOCK) * _BLOCK


class _Stream:
    """The unpacked content of a file, read from its start on."""

    def __init__(self, archive: GzipFile) -> None:
        self._pieces = archive.pieces()
        self._read = bytearray()
        self._position = 0
        self._fault = ""

    def skip_to(self, position: int) -> None:
        """Goes on to a position. What is wrong before it is told when something is read there."""
        while self._position + len(self._read) < position:
            self._position += len(self._read)
            self._read.clear()
            if not self._more():
                return
        del self._read[: position - self._position]
        self._position = position

    def block(self) -> bytes:
        """The next block. Raises ArchiveFault where the archive ends, ``EOF`` if it does so in front of the block."""
        return self._next(_BLOCK, may_end=not self._read and not self._more())

    def content(self, size: int) -> bytes:
        """The next bytes. Raises ArchiveFault where the archive ends before or within them."""
        return self._next(size, may_end=False)

    def _next(self, size: int, may_end: bool) -> bytes:
        while len(self._read) < size:
            if not self._more():
                within = self._fault == "EOF" and not may_end
                raise ArchiveFault(UNEXPECTED_EOF if within else self._fault)
        found = bytes(self._read[:size])
        del self._read[:size]
        self._position += size
        return found

    def _more(self) -> bool:
        """Reads on, unless the end is reached."""
        try:
            if not self._fault:
                self._read += next(filter(None, self._pieces))
        except ArchiveFault as fault:
            self._fault = str(fault)
        return not self._fault


def _header(block: bytes) -> tuple[str, int, bytes]:
    """The name, the size and the type flag of the file that a header block announces."""
    unsigned = sum(block[:148]) + sum(block[156:]) + 8 * ord(" ")
    signed = unsigned - 256 * sum(byte > 127 for byte in block[:148] + block[156:])
    if _octal(block[148:156]) not in (unsigned, signed):
        raise _invalid_header()
    name, prefix = _text(block[:100]), _text(block[345:500])
    if block[257:263] == b"ustar\0" and prefix:
        name = f"{prefix}/{name}"
    kind = block[156:157]
    numbers = {name: _number(block[field]) for name, field in _NUMBERS.items()}
    size = 0 if kind in _WITHOUT_CONTENT else numbers["size"]
    if size < 0:
        raise _invalid_header()
    return name, size, kind


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "replace")


def _number(field: bytes) -> int:
    """An octal number, or a binary one marked by its first bit, which may be negative (``strconv.go: parseNumeric``)."""
    if not field[0] & 0x80:
        return _octal(field)
    # two's complement in what is left of the first byte and all others
    bits = 8 * len(field) - 1
    value = int.from_bytes(field, "big") & (1 << bits) - 1
    value -= (value >> bits - 1) << bits
    if not -(1 << 63) <= value < 1 << 63:
        raise _invalid_header()
    return value


def _octal(field: bytes) -> int:
    digits = field.strip(b" \0").partition(b"\0")[0] or b"0"
    if not _OCTAL_DIGITS.fullmatch(digits):
        raise _invalid_header()
    return int(digits, 8)


def _invalid_header() -> ArchiveFault:
    return ArchiveFault("archive/tar: invalid tar header")


def _pax_records(data: bytes) -> dict[str, str]:
    """The extended header records ``<length> <key>=<value>\\n`` (``strconv.go: parsePAXRecord``)."""
    records: dict[str, str] = {}
    position = 0
    while position < len(data):
        blank = data.find(b" ", position)
        end = position + _length(data[position:blank], len(data) - position) if blank > 0 else 0
        if end <= blank + 1 or data[end - 1 : end] != b"\n":
            raise _invalid_header()
        key, equals, value = data[blank + 1 : end - 1].decode("utf-8", "replace").partition("=")
        if not key or not equals or "\0" in (value if key in _PAX_TEXTS else key):
            raise _invalid_header()
        records[key] = value
        position = end
    return records


def _length(digits: bytes, left: int) -> int:
    """The length of a record; 0 for what is none, or more than what is left."""
    try:
        length = parse_int(digits.decode("ascii", "replace"), 64)
    except NumError:
        return 0
    return length if length <= left else 0


def _pax_size(pax: dict[str, str], size: int) -> int:
    """The size of a file of which there are records; an empty one says nothing."""
    if not pax.get("size"):
        return size
    try:
        found = parse_int(pax["size"], 64)
    except NumError:
        raise _invalid_header() from None
    if found < 0:
        raise _invalid_header()
    return found
