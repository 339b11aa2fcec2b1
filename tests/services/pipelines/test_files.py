"""Pipelines in files and archives, and what is wrong with broken ones."""

from __future__ import annotations

import contextlib
import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.errors import Code, KfpError
from fake_kfp.services.pipelines.files import MAX_FILE_BYTES, read_pipeline_file

PIPELINE = b"a pipeline\n"
TAR = "Error decompress the pipeline file: {} Error extracting pipeline from the tarball file."
NO_TAR = TAR.format("InvalidInputError:") + " Not a valid tarball file: "
ZIP = "Error decompress the pipeline file: {} Error extracting pipeline from the zip file."


def tar_gz(files: Mapping[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=form) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def refusal(contents: bytes, name: str = "upload") -> str:
    with pytest.raises(KfpError) as caught:
        read_pipeline_file(name, contents)
    assert caught.value.code == Code.INVALID_ARGUMENT
    return caught.value.message


@pytest.mark.parametrize("name", ["a.yaml", "a.yml", "a.json", ".yaml"])
def test_a_plain_file_goes_by_its_name_whatever_it_holds(name: str) -> None:
    assert read_pipeline_file(name, b"PK\x03\x04 of no interest") == b"PK\x03\x04 of no interest"


@pytest.mark.parametrize(
    ("name", "contents"), [("a.txt", PIPELINE), ("yaml", PIPELINE), ("a.YAML", b""), ("a", b"PK")]
)
def test_anything_else_is_no_pipeline(name: str, contents: bytes) -> None:
    assert refusal(contents, name) == (
        "Invalid input error: Unexpected pipeline file format. Support .zip, .tar.gz, .json or YAML"
    )


def test_a_file_has_a_size_limit() -> None:
    assert refusal(b"x" * (MAX_FILE_BYTES + 1), "a.yaml") == (
        "Error read pipeline file: Invalid input error: File size too large. Maximum supported size: 33554432"
    )


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_pipeline_yaml_wins_in_a_tarball_else_the_first_file(form: int) -> None:
    assert read_pipeline_file("x", tar_gz({"a.txt": b"no", "pipeline.yaml": PIPELINE}, form)) == PIPELINE
    assert read_pipeline_file("x", tar_gz({"first.yml": PIPELINE, "b.yaml": b"no"}, form)) == PIPELINE
    assert refusal(tar_gz({"read.me": b"x", "b.yaml": PIPELINE}, form)) == (
        TAR.format("Invalid input error:")
        + " Expecting a pipeline.yaml file inside the tarball. Got: read.me"
    )


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_long_names_are_read_in_every_format(form: int) -> None:
    name = "d" * 90 + "/" + "n" * 60 + ".yaml"
    assert read_pipeline_file("x", tar_gz({name: PIPELINE}, form)) == PIPELINE


@pytest.mark.parametrize(
    ("contents", "reason"),
    [
        (tar_gz({}), "EOF"),
        (b"\x1f\x8bnot really gzip", "gzip: invalid header"),
        (b"\x1f\x8b\x08", "unexpected EOF"),
        (gzip.compress(b""), "EOF"),
        (gzip.compress(b"short"), "unexpected EOF"),
        (gzip.compress(b"no tarball" * 100), "archive/tar: invalid tar header"),
        (tar_gz({"a.yaml": bytes(5000)})[:40], "unexpected EOF"),
        (gzip.compress(b"x" * 10)[:-8] + bytes(8), "gzip: invalid checksum"),
    ],
    ids=range(8),
)
def test_a_broken_tarball_is_told_in_gos_words(contents: bytes, reason: str) -> None:
    assert refusal(contents) == NO_TAR + reason


def test_corrupt_data_is_told_with_its_place() -> None:
    good = tar_gz({"a.yaml": PIPELINE * 100})
    assert refusal(good[:15] + b"\xff\xff\xff" + good[18:]).startswith(
        NO_TAR + "flate: corrupt input before offset "
    )


def test_a_broken_end_does_no_harm_to_what_stands_before() -> None:
    plain = gzip.decompress(tar_gz({"pipeline.yaml": PIPELINE}))
    assert read_pipeline_file("x", gzip.compress(plain)[:-8] + b"checksum") == PIPELINE
    assert read_pipeline_file("x", gzip.compress(plain[:1024])) == PIPELINE


def test_a_tarball_that_ends_within_the_pipeline_can_not_be_read() -> None:
    plain = gzip.decompress(tar_gz({"pipeline.yaml": PIPELINE * 100}))
    assert refusal(gzip.compress(plain[:800])) == (
        "Error decompress the pipeline file: InvalidInputError: Error reading pipeline YAML from the tarball file: unexpected EOF"
    )


def test_pipeline_yaml_wins_in_a_zip_else_the_first_file() -> None:
    assert read_pipeline_file("x", zipped({"a.txt": b"no", "pipeline.yaml": PIPELINE})) == PIPELINE
    assert read_pipeline_file("x", zipped({"ä.yml": PIPELINE, "b": b"no"}, zipfile.ZIP_STORED)) == PIPELINE
    assert refusal(zipped({"read.me": PIPELINE})) == (
        ZIP.format("Invalid input error:") + " Expecting a pipeline.yaml file inside the zip. Got: read.me"
    )


def test_a_zip_of_nothing_or_of_no_kind_is_refused() -> None:
    assert refusal(zipped({})) == ZIP.format("Invalid input error:") + " Empty zip file"
    assert refusal(b"PK is only two letters") == (
        ZIP.format("InvalidInputError:") + " Not a valid zip file: zip: not a valid zip file"
    )
    assert refusal(zipped({"a.yaml": PIPELINE}, zipfile.ZIP_BZIP2)).endswith(
        "zip: unsupported compression algorithm"
    )


def test_a_zip_with_changed_content_is_refused() -> None:
    good = zipped({"a.yaml": b"original"}, zipfile.ZIP_STORED)
    assert refusal(good.replace(b"original", b"replaced")).endswith("from the zip file: zip: checksum error")


@given(st.sampled_from([b"PK\x03\x04", b"\x1f\x8b\x08\0"]), st.binary(max_size=200))
def test_no_bytes_are_more_than_refused(magic: bytes, rest: bytes) -> None:
    assert refusal(magic + rest).startswith("Error decompress the pipeline file: ")


@given(st.integers(4, 400), st.binary(min_size=1, max_size=4), st.booleans())
def test_a_damaged_archive_is_read_or_refused(place: int, damage: bytes, as_zip: bool) -> None:
    good = (zipped if as_zip else tar_gz)({"pipeline.yaml": PIPELINE})
    with contextlib.suppress(KfpError):
        read_pipeline_file("x", good[:place] + damage + good[place + len(damage) :])
