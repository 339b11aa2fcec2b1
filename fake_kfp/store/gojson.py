"""JSON as Go's ``encoding/json`` writes it, and as it complains about it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from math import isinf
from typing import Any, ClassVar, NoReturn

from fake_kfp.store.gotext import go_escaped

_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_ESCAPED = re.compile("[<>&\u2028\u2029]")
_QUOTED_NAMES = {"'": r"'\''", '"': "'\"'"}
_ESCAPE = re.compile(
    r"\\(u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)", re.S
)
_LONE_SURROGATE_LENGTH = len("ud800")


class SyntaxFault(ValueError):
    """The text is no JSON; the message is Go's."""


def to_json(value: Any) -> str:
    """``json.Marshal`` of plain data. Dicts keep their order: sort the keys of what is a map in Go."""
    if isinstance(value, str):
        return _ESCAPED.sub(lambda found: _ESCAPES[found[0]], json.dumps(value, ensure_ascii=False))
    if isinstance(value, float):
        return go_float(value)
    if isinstance(value, dict):
        return "{" + ",".join([f"{to_json(key)}:{to_json(item)}" for key, item in value.items()]) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join([to_json(item) for item in value]) + "]"
    return json.dumps(value)


def go_float(number: float) -> str:
    """The shortest text of a float, with an exponent only below 1e-6 and from 1e21 on."""
    text = repr(number)
    if number and not 1e-6 <= abs(number) < 1e21:
        return text.replace("e-0", "e-")
    return format(Decimal(text), "f").removesuffix(".0")


def from_json(text: str) -> Any:
    """``json.Unmarshal`` into an empty interface, where every number is a float; :class:`SyntaxFault` in Go's words."""
    try:
        return json.loads(
            _ESCAPE.sub(_paired, text), parse_int=_number, parse_float=_number, parse_constant=_refuse
        )
    except SyntaxFault:
        raise
    except (ValueError, RecursionError):
        raise SyntaxFault(_Scanner(text).fault()) from None


def _paired(escape: re.Match[str]) -> str:
    lone = len(escape[1]) == _LONE_SURROGATE_LENGTH
    return "\\ufffd" if lone else escape[0]


def _number(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise SyntaxFault(f"json: cannot unmarshal number {text} into Go value of type float64")
    return number


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


class _Scanner:
    """Finds the first fault of a text that is no JSON, and says it as Go's ``encoding/json/scanner.go`` does.

    Each method reads what its name says; :class:`SyntaxFault` at the first character that does not fit.
    """

    _LITERALS: ClassVar = {"t": "true", "f": "false", "n": "null"}

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def fault(self) -> str:
        """The message about the whole text."""
        try:
            self._value()
            self._blanks()
            if self._at < len(self._text):
                self._unexpected("after top-level value")
        except SyntaxFault as fault:
            return str(fault)
        except RecursionError:
            pass
        return "exceeded max depth"

    def _peek(self) -> str:
        if self._at >= len(self._text):
            raise SyntaxFault("unexpected end of JSON input")
        return self._text[self._at]

    def _peek_strictly(self) -> str:
        """Where a blank would not be skipped, Go takes the end for one."""
        return self._text[self._at] if self._at < len(self._text) else " "

    def _unexpected(self, context: str) -> NoReturn:
        raise SyntaxFault(f"invalid character {_quoted(self._peek_strictly())} {context}")

    def _blanks(self) -> None:
        while self._at < len(self._text) and self._text[self._at] in " \t\r\n":
            self._at += 1

    def _value(self) -> None:
        self._blanks()
        character = self._peek()
        if character in "{[":
            self._container(character)
        elif character == '"':
            self._string()
        elif character in self._LITERALS:
            self._literal(self._LITERALS[character])
        elif character == "-" or character in "0123456789":
            self._number()
        else:
            self._unexpected("looking for beginning of value")

    def _container(self, opening: str) -> None:
        self._at += 1
        self._blanks()
        if self._peek() == {"{": "}", "[": "]"}[opening]:
            self._at += 1
        elif opening == "{":
            self._items("}", self._pair, "after object key:value pair")
        else:
            self._items("]", self._item, "after array element")

    def _items(self, closing: str, item: Callable[[], None], context: str) -> None:
        while True:
            item()
            self._blanks()
            if self._peek() not in "," + closing:
                self._unexpected(context)
            self._at += 1
            if self._text[self._at - 1] == closing:
                return

    def _item(self) -> None:
        self._value()

    def _pair(self) -> None:
        self._blanks()
        if self._peek() != '"':
            self._unexpected("looking for beginning of object key string")
        self._string()
        self._blanks()
        if self._peek() != ":":
            self._unexpected("after object key")
        self._at += 1
        self._item()

    def _string(self) -> None:
        self._at += 1
        while (character := self._peek()) != '"':
            if character < " ":
                self._unexpected("in string literal")
            self._at += 1
            if character == "\\":
                self._escape()
        self._at += 1

    def _escape(self) -> None:
        character = self._peek_strictly()
        if character not in 'bfnrt\\/"u':
            self._unexpected("in string escape code")
        self._at += 1
        for _ in range(4 if character == "u" else 0):
            if self._peek_strictly() not in "0123456789abcdefABCDEF":
                self._unexpected("in \\u hexadecimal character escape")
            self._at += 1

    def _literal(self, word: str) -> None:
        for letter in word:
            if self._peek_strictly() != letter:
                self._unexpected(f"in literal {word} (expecting {_quoted(letter)})")
            self._at += 1

    def _number(self) -> None:
        self._at += self._next_is("-")
        self._one_digit("in numeric literal")
        if self._text[self._at - 1] != "0":
            self._digits()
        if self._next_is("."):
            self._at += 1
            self._one_digit("after decimal point in numeric literal")
            self._digits()
        if self._next_is("eE"):
            self._at += 1
            self._at += self._next_is("+-")
            self._one_digit("in exponent of numeric literal")
            self._digits()

    def _next_is(self, characters: str) -> bool:
        return self._at < len(self._text) and self._text[self._at] in characters

    def _one_digit(self, context: str) -> None:
        if self._peek_strictly() not in "0123456789":
            self._unexpected(context)
        self._at += 1

    def _digits(self) -> None:
        while self._next_is("0123456789"):
            self._at += 1


def _quoted(character: str) -> str:
    """Go's ``quoteChar``, which sees bytes: a character beyond ASCII shows as the first byte of its UTF-8."""
    if character in _QUOTED_NAMES:
        return _QUOTED_NAMES[character]
    escaped = "\udc80" <= character <= "\udcff"
    byte = character.encode("utf-8", "surrogateescape" if escaped else "replace")[0]
    return f"'{go_escaped(chr(byte))}'"
