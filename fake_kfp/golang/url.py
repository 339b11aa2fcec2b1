"""URLs and queries as Go's ``net/url`` reads them."""

from __future__ import annotations

import re

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.quoting import quote

_SPECIAL = re.compile(rb"\+|%([0-9a-fA-F]{2})|%.{0,2}", re.S)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):(.*)\Z", re.DOTALL)
_BAD_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")
_HOST_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})|%(?!25)[0-7]")
_HOST = re.compile(r"""[A-Za-z0-9\-_.~!$&'()*+,;=:\[\]<>"%\u0080-\U0010ffff]*\Z""")
_PORT = re.compile(r":[0-9]*\Z")
_USER = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*\Z")


class InvalidEscape(GoError):
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


def is_request_uri(url: str) -> bool:
    """Whether ``url.ParseRequestURI`` takes the text: an absolute URI or an absolute path."""
    if not url or _CONTROL.search(url):
        return False
    if url == "*":
        return True
    scheme = _SCHEME.match(url)
    if scheme is None and url.startswith(":"):
        return False
    rest = (scheme[2] if scheme else url).split("?")[0]
    if not rest.startswith("/"):
        return scheme is not None
    if scheme is not None and rest.startswith("//"):
        authority, slash, path = rest[2:].partition("/")
        return _is_authority(authority) and not _BAD_ESCAPE.search(slash + path)
    return not _BAD_ESCAPE.search(rest)


def _is_authority(authority: str) -> bool:
    user, at, host = authority.rpartition("@")
    if at and (not _USER.match(user) or _BAD_ESCAPE.search(user)):
        return False
    if host.startswith("["):
        bracket = host.rfind("]")
        return bracket > 0 and (host[bracket + 1 :] == "" or bool(_PORT.match(host[bracket + 1 :])))
    _, colon, port = host.rpartition(":")
    if colon and not _PORT.match(colon + port):
        return False
    return bool(_HOST.match(host)) and not _HOST_ESCAPE.search(host)
