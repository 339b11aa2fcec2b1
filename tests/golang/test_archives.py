"""Tar headers and gzip members that archives made by hand can hold."""

from __future__ import annotations

import gzip
import io
import tarfile

import pytest

from fake_kfp.golang.archives import ArchiveFault, tar_entries, unpack_gzip

INVALID = "archive/tar: invalid tar header"


def header(size: bytes, kind: bytes = b"0") -> bytes:
    """A tar header with this size field, its checksum right."""
    block = bytearray(tarfile.TarInfo("a.yaml").tobuf(tarfile.USTAR_FORMAT))
    block[124:136] = size
    block[156:157] = kind
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def sizes(tar: bytes) -> list[int]:
    return [entry.size for entry in tar_entries(unpack_gzip(gzip.compress(tar + bytes(1024))))]


@pytest.mark.parametrize(
    ("field", "size"),
    [
        (b"00000000005\0", 5),
        (b"          5 ", 5),
        (bytes(12), 0),
        (b"\x80" + (5).to_bytes(11, "big"), 5),
    ],
)
def test_sizes_are_octal_or_binary(field: bytes, size: int) -> None:
    assert sizes(header(field) + b"hello".ljust(512, b"\0") * bool(size)) == [size]


@pytest.mark.parametrize(
    "field",
    [
        b"-0000000005\0",
        b"0000000000-1",
        b"00000000009\0",
        b"five\0\0\0\0\0\0\0\0",
        b"\xff" * 12,
        b"\xff" * 11 + b"\xfb",
    ],
)
def test_a_size_that_is_negative_or_none_is_refused(field: bytes) -> None:
    with pytest.raises(ArchiveFault, match=INVALID):
        sizes(header(field) + b"hello".ljust(512, b"\0"))


def test_every_number_of_a_header_is_read() -> None:
    block = bytearray(header(b"00000000000\0"))
    block[108:116] = b"nobody \0"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    with pytest.raises(ArchiveFault, match=INVALID):
        sizes(bytes(block))


@pytest.mark.parametrize("kind", list(b"123456"))
def test_what_is_no_file_has_no_content_whatever_its_size_says(kind: int) -> None:
    assert sizes(header(b"00000000005\0", bytes([kind])) + header(b"00000000000\0")) == [0, 0]


def test_a_tar_file_of_pythons_is_read_as_it_is() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo("a" * 200)
        entry.size = 3
        archive.addfile(entry, io.BytesIO(b"abc"))
    [found] = tar_entries(unpack_gzip(gzip.compress(buffer.getvalue())))
    assert (found.name, found.read()) == ("a" * 200, b"abc")
