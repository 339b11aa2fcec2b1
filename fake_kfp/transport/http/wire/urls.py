"""Targets, paths and queries as Go's ``net/url`` and gorilla/mux read them."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import quote as percent_encode

from fake_kfp.golang.url import InvalidEscape, query_unescape

_BAD_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")
_ESCAPE = re.compile(rb"%([0-9a-fA-F]{2})")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f]")
_ABSOLUTE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^/?]*")

QueryValues = dict[str, list[str]]


class BadTarget(ValueError):
    """A request target that Go's HTTP server refuses before anybody sees it."""


class BadQuery(ValueError):
    """A query that can't be read; the message is Go's."""


def split_target(target: str) -> tuple[str, str]:
    """The path of a request target, still percent-encoded, and its query. Raises :class:`BadTarget`."""
    if _UNPRINTABLE.search(target):
        raise BadTarget(target)
    absolute = _ABSOLUTE.match(target)
    if absolute:
        target = target[absolute.end() :] or "/"
    path, _, query = target.partition("?")
    if not path.startswith("/") or _BAD_ESCAPE.search(path):
        raise BadTarget(target)
    return path, query


def decode_path(path: str) -> str:
    """A path without percent-encoding; bytes that are no UTF-8 become lone surrogates."""
    if "%" not in path:
        return path
    plain = _ESCAPE.sub(
        lambda found: bytes.fromhex(found[1].decode()), path.encode("utf-8", "surrogateescape")
    )
    return plain.decode("utf-8", "surrogateescape")


def well_formed(text: str) -> str:
    """The text itself. Raises UnicodeEncodeError if it came from bytes that are no UTF-8."""
    text.encode()
    return text


def encode_path(path: str) -> str:
    """A decoded path in a form that may stand in a header."""
    return percent_encode(path.encode("utf-8", "surrogateescape"), safe="/$&+,:;=@*!'()~-._")


def clean_path(path: str) -> str:
    """The path without ``.``, ``..`` and empty segments; a slash at the end stays (gorilla's ``mux.go: cleanPath``)."""
    if "//" not in path and "/." not in path:
        return path
    cleaned = posixpath.normpath(path)
    if cleaned.startswith("//"):
        cleaned = cleaned[1:]
    return cleaned + "/" if path.endswith("/") and cleaned != "/" else cleaned


def parse_query(query: str) -> QueryValues:
    """All values by name (``url.ParseQuery``). Raises :class:`BadQuery` for the fault that Go would name."""
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
        values.setdefault(_unescape(name), []).append(_unescape(value))
    except InvalidEscape as error:
        return str(error)
    return ""


def _unescape(text: str) -> str:
    return query_unescape(text) if "%" in text or "+" in text else text
