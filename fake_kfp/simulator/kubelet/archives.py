"""Artifacts as Argo's executor packs them (``executor.go: stageArchiveFile``)."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from posixpath import basename

from fake_kfp.golang.json_text import Json

_FIRST_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip can tell."""


def packed(artifact: Json, content: bytes) -> tuple[str, bytes]:
    """The file name and the bytes that go to the repository. They tell no time: same content, same bytes."""
    strategy = artifact.get("archive") or {}
    name = artifact["name"]
    file_name = basename((artifact.get("path") or name).rstrip("/"))
    if "none" in strategy:
        return file_name, content
    if "zip" in strategy:
        return f"{name}.zip", _zipped(file_name, content)
    return f"{name}.tgz", _tarred(file_name, content)


def _tarred(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    zipped = gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=1, mtime=0)
    with zipped, tarfile.open(fileobj=zipped, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _zipped(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, _FIRST_TIME), content)
    return buffer.getvalue()
