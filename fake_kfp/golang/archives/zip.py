"""Go's reader of zip archives (``archive/zip``)."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from fake_kfp.golang.archives.faults import MAX_CONTENT, UNEXPECTED_EOF, ArchiveFault, too_large


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
        if entry.file_size > MAX_CONTENT:
            raise too_large()
        try:
            with self._file.open(entry) as file:
                content = file.read(MAX_CONTENT + 1)
        except zlib.error:
            raise ArchiveFault("flate: corrupt input before offset 1") from None
        except EOFError:
            raise ArchiveFault(UNEXPECTED_EOF) from None
        except (zipfile.BadZipFile, RuntimeError, ValueError, OSError, struct.error) as error:
            raise ArchiveFault(_zip_fault(error)) from None
        if len(content) > MAX_CONTENT:
            raise too_large()
        return content


def _zip_fault(error: Exception) -> str:
    return "zip: checksum error" if "CRC" in str(error) else "zip: not a valid zip file"


def _zip_name(entry: zipfile.ZipInfo) -> str:
    """Go takes every name for UTF-8, Python only those that say so."""
    if entry.flag_bits & 0x800:
        return entry.orig_filename
    return entry.orig_filename.encode("cp437").decode("utf-8", "replace")
