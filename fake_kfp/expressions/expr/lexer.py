"""Tokens of an expression (expr's ``parser/lexer``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fake_kfp.expressions.expr.source import error_at
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.quoting import quote

IDENTIFIER, NUMBER, STRING = "Identifier", "Number", "String"
OPERATOR, BRACKET, EOF = "Operator", "Bracket", "EOF"

_WORD_OPERATORS = {"in", "or", "and", "matches", "contains", "startsWith", "endsWith", "let", "if", "else"}
_NEGATABLE = {"in", "matches", "contains", "startsWith", "endsWith"}
_SPACES = frozenset(
    "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
)
_DECIMAL, _HEX, _OCTAL, _BINARY = "0123456789_", "0123456789abcdefABCDEF_", "01234567_", "01_"
_DIGIT_SETS = {"x": _HEX, "X": _HEX, "o": _OCTAL, "O": _OCTAL, "b": _BINARY, "B": _BINARY}
_SIMPLE_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
_END = ""


@dataclass(frozen=True)
class Token:
    """One token; ``position`` counts characters from the expression's start."""

    kind: str
    value: str
    position: int

    def is_a(self, kind: str, *values: str) -> bool:
        """Whether the token is of that kind and, if any are given, one of those values."""
        return self.kind == kind and (not values or self.value in values)

    def __str__(self) -> str:
        return f"{self.kind}({quote(self.value)})" if self.value else self.kind


def lex(source: str) -> list[Token]:
    """All tokens, an EOF at the end; raises for characters and literals that make no token."""
    return _Lexer(source).lex()


def is_word(character: str) -> bool:
    """Whether the character may stand inside a name."""
    return character.isalpha() or character.isdecimal() or (character != "" and character in "_$")


