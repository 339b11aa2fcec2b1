"""From the source of a CEL expression to its tokens (``parser/gen/CEL.g4``)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fake_kfp.expressions.cel.errors import at

_TOKEN = re.compile(
    r"""
      (?P<space>[\t \r\n\f]+|//[^\n]*)
    | (?P<float>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)
    | (?P<uint>(?:0x[0-9a-fA-F]+|[0-9]+)[uU])
    | (?P<int>0x[0-9a-fA-F]+|[0-9]+)
    | (?P<bytes>[bB][rR]?(?:\"\"\"|'''|"|'))
    | (?P<string>[rR]?(?:\"\"\"|'''|"|'))
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign>==|!=|<=|>=|&&|\|\||[<>\[\]{}().,\-!?:+*/%])
    """,
    re.VERBOSE,
)
_BODIES = {
    '"': r'(?:\\.|[^\\"\n\r])*"',
    "'": r"(?:\\.|[^\\'\n\r])*'",
    '"""': r'(?:\\.|[^\\])*?"""',
    "'''": r"(?:\\.|[^\\])*?'''",
}
_RAW_BODIES = {'"': r'[^"\n\r]*"', "'": r"[^'\n\r]*'", '"""': r'.*?"""', "'''": r".*?'''"}
_PATTERNS = {
    raw: {mark: re.compile(body, re.DOTALL) for mark, body in bodies.items()}
    for raw, bodies in ((False, _BODIES), (True, _RAW_BODIES))
}
_ESCAPE = re.compile(
    r"\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))", re.DOTALL
)
_SHORT = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    **{c: c for c in "\"'\\?`"},
}


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is float, uint, int, bytes, string, word, a sign itself, or end; strings hold their contents."""

    kind: str
    text: str
    position: int


def tokenize(source: str) -> list[Token]:
    """All tokens and the one of the end. Raises CelError."""
    tokens, position = [], 0
    while position < len(source):
        match = _TOKEN.match(source, position)
        if match is None:
            raise at(source, position, f"Syntax error: token recognition error at: '{source[position]}'")
        kind, start = str(match.lastgroup), position
        text, position = match[0], match.end()
        if kind in ("string", "bytes"):
            text, position = _string(source, start, match)
        if kind != "space":
            tokens.append(Token(text if kind == "sign" else kind, text, start))
    return [*tokens, Token("end", "<EOF>", len(source))]


def _string(source: str, start: int, match: re.Match[str]) -> tuple[str, int]:
    """The contents of the string that begins at ``start``, and where it ends."""
    prefix, mark = match[0].rstrip("\"'"), match[0].lstrip("bBrR")
    raw = "r" in prefix.lower()
    body = _PATTERNS[raw][mark].match(source, match.end())
    if body is None:
        raise at(source, start, f"Syntax error: token recognition error at: '{source[start:]}'")
    content = body[0][: -len(mark)]
    if raw:
        return content, body.end()
    return _ESCAPE.sub(lambda escape: _unescaped(source, start, escape), content), body.end()


def _unescaped(source: str, start: int, escape: re.Match[str]) -> str:
    code = escape[1] or escape[2] or escape[3]
    if code or escape[4]:
        number = int(code, 16) if code else int(escape[4], 8)
        if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
            raise at(source, start, "invalid unicode code point")
        return chr(number)
    if escape[5] not in _SHORT:
        raise at(source, start, f"Syntax error: token recognition error at: '{source[start:]}'")
    return _SHORT[escape[5]]
