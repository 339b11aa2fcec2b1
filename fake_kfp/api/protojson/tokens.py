"""The tokens of a JSON text, in the order that protobuf-go allows (``internal/encoding/json/decode.go``)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from fake_kfp.api.protojson.errors import DecodeError
from fake_kfp.api.protojson.strings import UNEXPECTED_END, BadString, read_string

EOF = 1
NULL = 2
BOOL = 4
NUMBER = 8
STRING = 16
NAME = 32
OBJECT_OPEN = 64
OBJECT_CLOSE = 128
ARRAY_OPEN = 256
ARRAY_CLOSE = 512
_COMMA = 1024

_SCALAR = NULL | BOOL | NUMBER | STRING
_VALUE_END = _SCALAR | OBJECT_CLOSE | ARRAY_CLOSE
_VALUE_START = _SCALAR | OBJECT_OPEN | ARRAY_OPEN

_SPACES = re.compile(r"[ \n\r\t]*")
_NO_DELIMITER = r"(?![-+._a-zA-Z0-9])"
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?(?:[0-9]+|(?=[\s\S])))?" + _NO_DELIMITER)
_WORD = re.compile(r"(null|true|false)" + _NO_DELIMITER)
_NO_UTF8 = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\ufffd"
_JUNK = re.compile(r"[-+._a-zA-Z0-9]{1,32}|.?", re.S)
_PUNCTUATION = {"{": OBJECT_OPEN, "}": OBJECT_CLOSE, "[": ARRAY_OPEN, "]": ARRAY_CLOSE, ",": _COMMA}
_WORDS: dict[str, tuple[int, bool | None]] = {
    "null": (NULL, None),
    "true": (BOOL, True),
    "false": (BOOL, False),
}


class Token(NamedTuple):
    """A token: ``raw`` as written, ``start`` in the text, ``value`` of strings, names and booleans."""

    kind: int
    start: int
    raw: str
    value: str | bool | None = None


def number_at_start(text: str) -> str | None:
    """The number that ``text`` starts with, if it does. What follows it does not matter."""
    found = _NUMBER.match(text)
    return found[0] if found else None


class TokenReader:
    """Reads tokens one by one, one ahead at will. Raises :class:`DecodeError` where JSON's grammar is broken."""

    def __init__(self, text: str, hidden: Collection[str] = ()) -> None:
        self.hidden = hidden
        """Full names of the fields that whoever reads is not to know."""
        self._text = text
        self._position = _skip_spaces(text, 0)
        self._open: list[int] = []
        self._last = 0
        self._ahead: Token | None = None

    def peek(self) -> Token:
        """The next token, which stays there."""
        if self._ahead is None:
            self._ahead = self._next()
        return self._ahead

    def read(self) -> Token:
        """The next token."""
        token = self._ahead
        if token is None:
            return self._next()
        self._ahead = None
        return token

    def expect(self, kind: int) -> Token:
        """The next token, which has to be of this kind."""
        token = self.read()
        if token.kind != kind:
            raise self.unexpected(token)
        return token

    def names(self) -> Iterator[Token]:
        """The names in the object that was opened last; the value of each has to be read before the next one."""
        while (token := self.read()).kind != OBJECT_CLOSE:
            if token.kind != NAME:
                raise self.unexpected(token)
            yield token

    def null_follows(self) -> bool:
        """Whether the next token is a null; what is wrong with it otherwise, reading it will tell."""
        word = _WORD.match(self._text, self._position)
        return word is not None and word[1] == "null"

    def fault(self, start: int, text: str) -> DecodeError:
        """An error about the contents, with its place."""
        return DecodeError(f"proto: {self._place(start)}: {text}")

    def syntax_fault(self, start: int, text: str) -> DecodeError:
        """An error about the shape, with its place."""
        return DecodeError(f"proto: syntax error {self._place(start)}: {text}")

    def unexpected(self, token: Token) -> DecodeError:
        """The error for a token that fits JSON, but not the message."""
        return self.syntax_fault(token.start, f"unexpected token {token.raw}")

    def _place(self, start: int) -> str:
        before = self._text[:start]
        return f"(line {before.count(chr(10)) + 1}:{start - before.rfind(chr(10))})"

    def _next(self) -> Token:
        token = self._parse()
        kind = token.kind
        if kind & _VALUE_START and self._value_may_follow():
            if kind & (OBJECT_OPEN | ARRAY_OPEN):
                self._open.append(kind)
        elif kind == STRING:
            token = self._as_name(token)
        elif kind == EOF:
            if self._open:
                raise DecodeError(f"proto: {UNEXPECTED_END}")
        elif not self._may_end_or_separate(kind):
            raise self.unexpected(token)
        self._last = token.kind
        return self._next() if kind == _COMMA else token

    def _value_may_follow(self) -> bool:
        if not self._open:
            return self._last == 0
        if self._open[-1] == OBJECT_OPEN:
            return self._last == NAME
        return self._last in (ARRAY_OPEN, _COMMA)

    def _as_name(self, token: Token) -> Token:
        """A string where no value may stand is a member's name."""
        if self._last not in (OBJECT_OPEN, _COMMA):
            raise self.unexpected(token)
        following = self._text[self._position : self._position + 1]
        if not following:
            raise DecodeError(f"proto: {UNEXPECTED_END}")
        if following != ":":
            byte = chr(following.encode("utf-8", "surrogateescape")[0])
            text = f'unexpected character {byte}, missing ":" after field name'
            raise self.syntax_fault(self._position, text)
        self._position = _skip_spaces(self._text, self._position + 1)
        return token._replace(kind=NAME)

    def _may_end_or_separate(self, kind: int) -> bool:
        if not self._open:
            return False
        if kind == _COMMA:
            return bool(self._last & _VALUE_END)
        if kind == OBJECT_CLOSE:
            fits = self._open[-1] == OBJECT_OPEN and self._last not in (NAME, _COMMA)
        else:
            fits = kind == ARRAY_CLOSE and self._open[-1] == ARRAY_OPEN and self._last != _COMMA
        if fits:
            self._open.pop()
        return fits

    def _parse(self) -> Token:
        text, start = self._text, self._position
        first = text[start : start + 1]
        if first == '"':
            return self._string(start)
        if first in _PUNCTUATION:
            return self._take(_PUNCTUATION[first], start, start + 1)
        if not first:
            return Token(EOF, start, "")
        number = _NUMBER.match(text, start)
        if number:
            return self._take(NUMBER, start, number.end())
        word = _WORD.match(text, start)
        if word:
            kind, value = _WORDS[word[0]]
            return self._take(kind, start, word.end(), value)
        junk = _JUNK.match(text, start)
        assert junk is not None
        raise self.syntax_fault(start, f"invalid value {_NO_UTF8.sub(_REPLACEMENT, junk[0])}")

    def _string(self, start: int) -> Token:
        try:
            value, end = read_string(self._text, start)
        except BadString as bad:
            raise (
                self.syntax_fault(start, str(bad)) if bad.in_place else DecodeError(f"proto: {bad}")
            ) from None
        return self._take(STRING, start, end, value)

    def _take(self, kind: int, start: int, end: int, value: str | bool | None = None) -> Token:
        self._position = _skip_spaces(self._text, end)
        return Token(kind, start, self._text[start:end], value)


def _skip_spaces(text: str, position: int) -> int:
    found = _SPACES.match(text, position)
    return found.end() if found else position
