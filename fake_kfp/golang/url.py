"""URLs, paths and queries as Go's ``net/url`` reads and writes them.

Bytes that are no UTF-8 stand in texts as lone surrogates (Python's ``surrogateescape``).
"""

from __future__ import annotations

import re
from urllib.parse import quote as percent_encode

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.quoting import quote

_SPECIAL = re.compile(rb"\+|%([0-9a-fA-F]{2})|%.{0,2}", re.S)
_ESCAPE = re.compile(rb"%([0-9a-fA-F]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):(.*)\Z", re.DOTALL)
_BAD_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")
_HOST_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})|%(?!25)[0-7]")
_HOST = re.compile(r"""[A-Za-z0-9\-_.~!$&'()*+,;=:\[\]<>"%\u0080-\U0010ffff]*\Z""")
_PORT = re.compile(r":[0-9]*\Z")
_USER = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*\Z")


QueryValues = dict[str, list[str]]
"""All values of a query by name, in the order in which they came."""


class InvalidEscape(GoError):
    """A percent sign without two hexadecimal digits; the message is Go's."""


class BadQuery(GoError):
    """A query that can't be read; the message is Go's."""


def query_unescape(text: str) -> str:
    """``url.QueryUnescape``: ``+`` is a blank. Raises :class:`InvalidEscape`, and UnicodeEncodeError for text with lone surrogates."""
    if "%" not in text and "+" not in text:
        return text
    return _SPECIAL.sub(_byte, text.encode()).decode(errors="surrogateescape")


def _byte(match: re.Match[bytes]) -> bytes:
    if match[0] == b"+":
        return b" "
    if match[1] is None:
        raise InvalidEscape(f"invalid URL escape {quote(match[0].decode(errors='replace'))}")
    return bytes.fromhex(match[1].decode())


def parse_query(query: str) -> QueryValues:
    """All values by name (``url.ParseQuery``). Raises :class:`BadQuery` for the fault that Go would name: the last."""
    values: QueryValues = {}
    fault = ""
    for part in query.split("&"):
        if ";" in part:
            fault = "invalid semicolon separator in query"
        elif part:
            fault = _add_value(values, part) or fault
    if fault:
        raise BadQuery(fault)
    return values


def _add_value(values: QueryValues, part: str) -> str:
    name, _, value = part.partition("=")
    try:
        values.setdefault(query_unescape(name), []).append(query_unescape(value))
    except InvalidEscape as error:
        return str(error)
    return ""


def has_bad_escape(text: str) -> bool:
    """Whether a percent sign stands without two hexadecimal digits behind it."""
    return bool(_BAD_ESCAPE.search(text))


def path_unescape(path: str) -> str:
    """``url.PathUnescape`` of a path without bad escapes."""
    if "%" not in path:
        return path
    plain = _ESCAPE.sub(
        lambda found: bytes.fromhex(found[1].decode()), path.encode("utf-8", "surrogateescape")
    )
    return plain.decode("utf-8", "surrogateescape")


def path_escape(path: str) -> str:
    """``URL.EscapedPath``: a path in a form that may stand in a header."""
    return percent_encode(path.encode("utf-8", "surrogateescape"), safe="/$&+,:;=@*!'()~-._")


def split_scheme(url: str) -> tuple[str, str] | None:
    """The scheme, as it is written, and what follows its colon; None where there is no scheme."""
    found = _SCHEME.match(url)
    return (found[1], found[2]) if found else None


def is_request_uri(url: str) -> bool:
    """Whether ``url.ParseRequestURI`` takes the text: an absolute URI or an absolute path."""
    if not url or _CONTROL.search(url):
        return False
    if url == "*":
        return True
    scheme = split_scheme(url)
    if scheme is None and url.startswith(":"):
        return False
    rest = (scheme[1] if scheme else url).split("?")[0]
    if not rest.startswith("/"):
        return scheme is not None
    if scheme is not None and rest.startswith("//"):
        authority, slash, path = rest[2:].partition("/")
        return _is_authority(authority) and not has_bad_escape(slash + path)
    return not has_bad_escape(rest)


def _is_authority(authority: str) -> bool:
    user, at, host = authority.rpartition("@")
    if at and (not _USER.match(user) or has_bad_escape(user)):
        return False
    if host.startswith("["):
        bracket = host.rfind("]")
        return bracket > 0 and (host[bracket + 1 :] == "" or bool(_PORT.match(host[bracket + 1 :])))
    _, colon, port = host.rpartition(":")
    if colon and not _PORT.match(colon + port):
        return False
    return bool(_HOST.match(host)) and not _HOST_ESCAPE.search(host)
