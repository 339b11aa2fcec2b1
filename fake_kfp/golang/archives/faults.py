"""What is wrong with an archive, in Go's words or, where it is too large for us, in our own."""

from __future__ import annotations

from fake_kfp.golang.errors import GoError

UNEXPECTED_EOF = "unexpected EOF"

MAX_UNPACKED = 256 << 20
"""How many bytes of an archive are looked through."""

MAX_CONTENT = 16 << 20
"""How many bytes a file of an archive may have to be read."""


class ArchiveFault(GoError):
    """Something is wrong with an archive; the message is Go's."""


def too_large() -> ArchiveFault:
    """What is said of an archive, or a file in it, that would fill the memory."""
    return ArchiveFault(
        f"fake_kfp: archives that unpack to more than {MAX_UNPACKED >> 20} MiB, or hold a file of more than"
        f" {MAX_CONTENT >> 20} MiB, are not modelled"
    )
