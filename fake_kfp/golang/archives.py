"""Archives that hold a pipeline: what is in them, and Go's words for what is wrong with them.

Go's readers work in one pass and only complain about what they come across, so a broken end does no harm to a file before it. The
same here: :class:`Unpacked` is as much as could be unpacked, with the fault that waits at its end.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from fake_kfp.golang.errors import GoError

UNEXPECTED_EOF = "unexpected EOF"
_BLOCK = 512
_STEP = 4096
_MAX_UNPACKED = 256 << 20
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


class ArchiveFault(GoError):
    """Something is wrong with an archive; the message is Go's."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The content of a gzip file; ``fault`` is what comes after it (``EOF`` if all is well)."""

    content: bytes
    fault: str


def unpack_gzip(data: bytes) -> Unpacked:
    """Unpacks all members of a gzip file as far as possible (``compress/gzip``). Raises ArchiveFault if its start is no gzip."""
    start = _end_of_header(data, 0)
    content = bytearray()
    while True:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        member = len(content)
        fault = _unpack(unpacker, data[start:], content)
        if fault:
            return Unpacked(bytes(content), fault)
        trailer = unpacker.unused_data
        if len(trailer) < 8:
            return Unpacked(bytes(content), UNEXPECTED_EOF)
        if trailer[:8] != struct.pack(
            "<II", zlib.crc32(content[member:]), len(content) - member & 0xFFFFFFFF
        ):
            return Unpacked(bytes(content), "gzip: invalid checksum")
        try:
            start = _end_of_header(data, len(data) - len(trailer) + 8)
        except ArchiveFault as next_member:
            return Unpacked(bytes(content), str(next_member))


def _unpack(unpacker: zlib._Decompress, data: bytes, content: bytearray) -> str:
    """Unpacks one member onto ``content``; tells what stopped it, if anything did."""
    try:
        content += unpacker.decompress(data, _MAX_UNPACKED - len(content))
    except zlib.error:
        content += _before_fault(data)
        return f"flate: corrupt input before offset {_fault_offset(data)}"
    if unpacker.eof:
        return ""
    if len(content) >= _MAX_UNPACKED:
        return f"fake_kfp: archives that unpack to more than {_MAX_UNPACKED >> 20} MiB are not modelled"
    return UNEXPECTED_EOF


def _before_fault(data: bytes) -> bytes:
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    return unpacker.decompress(data[: _fault_offset(data) - 1], _MAX_UNPACKED)


def _fault_offset(data: bytes) -> int:
    """The number of bytes after which a deflated stream turns out to be corrupt."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    start, step = 0, _STEP
    while start < len(data):
        before = unpacker.copy()
        try:
            unpacker.decompress(data[start : start + step])
            start += step
        except zlib.error:
            if step == 1:
                return start + 1
            unpacker, step = before, 1
    return len(data)


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


@dataclass(frozen=True, slots=True)
class TarEntry:
    """A file in a tar archive. Raises ArchiveFault on :meth:`read` if the archive ends within it."""

    name: str
    size: int
    start: int
    archive: Unpacked

    def read(self) -> bytes:
        """The file's content."""
        content = self.archive.content[self.start : self.start + self.size]
        if len(content) < self.size:
            raise ArchiveFault(_within(self.archive.fault))
        return content


def tar_entries(archive: Unpacked) -> Iterator[TarEntry]:
    """The files of a tar archive, in order (``archive/tar``). Raises ArchiveFault where its end is reached without an end mark."""
    position, long_name, pax = 0, "", dict[str, str]()
    while True:
        block = _block(archive, position)
        if block == _ZERO_BLOCK:
            if _block(archive, position + _BLOCK) != _ZERO_BLOCK:
                raise _invalid_header()
            return
        entry, kind = _entry(archive, block, position + _BLOCK)
        position = entry.start + -(-entry.size // _BLOCK) * _BLOCK
        if kind == b"x":
            pax = _pax_records(entry.read())
        elif kind == b"L":
            long_name = entry.read().partition(b"\0")[0].decode("utf-8", "replace")
        elif kind != b"K":
            name = long_name or pax.get("path", "") or entry.name
            size = int(pax["size"]) if pax.get("size", "").isdecimal() else entry.size
            position = entry.start + -(-size // _BLOCK) * _BLOCK
            yield TarEntry(name, size, entry.start, archive)
            long_name, pax = "", {}


def _block(archive: Unpacked, position: int) -> bytes:
    block = archive.content[position : position + _BLOCK]
    if len(block) == _BLOCK:
        return block
    raise ArchiveFault(_within(archive.fault) if block else archive.fault)


def _within(fault: str) -> str:
    return UNEXPECTED_EOF if fault == "EOF" else fault


def _entry(archive: Unpacked, block: bytes, start: int) -> tuple[TarEntry, bytes]:
    """The file that a header block announces, and its type flag."""
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
    return TarEntry(name, size, start, archive), kind


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
    """The extended header records ``<length> <key>=<value>\\n``."""
    records = {}
    while data:
        length = data.partition(b" ")[0]
        if not length.isdigit() or not 0 < int(length) <= len(data):
            raise _invalid_header()
        record, data = data[len(length) + 1 : int(length) - 1], data[int(length) :]
        key, _, value = record.decode("utf-8", "replace").partition("=")
        records[key] = value
    return records


class ZipArchive:
    """A zip archive (``archive/zip``). Raises ArchiveFault if it is none."""

    def __init__(self, data: bytes) -> None:
        try:
            self._file = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, RuntimeError, ValueError, OSError, struct.error):
            raise ArchiveFault("zip: not a valid zip file") from None
        self._entries = self._file.infolist()

    @property
    def names(self) -> list[str]:
        """The names of the files, in the order of the archive's directory."""
        return [_zip_name(entry) for entry in self._entries]

    def read(self, index: int) -> bytes:
        """The content of a file. Raises ArchiveFault if it can't be unpacked."""
        entry = self._entries[index]
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ArchiveFault("zip: unsupported compression algorithm")
        try:
            with self._file.open(entry) as file:
                content = file.read(_MAX_UNPACKED + 1)
        except zlib.error:
            raise ArchiveFault("flate: corrupt input before offset 1") from None
        except EOFError:
            raise ArchiveFault(UNEXPECTED_EOF) from None
        except (zipfile.BadZipFile, RuntimeError, ValueError, OSError, struct.error) as error:
            raise ArchiveFault(_zip_fault(error)) from None
        if len(content) > _MAX_UNPACKED:
            raise ArchiveFault(
                f"fake_kfp: archives that unpack to more than {_MAX_UNPACKED >> 20} MiB are not modelled"
            )
        return content


def _zip_fault(error: Exception) -> str:
    return "zip: checksum error" if "CRC" in str(error) else "zip: not a valid zip file"


def _zip_name(entry: zipfile.ZipInfo) -> str:
    """Go takes every name for UTF-8, Python only those that say so."""
    if entry.flag_bits & 0x800:
        return entry.orig_filename
    return entry.orig_filename.encode("cp437").decode("utf-8", "replace")
