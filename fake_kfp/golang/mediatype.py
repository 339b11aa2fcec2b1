"""Media types and dispositions with their parameters (Go's ``mime/mediatype.go``)."""

from __future__ import annotations

import re

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.textproto import TOKEN_CHARACTERS
from fake_kfp.golang.url import has_bad_escape, path_unescape

_TOKEN = f"[{TOKEN_CHARACTERS}]+"
_SPECIAL = r'[()<>@,;:\\"/\[\]?=]'
_TYPE = re.compile(f"{_TOKEN}(?:/{_TOKEN})?")
# A backslash before what needs none stands for itself, as in a Windows path; no character can be read in two ways.
_PARAMETER = re.compile(
    rf"({_TOKEN})\s*=\s*"
    rf'(?:({_TOKEN})|"((?:[^"\\\r\n]|\\{_SPECIAL}|\\(?!{_SPECIAL}))*)")'
)
_BLANKS = re.compile(r"\s*")
_ESCAPED = re.compile(rf"\\({_SPECIAL})")


class BadMediaType(GoError):
    """A text that is no media type."""


def parse_media_type(text: str) -> tuple[str, dict[str, str]]:
    """The type, in lower case, and its parameters (``mime.ParseMediaType``). Raises :class:`BadMediaType`."""
    name = text.partition(";")[0]
    media_type = name.strip().lower()
    if not _TYPE.fullmatch(media_type):
        raise BadMediaType(text)
    written = _parameters(text, len(name))
    plain = {key: value for key, value in written.items() if "*" not in key}
    return media_type, plain | _continued({key: value for key, value in written.items() if "*" in key})


def _parameters(text: str, position: int) -> dict[str, str]:
    """What stands from ``position`` on: parameters with a semicolon before each, and maybe one more at the end."""
    parameters: dict[str, str] = {}
    while (position := _after_blanks(text, position)) < len(text):
        if text[position] != ";":
            raise BadMediaType(text)
        position = _after_blanks(text, position + 1)
        if position == len(text):
            break
        found = _PARAMETER.match(text, position)
        if found is None:
            raise BadMediaType(text)
        key = found[1].lower()
        value = found[2] if found[3] is None else _ESCAPED.sub(r"\1", found[3])
        if parameters.setdefault(key, value) != value:
            raise BadMediaType(text)
        position = found.end()
    return parameters


def _after_blanks(text: str, position: int) -> int:
    blanks = _BLANKS.match(text, position)
    assert blanks is not None
    return blanks.end()


def _continued(pieces: dict[str, str]) -> dict[str, str]:
    """Parameters in pieces or with a character set: ``name*``, ``name*0``, ``name*1*`` (RFC 2231)."""
    parameters: dict[str, str] = {}
    for key in sorted({key.partition("*")[0] for key in pieces}):
        whole = pieces.get(key + "*")
        value = _joined(key, pieces) if whole is None else _with_character_set(whole)
        if value is not None:
            parameters[key] = value
    return parameters


def _joined(key: str, pieces: dict[str, str]) -> str | None:
    parts: list[str] = []
    while True:
        name = f"{key}*{len(parts)}"
        if name in pieces:
            parts.append(pieces[name])
        elif name + "*" in pieces:
            encoded = pieces[name + "*"]
            parts.append((_with_character_set(encoded) if not parts else _decoded(encoded)) or "")
        else:
            return "".join(parts) if parts else None


def _with_character_set(value: str) -> str | None:
    character_set, _, rest = value.partition("'")
    _, quote, encoded = rest.partition("'")
    if not quote or character_set.lower() not in ("us-ascii", "utf-8"):
        return None
    return _decoded(encoded)


def _decoded(encoded: str) -> str | None:
    return None if has_bad_escape(encoded) else path_unescape(encoded)
