"""Archives that hold a pipeline: what is in them, and Go's words for what is wrong with them."""

from fake_kfp.golang.archives.faults import ArchiveFault
from fake_kfp.golang.archives.gzip import GzipFile
from fake_kfp.golang.archives.tar import TarEntry, tar_entries
from fake_kfp.golang.archives.zip import ZipArchive

__all__ = ["ArchiveFault", "GzipFile", "TarEntry", "ZipArchive", "tar_entries"]
