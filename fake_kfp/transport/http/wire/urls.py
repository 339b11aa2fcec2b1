"""Request targets and paths as Go's HTTP server and gorilla/mux take them."""

from __future__ import annotations

import posixpath
import re

from fake_kfp.golang.url import has_bad_escape

_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f]")
_ABSOLUTE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^/?]*")


class BadTarget(ValueError):
    """A request target that Go's HTTP server refuses before anybody sees it."""


def split_target(target: str) -> tuple[str, str]:
    """The path of a request target, still percent-encoded, and its query. Raises :class:`BadTarget`."""
    if _UNPRINTABLE.search(target):
        raise BadTarget(target)
    absolute = _ABSOLUTE.match(target)
    if absolute:
        target = target[absolute.end() :] or "/"
    path, _, query = target.partition("?")
    if not path.startswith("/") or has_bad_escape(path):
        raise BadTarget(target)
    return path, query


def well_formed(text: str) -> str:
    """The text itself. Raises UnicodeEncodeError if it came from bytes that are no UTF-8."""
    text.encode()
    return text


def clean_path(path: str) -> str:
    """The path without ``.``, ``..`` and empty segments; a slash at the end stays (gorilla's ``mux.go: cleanPath``)."""
    if "//" not in path and "/." not in path:
        return path
    cleaned = posixpath.normpath(path)
    if cleaned.startswith("//"):
        cleaned = cleaned[1:]
    return cleaned + "/" if path.endswith("/") and cleaned != "/" else cleaned
