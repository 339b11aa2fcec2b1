"""A condition's text into tokens (govaluate's ``parsing.go``)."""

from __future__ import annotations

from collections.abc import Callable

from fake_kfp.expressions.govaluate.grammar import Kind, Token, can_follow
from fake_kfp.expressions.govaluate.times import parse_time
from fake_kfp.golang.errors import GoError, GoPanic
from fake_kfp.golang.strconv import parse_float

_PREFIXES = frozenset({"-", "!", "~"})
_SYMBOLS: dict[str, Kind] = {
    **dict.fromkeys(("+", "-", "*", "/", "%", "**", "&", "|", "^", ">>", "<<"), "MODIFIER"),
    **dict.fromkeys(("&&", "||"), "LOGICALOP"),
    **dict.fromkeys(("==", "!=", ">", ">=", "<", "<=", "=~", "!~"), "COMPARATOR"),
    **dict.fromkeys(("?", ":", "??"), "TERNARY"),
}
_WORDS: dict[str, tuple[Kind, object]] = {
    "true": ("BOOLEAN", True),
    "false": ("BOOLEAN", False),
    "in": ("COMPARATOR", "in"),
    "IN": ("COMPARATOR", "in"),
}


def tokenize(expression: str) -> list[Token]:
    """All tokens; raises for characters that make none."""
    lexer = _Lexer(expression)
    tokens: list[Token] = []
    kind: Kind = "UNKNOWN"
    while (token := lexer.token_after(kind)) is not None:
        tokens.append(token)
        kind = token.kind
    return tokens


class _Lexer:
    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0

    def token_after(self, previous: Kind) -> Token | None:
        """The next token; ``previous`` decides whether ``-`` is a sign or an operator."""
        while self.position < len(self.source) and self.source[self.position].isspace():
            self.position += 1
        if self.position >= len(self.source):
            return None
        character = self.source[self.position]
        if _is_numeric(character):
            return self._number()
        if character.isalpha():
            return self._word()
        handler = _HANDLERS.get(character)
        return self._symbol(previous) if handler is None else handler(self, character)

    def _read_while(
        self, condition: Callable[[str], bool], *, across_spaces: bool = False
    ) -> tuple[str, bool]:
        """What fits the condition, and whether something ended it; a backslash lets anything in."""
        parts: list[str] = []
        while self.position < len(self.source):
            character = self._take()
            if character == "\\":
                parts.append(self._take())
            elif character.isspace() and not across_spaces:
                if parts:
                    return "".join(parts), True
            elif condition(character):
                parts.append(character)
            else:
                self.position -= 1
                return "".join(parts), True
        return "".join(parts), False

    def _take(self) -> str:
        if self.position >= len(self.source):
            length = len(self.source)
            raise GoPanic(f"runtime error: index out of range [{length}] with length {length}")
        self.position += 1
        return self.source[self.position - 1]

    def _number(self) -> Token:
        if self.source.startswith("0x", self.position) and self.position + 2 < len(self.source):
            return self._hexadecimal()
        text, _ = self._read_while(_is_numeric)
        try:
            return Token("NUMERIC", parse_float(text))
        except ValueError:
            raise GoError(f"Unable to parse numeric value '{text}' to float64\n") from None

    def _hexadecimal(self) -> Token:
        self.position += 2
        text, _ = self._read_while(_is_hexadecimal)
        if not text or len(text.lstrip("0")) > 16 or not text.isascii():
            raise GoError(f"Unable to parse hex value '{text}' to uint64\n")
        return Token("NUMERIC", float(int(text, 16)))

    def _comma(self, _character: str) -> Token:
        self.position += 1
        return Token("SEPARATOR", ",")

    def _parenthesis(self, character: str) -> Token:
        self.position += 1
        return Token("CLAUSE" if character == "(" else "CLAUSE_CLOSE", ord(character))

    def _bracket(self, _character: str) -> Token:
        self.position += 1
        name, complete = self._read_while(lambda character: character != "]", across_spaces=True)
        if not complete:
            raise GoError("Unclosed parameter bracket")
        self.position += 1
        return Token("VARIABLE", name)

    def _word(self) -> Token:
        word, _ = self._read_while(_is_name)
        if word.find(".") > 0:
            return _accessor(word)
        kind, value = _WORDS.get(word, ("VARIABLE", word))
        return Token(kind, value)

    def _string(self, _character: str) -> Token:
        """Either quote ends it, whichever began it; what looks like a time is one."""
        self.position += 1
        text, complete = self._read_while(lambda character: character not in "'\"", across_spaces=True)
        if not complete:
            raise GoError("Unclosed string literal")
        self.position += 1
        time = parse_time(text)
        return Token("STRING", text) if time is None else Token("TIME", time)

    def _symbol(self, previous: Kind) -> Token:
        text, _ = self._read_while(_is_symbolic)
        if text in _PREFIXES and can_follow(previous, "PREFIX"):
            return Token("PREFIX", text)
        if text not in _SYMBOLS:
            raise GoError(f"Invalid token: '{text}'")
        return Token(_SYMBOLS[text], text)


_HANDLERS: dict[str, Callable[[_Lexer, str], Token]] = {
    ",": _Lexer._comma,
    "(": _Lexer._parenthesis,
    ")": _Lexer._parenthesis,
    "[": _Lexer._bracket,
    "'": _Lexer._string,
    '"': _Lexer._string,
}


def _accessor(word: str) -> Token:
    if word.endswith("."):
        raise GoError(f"Hanging accessor on token '{word}'")
    names = word.split(".")
    for name in names[1:]:
        upper = name[:1].upper()
        if len(upper) == 1 and upper != name[0]:
            raise GoError(f"Unable to access unexported field '{name}' in token '{word}'")
    return Token("ACCESSOR", names)


def _is_numeric(character: str) -> bool:
    return character.isdecimal() or character == "."


def _is_hexadecimal(character: str) -> bool:
    return character.isdecimal() or character in "abcdefABCDEF"


def _is_name(character: str) -> bool:
    return character.isalpha() or character.isdecimal() or character in "_."


def _is_symbolic(character: str) -> bool:
    return not (character.isdecimal() or character.isalpha() or character in "()[]'\"")
