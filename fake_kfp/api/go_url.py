"""What is needed of Go's ``net/url``."""

from __future__ import annotations

import re

from fake_kfp.simulator.expressions.gofmt import quote

_PERCENT = re.compile(rb"%[0-9a-fA-F]{2}|%.{0,2}|\+", re.S)


class InvalidEscape(ValueError):
    """A percent sign without two hexadecimal digits; the message is Go's."""


def query_unescape(text: str) -> str:
    """``url.QueryUnescape``: ``+`` is a blank. Bytes that are no UTF-8 become lone surrogates."""
    return _PERCENT.sub(_byte, text.encode()).decode(errors="surrogateescape")


def _byte(match: re.Match[bytes]) -> bytes:
    found = match[0]
    if found == b"+":
        return b" "
    try:
        return bytes.fromhex(found[1:].decode())
    except ValueError:
        raise InvalidEscape(f"invalid URL escape {quote(found.decode(errors='replace'))}") from None
