"""What Go's package ``time`` takes for no time at all, the last second it writes, and how it shows what it cannot read."""

from __future__ import annotations

ZERO_SECONDS = -62135596800
"""Go's zero time, which counts as unset, in seconds since 1970: the beginning of the year 1."""

LAST_SECONDS = 253402300799
"""The last second that RFC 3339 has digits for: the end of the year 9999."""


def quote(text: str) -> str:
    """A text in quotes, byte by byte where it is no plain ASCII (``time/format.go: quote``)."""
    return '"' + "".join(map(_quoted_letter, text)) + '"'


def _quoted_letter(letter: str) -> str:
    if " " <= letter <= "\x7f":
        return "\\" + letter if letter in '"\\' else letter
    return "".join(f"\\x{byte:02x}" for byte in letter.encode("utf-8", "replace"))