class _Lexer:
    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens: list[Token] = []
        self.start = 0
        self.end = 0

    def lex(self) -> list[Token]:
        while True:
            self.start = self.end
            character = self._next()
            if character == _END:
                self.tokens.append(Token(EOF, "", max(self.end - 2, 0)))
                return self.tokens
            if character not in _SPACES:
                self._token(character)

    def _next(self) -> str:
        """The next character; past the end the position moves on all the same, as error columns show."""
        self.end += 1
        return self.source[self.end - 1 : self.end]

    def _peek(self) -> str:
        return self.source[self.end : self.end + 1]

    def _accept(self, valid: str) -> bool:
        character = self._peek()
        if character and character in valid:
            self.end += 1
            return True
        return False

    def _accept_run(self, valid: str) -> None:
        while self._accept(valid):
            pass

    def _word(self) -> str:
        return self.source[self.start : self.end]

    def _emit(self, kind: str, value: str | None = None) -> None:
        self.tokens.append(Token(kind, self._word() if value is None else value, self.start))
        self.start = self.end

    def _error(self, message: str) -> GoError:
        return error_at(self.source, self.end - 1, message)

    def _token(self, character: str) -> None:
        handler = _HANDLERS.get(character)
        if handler is not None:
            handler(self, character)
        elif character.isascii() and character.isdigit():
            self.end -= 1
            self._number()
        elif is_word(character):
            self._identifier()
        else:
            shown = f" '{character}'" if character.isprintable() else ""
            raise self._error(f"unrecognized character: U+{ord(character):04X}{shown}")

    def _bracket(self, _character: str) -> None:
        self._emit(BRACKET)

    def _single(self, _character: str) -> None:
        self._emit(OPERATOR)

    def _double(self, character: str) -> None:
        self._accept("&=*" if character in "&!=*<>" else {"|": "|", ":": ":", "?": ".?"}[character])
        self._emit(OPERATOR)

    def _number(self) -> None:
        if not self._scan_number():
            raise self._error(f"bad number syntax: {quote(self._word())}")
        self._emit(NUMBER)

    def _scan_number(self) -> bool:
        digits = _DECIMAL
        if self._accept("0") and (marker := self._peek()) in _DIGIT_SETS:
            self.end += 1
            digits = _DIGIT_SETS[marker]
        self._accept_run(digits)
        before_dot = self.end
        if self._accept("."):
            if self._peek() == ".":  # the range operator: 1..2
                self.end = before_dot
                return True
            self._accept_run(digits)
        if self._accept("eE"):
            self._accept("+-")
            self._accept_run(digits)
        if is_word(self._peek()):
            self.end += 1
            return False
        return True

    def _dot(self, _character: str) -> None:
        if self._peek() and self._peek() in "0123456789":
            self._number()
            return
        self._accept(".")
        self._emit(OPERATOR)

    def _identifier(self) -> None:
        self._absorb_word()
        word = self._word()
        if word == "not":
            self._emit(OPERATOR)
            self._negated_operator()
        else:
            self._emit(OPERATOR if word in _WORD_OPERATORS else IDENTIFIER)

    def _negated_operator(self) -> None:
        """After ``not``: an operator that it negates, which then need not be followed by a space."""
        self._accept_run(" ")
        self.start = after_spaces = self.end
        self._absorb_word()
        if self._word() in _NEGATABLE:
            self._emit(OPERATOR)
        else:
            self.end = after_spaces

    def _absorb_word(self) -> None:
        while is_word(self._peek()):
            self.end += 1

    def _slash(self, _character: str) -> None:
        if self._accept("/"):
            while self._next() not in (_END, "\n"):
                pass
        elif self._accept("*"):
            self._block_comment()
        else:
            self._emit(OPERATOR)

    def _block_comment(self) -> None:
        while True:
            character = self._next()
            if character == _END:
                raise self._error("unclosed comment")
            if character == "*" and self._accept("/"):
                return

    def _pointer(self, _character: str) -> None:
        self._accept("#")
        self._emit(OPERATOR)
        self._absorb_word()
        if self._word():
            self._emit(IDENTIFIER)

    def _raw_string(self, _character: str) -> None:
        while (character := self._next()) != "`":
            if character == _END:
                raise self._error("literal not terminated")
        self._emit(STRING, self.source[self.start + 1 : self.end - 1])

    def _string(self, delimiter: str) -> None:
        parts: list[str] = []
        unknown_escape = False
        character = self._next()
        while character != delimiter:
            if character in (_END, "\n"):
                raise self._error("literal not terminated")
            if character == "\\":
                text = self._escape(delimiter)
                unknown_escape = unknown_escape or text is None
                parts.append(text or "")
            else:
                parts.append("\n" if character == "\r" else character)
            character = self._next()
        if unknown_escape:
            raise self._error("unable to unescape string")
        self._emit(STRING, "".join(parts))

    def _escape(self, delimiter: str) -> str | None:
        """What an escape stands for; None for octal ones that only the scanner lets pass."""
        character = self._next()
        if character == delimiter or character in _SIMPLE_ESCAPES:
            return _SIMPLE_ESCAPES.get(character, character)
        if character and character in "01234567":
            self.end -= 1
            code = self._digits("01234567", 3)
            return None if character in "4567" else _rune(int(code, 8))
        if character and character in "xuU":
            code = self._digits("0123456789abcdefABCDEF", {"x": 2, "u": 4, "U": 8}[character])
            value = int(code, 16)
            return None if 0x10FFFF < value < 0x80000000 else _rune(value)
        raise self._error("invalid char escape")

    def _digits(self, valid: str, count: int) -> str:
        first = self.end
        for _ in range(count):
            character = self._next()
            if not character or character not in valid:
                raise self._error("invalid char escape")
        return self.source[first : self.end]


def _rune(code: int) -> str:
    return "\ufffd" if 0xD800 <= code <= 0xDFFF or code > 0x10FFFF else chr(code)


_HANDLERS: dict[str, Callable[[_Lexer, str], None]] = {
    **dict.fromkeys("([{)]}", _Lexer._bracket),
    **dict.fromkeys(",;%+-^", _Lexer._single),
    **dict.fromkeys("&!=*<>|:?", _Lexer._double),
    **dict.fromkeys("'\"", _Lexer._string),
    "`": _Lexer._raw_string,
    "/": _Lexer._slash,
    "#": _Lexer._pointer,
    ".": _Lexer._dot,
}
