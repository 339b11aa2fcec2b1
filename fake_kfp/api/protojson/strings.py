"""JSON strings as protobuf-go reads them (``internal/encoding/json/decode_string.go``)."""

from __future__ import annotations

import re
from collections.abc import Callable
from json import decoder
from typing import Any, cast

from fake_kfp.golang.quoting import escape

UNEXPECTED_END = "unexpected EOF"

_PLAIN = re.compile(r'"([^"\\\x00-\x1f\ud800-\udfff]*)"')
_UNPAIRED = re.compile("[\ud800-\udfff]")
_RUN = re.compile(r'[^"\\\x00-\x1f\ud800-\udfff]*')
_HEX4 = re.compile(r"[0-9a-fA-F]{4}\Z")
_SIMPLE_ESCAPES = frozenset('"\\/bfnrt')
_LOW_HALVES = range(0xDC00, 0xE000)
_scan = cast("Callable[[str, int, bool], tuple[str, int]]", cast(Any, decoder).scanstring)


class BadString(ValueError):
    """The string is broken; ``in_place`` says whether the error text names the place where the string starts."""

    def __init__(self, text: str, in_place: bool = True) -> None:
        super().__init__(text)
        self.in_place = in_place


def read_string(text: str, start: int) -> tuple[str, int]:
    """The value of the string literal at ``start`` and where it ends. Raises :class:`BadString`.

    Bytes that are no UTF-8 stand in ``text`` as lone surrogates (the ``surrogateescape`` error handler).
    """
    plain = _PLAIN.match(text, start)
    if plain:
        return plain[1], plain.end()
    try:
        value, end = _scan(text, start + 1, True)
    except ValueError:
        raise _fault(text, start) from None
    if _UNPAIRED.search(value):
        raise _fault(text, start)
    return value, end


def _fault(text: str, start: int) -> BadString:
    """Walks to the first thing that protobuf-go refuses."""
    position = start + 1
    while True:
        run = _RUN.match(text, position)
        assert run is not None
        position = run.end()
        character = text[position : position + 1]
        if character in ("", '"'):
            return BadString(UNEXPECTED_END, in_place=False)
        if character != "\\":
            return _bad_character(character)
        fault, position = _after_escape(text, position)
        if fault:
            return fault


def _bad_character(character: str) -> BadString:
    if character < " ":
        return BadString(f"invalid character '{escape(character)}' in string")
    return BadString("invalid UTF-8 in string")


def _after_escape(text: str, position: int) -> tuple[BadString | None, int]:
    """Where the escape sequence at ``position`` ends, or what is wrong with it."""
    letter = text[position + 1 : position + 2]
    if not letter:
        return BadString(UNEXPECTED_END, in_place=False), position
    if letter in _SIMPLE_ESCAPES:
        return None, position + 2
    if letter != "u":
        return _bad_escape(text, position, 2), position
    code = _code_unit(text, position)
    if isinstance(code, BadString):
        return code, position
    position += 6
    if not 0xD800 <= code < 0xE000:
        return None, position
    second = _code_unit(text, position)
    paired = code < 0xDC00 and not isinstance(second, BadString) and second in _LOW_HALVES
    if paired and text.startswith("\\u", position):
        return None, position + 6
    return _missing_bytes(text, position) or _bad_escape(text, position, 6), position


def _code_unit(text: str, position: int) -> int | BadString:
    digits = text[position + 2 : position + 6]
    if _HEX4.match(digits):
        return int(digits, 16)
    return _missing_bytes(text, position) or _bad_escape(text, position, 6)


def _missing_bytes(text: str, position: int) -> BadString | None:
    """protobuf-go wants six bytes before it looks at an escape at all, even if the string ends sooner."""
    if len(text[position : position + 6].encode("utf-8", "surrogateescape")) < 6:
        return BadString(UNEXPECTED_END, in_place=False)
    return None


def _bad_escape(text: str, position: int, length: int) -> BadString:
    cut = text[position : position + length].encode("utf-8", "surrogateescape")[:length]
    shown = "".join(map(_shown, cut.decode("utf-8", "surrogateescape")))
    return BadString(f'invalid escape code "{shown}" in string')


def _shown(character: str) -> str:
    """A character between Go's quotes; a byte that is no UTF-8 by its number."""
    return f"\\x{ord(character) - 0xDC00:02x}" if _UNPAIRED.match(character) else escape(character)
