"""Gzip members, tar headers and records that archives made by hand can hold."""

from __future__ import annotations

import gzip
import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.golang.archives import ArchiveFault, GzipFile, tar_entries

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
    return [entry.size for entry in tar_entries(GzipFile(gzip.compress(tar + bytes(1024))))]


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
    [found] = tar_entries(GzipFile(gzip.compress(buffer.getvalue())))
    assert (found.name, found.read()) == ("a" * 200, b"abc")


def unpacked(data: bytes) -> tuple[bytes, str]:
    """The content of a gzip file, and what is said at its end."""
    content = bytearray()
    try:
        for piece in GzipFile(data).pieces():
            content += piece
    except ArchiveFault as end:
        return bytes(content), end.text
    raise AssertionError("no file has no end")


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=4), st.sampled_from([0, 1, 9]))
def test_members_follow_one_another(members: list[bytes], level: int) -> None:
    packed = b"".join(gzip.compress(each, level) for each in members)
    assert unpacked(packed) == (b"".join(members), "EOF")
    assert unpacked(packed + b"rest of a header") == (b"".join(members), "gzip: invalid header")
    assert unpacked(packed[:-1])[1] == "unexpected EOF"


def test_what_grows_beyond_a_piece_is_put_together_again() -> None:
    content = b"some: yaml" * 500_000
    assert unpacked(gzip.compress(content) * 2) == (content * 2, "EOF")


def test_what_is_good_is_given_before_what_is_corrupt_is_told() -> None:
    packed = bytearray(gzip.compress(bytes(range(256)) * 4000, 1))
    packed[len(packed) // 2] ^= 0xFF
    content, fault = unpacked(bytes(packed))
    assert (bytes(range(256)) * 4000).startswith(content[:1000])
    assert len(content) >= 1000
    assert fault == "gzip: invalid checksum" or fault.startswith("flate: corrupt input before offset ")


def test_as_much_as_the_limit_is_unpacked_and_no_byte_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fake_kfp.golang.archives.gzip.MAX_UNPACKED", 1000)
    assert unpacked(gzip.compress(bytes(1000))) == (bytes(1000), "EOF")
    assert unpacked(gzip.compress(bytes(1000)) + gzip.compress(b""))[1] == "EOF"
    for packed in (gzip.compress(bytes(1001)), gzip.compress(bytes(1000)) + gzip.compress(b"x")):
        assert unpacked(packed)[1].startswith("fake_kfp: archives that unpack to more than")


def test_a_file_that_would_fill_the_memory_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fake_kfp.golang.archives.tar.MAX_CONTENT", 1000)
    tar = gzip.compress(header(b"00000002000\0") + bytes(1024) + bytes(1024))
    [entry] = tar_entries(GzipFile(tar))
    with pytest.raises(ArchiveFault, match=r"^fake_kfp: archives that"):
        entry.read()


def with_records(records: bytes) -> bytes:
    size = b"%011o\0" % len(records)
    padded = records.ljust(-(-len(records) // 512) * 512, b"\0")
    return header(size, b"x") + padded + header(b"00000000000\0") + bytes(512)


@pytest.mark.parametrize(
    ("records", "name", "size"),
    [
        (b"12 path=abc\n", "abc", 0),
        (b"12 path=abc\n10 size=5\n", "abc", 5),
        (b"11 other=1\n12 path=abc\n", "abc", 0),
        (b"8 size=\n", "a.yaml", 0),
        (b"010 path=a\n".replace(b"010", b"10"), "a", 0),
    ],
)
def test_records_before_a_file_say_more_of_it(records: bytes, name: str, size: int) -> None:
    [entry] = tar_entries(GzipFile(gzip.compress(with_records(records) + bytes(1024))))
    assert (entry.name, entry.size) == (name, size)


@pytest.mark.parametrize(
    "records",
    [
        b"path=abc\n",
        b"12path=abc\n",
        b"13 path=abc\n",
        b"11 path=abc\n",
        b"-12 path=abc\n",
        b"9 pathab\n",
        b"8 =abcd\n",
        b"12 path=a\0c\n",
        b"10 size=x\n",
        b"11 size=-5\n",
        b"9" * 5000 + b" path=abc\n",
        b"5009 size=" + b"9" * 4998 + b"\n",
    ],
)
def test_records_that_are_none_are_refused(records: bytes) -> None:
    with pytest.raises(ArchiveFault, match=INVALID):
        list(tar_entries(GzipFile(gzip.compress(with_records(records) + bytes(1024)))))


@pytest.mark.parametrize(
    ("length", "fault"), [(512, "EOF"), (600, "unexpected EOF"), (700, "unexpected EOF")]
)
def test_an_archive_may_end_in_front_of_a_block_only(length: int, fault: str) -> None:
    archive = GzipFile(gzip.compress((header(b"00000000000\0") * 2)[:length]))
    with pytest.raises(ArchiveFault) as end:
        list(tar_entries(archive))
    assert end.value.text == fault


def test_a_file_may_not_end_early() -> None:
    entry = next(tar_entries(GzipFile(gzip.compress(header(b"00000000005\0")))))
    with pytest.raises(ArchiveFault, match=r"^unexpected EOF$"):
        entry.read()
