"""Which text a pipeline file holds, be it plain or an archive (``server/util.go``)."""

from __future__ import annotations

from fake_kfp.errors import invalid_input, invalid_input_with_details, wrapping
from fake_kfp.golang.archives import ArchiveFault, GzipFile, TarEntry, ZipArchive, tar_entries

MAX_FILE_BYTES = 32 << 20
"""``common.MaxFileLength``."""

_PIPELINE_FILE = "pipeline.yaml"
_NO_TARBALL = "Error extracting pipeline from the tarball file. Not a valid tarball file"
_NO_ZIP = "Error extracting pipeline from the zip file. Not a valid zip file"
_PLAIN = (".yaml", ".yml", ".json")


def read_pipeline_file(file_name: str, contents: bytes, sizes_told: bool = False) -> bytes:
    """The pipeline in a file (``ReadPipelineFile``): by its name, YAML or JSON; else by its first bytes, an archive.

    Raises INVALID_ARGUMENT for anything else.
    """
    if len(contents) > MAX_FILE_BYTES:
        with wrapping("Error read pipeline file"):
            raise invalid_input(_too_large(len(contents), sizes_told))
    if file_name.endswith(_PLAIN):
        return contents
    for magic, read in ((b"PK", _from_zip), (b"\x1f\x8b", _from_tarball)):
        if contents.startswith(magic) and len(contents) > 2:
            with wrapping("Error decompress the pipeline file"):
                return read(contents)
    raise invalid_input("Unexpected pipeline file format. Support .zip, .tar.gz, .json or YAML")


def _too_large(size: int, sizes_told: bool) -> str:
    if not sizes_told:
        return f"File size too large. Maximum supported size: {MAX_FILE_BYTES}"
    return (
        f"File size too large ({size} bytes). Maximum supported size: {MAX_FILE_BYTES}. Consider moving large embedded artifacts"
        " or notebooks or Python code into a container image or object store."
    )


def _from_tarball(contents: bytes) -> bytes:
    """The file ``pipeline.yaml``, else the first file (``DecompressPipelineTarball``)."""
    try:
        chosen = _choose_in_tarball(contents)
    except ArchiveFault as fault:
        raise invalid_input_with_details(str(fault), _NO_TARBALL) from None
    if not _is_yaml(chosen.name):
        raise invalid_input(
            "Error extracting pipeline from the tarball file. Expecting a pipeline.yaml file inside the tarball. "
            f"Got: {chosen.name}"
        )
    try:
        return chosen.read()
    except ArchiveFault as fault:
        text = "Error reading pipeline YAML from the tarball file"
        raise invalid_input_with_details(str(fault), text) from None


def _choose_in_tarball(contents: bytes) -> TarEntry:
    first: TarEntry | None = None
    try:
        for entry in tar_entries(GzipFile(contents)):
            first = first or entry
            if entry.name == _PIPELINE_FILE:
                return entry
    except ArchiveFault as fault:
        if str(fault) != "EOF":  # an archive without an end mark is as good as one with
            raise
    if first is None:
        raise ArchiveFault("EOF")
    return first


def _from_zip(contents: bytes) -> bytes:
    """The file ``pipeline.yaml``, else the first file (``DecompressPipelineZip``)."""
    try:
        archive = ZipArchive(contents)
    except ArchiveFault as fault:
        raise invalid_input_with_details(str(fault), _NO_ZIP) from None
    names = archive.names
    if not names:
        # the real server panics here
        raise invalid_input("Error extracting pipeline from the zip file. Empty zip file")
    chosen = names.index(_PIPELINE_FILE) if _PIPELINE_FILE in names else 0
    if not _is_yaml(names[chosen]):
        raise invalid_input(
            "Error extracting pipeline from the zip file. Expecting a pipeline.yaml file inside the zip. "
            f"Got: {names[chosen]}"
        )
    try:
        return archive.read(chosen)
    except ArchiveFault as fault:
        text = "Error reading pipeline YAML from the zip file"
        raise invalid_input_with_details(str(fault), text) from None


def _is_yaml(name: str) -> bool:
    return name.endswith((".yaml", ".yml"))
