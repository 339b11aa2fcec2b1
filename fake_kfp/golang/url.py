"""Query strings as Go's ``net/url`` reads them."""

from __future__ import annotations

import re

from fake_kfp.golang.quoting import quote

_SPECIAL = re.compile(rb"\+|%([0-9a-fA-F]{2})|%.{0,2}", re.S)


class InvalidEscape(ValueError):
    """A percent sign without two hexadecimal digits; the message is Go's."""


def query_unescape(text: str) -> str:
    """``url.QueryUnescape``: ``+`` is a blank. Bytes that are no UTF-8 become lone surrogates."""
    return _SPECIAL.sub(_byte, text.encode()).decode(errors="surrogateescape")


def _byte(match: re.Match[bytes]) -> bytes:
    if match[0] == b"+":
        return b" "
    if match[1] is None:
        raise InvalidEscape(f"invalid URL escape {quote(match[0].decode(errors='replace'))}")
    return bytes.fromhex(match[1].decode())
