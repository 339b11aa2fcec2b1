"""Where a text stops being JSON, in the words of Go's encoding/json scanner."""

from __future__ import annotations

import re

from fake_kfp.golang.quoting import quote_byte

UNEXPECTED_END = "unexpected end of JSON input"
_MAX_DEPTH = 10_000
_SPACES = re.compile(r"[ \t\r\n]*")
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
_DIGITS = re.compile(r"[0-9]*")
_LITERALS = {"t": "true", "f": "false", "n": "null"}
_VALUE, _TOP_LEVEL, _LIST, _COLON, _MAP, _FIRST_KEY, _KEY, _FIRST_ELEMENT = range(8)
_AFTER = {
    _TOP_LEVEL: "after top-level value",
    _LIST: "after array element",
    _COLON: "after object key",
    _MAP: "after object key:value pair",
}


class _Invalid(Exception):
    """Carries the error text out of the scan."""


def first_error(text: str) -> str:
    """The error of ``json.Unmarshal`` for a text that is no JSON (``scanner.go: checkValid``)."""
    try:
        _Scanner(text).scan()
    except _Invalid as error:
        return str(error)
    return UNEXPECTED_END


def stream_error(text: str) -> str | None:
    """The error of a ``json.Decoder`` for a text that does not start with a JSON value; None if it does (``stream.go``)."""
    scanner = _Scanner(text)
    try:
        scanner.scan()
    except _Invalid as error:
        if scanner.state == _TOP_LEVEL:
            return None
        return "unexpected EOF" if scanner.position >= len(text) else str(error)
    return None


class _Scanner:
    """Walks the text with an explicit stack, so that depth is bounded by Go's limit and not by Python's."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.open: list[str] = []
        self.state = _VALUE

    def scan(self) -> None:
        """Raises at the first character that does not fit, and when the text ends too early."""
        while True:
            self._skip(_SPACES)
            if self.position >= len(self.text):
                if self.state == _TOP_LEVEL:
                    return
                raise _Invalid(UNEXPECTED_END)
            if self.state in _AFTER:
                self._separator()
            elif self.state in (_FIRST_KEY, _KEY):
                self._key()
            else:
                self._value()

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.position)
        assert match is not None
        self.position = match.end()
        return len(match[0])

    def _fail(self, context: str) -> None:
        raise _Invalid(f"invalid character {quote_byte(self._here())} {context}")

    def _here(self) -> str:
        """The current character; past the end a space, with which Go's scanner tries to come to an end."""
        return self.text[self.position : self.position + 1] or " "

    def _peek(self) -> str:
        if self.position >= len(self.text):
            raise _Invalid(UNEXPECTED_END)
        return self.text[self.position]

    def _separator(self) -> None:
        character = self._peek()
        if (self.state == _COLON and character == ":") or (self.state == _LIST and character == ","):
            self.state = _VALUE
        elif self.state == _MAP and character == ",":
            self.state = _KEY
        elif (self.state, character) in ((_LIST, "]"), (_MAP, "}")):
            self._close()
        else:
            self._fail(_AFTER[self.state])
        self.position += 1

    def _close(self) -> None:
        self.open.pop()
        self._after_value()

    def _after_value(self) -> None:
        self.state = _TOP_LEVEL if not self.open else _LIST if self.open[-1] == "[" else _MAP

    def _key(self) -> None:
        character = self._peek()
        if character == '"':
            self._string()
            self.state = _COLON
        elif character == "}" and self.state == _FIRST_KEY:
            self._close()
            self.position += 1
        else:
            self._fail("looking for beginning of object key string")

    def _value(self) -> None:
        character = self._peek()
        if character in "[{":
            if len(self.open) == _MAX_DEPTH:
                self._fail("exceeded max depth")
            self.open.append(character)
            self.state = _FIRST_ELEMENT if character == "[" else _FIRST_KEY
            self.position += 1
            return
        if character == "]" and self.state == _FIRST_ELEMENT:
            self._close()
            self.position += 1
            return
        self._scalar(character)
        self._after_value()

    def _scalar(self, character: str) -> None:
        if character == '"':
            self._string()
        elif character in _LITERALS:
            self._literal(_LITERALS[character])
        elif character == "-" or (character.isascii() and character.isdigit()):
            self._number()
        else:
            self._fail("looking for beginning of value")

    def _literal(self, word: str) -> None:
        self.position += 1
        for expected in word[1:]:
            if self._here() != expected:
                self._fail(f"in literal {word} (expecting '{expected}')")
            self.position += 1

    def _number(self) -> None:
        if self._here() == "-":
            self.position += 1
        if self._here() == "0":
            self.position += 1
        else:
            self._digits("in numeric literal")
        if self.text.startswith(".", self.position):
            self.position += 1
            self._digits("after decimal point in numeric literal")
        if self.text.startswith(("e", "E"), self.position):
            self.position += 1
            if self._here() in "+-":
                self.position += 1
            self._digits("in exponent of numeric literal")

    def _digits(self, context: str) -> None:
        if not self._skip(_DIGITS):
            self._fail(context)

    def _string(self) -> None:
        self.position += 1
        while True:
            self._skip(_PLAIN)
            character = self._peek()
            if character == '"':
                self.position += 1
                return
            if character != "\\":
                self._fail("in string literal")
            self.position += 1
            self._escape()

    def _escape(self) -> None:
        character = self._here()
        if character not in '"\\/bfnrtu':
            self._fail("in string escape code")
        self.position += 1
        for _ in range(4 if character == "u" else 0):
            if self._here() not in "0123456789abcdefABCDEF":
                self._fail("in \\u hexadecimal character escape")
            self.position += 1
