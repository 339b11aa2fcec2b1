"""Texts and characters in quotes, as Go's ``strconv.Quote`` and ``encoding/json`` show them."""

from __future__ import annotations

_ESCAPES = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    "\\": "\\\\",
    '"': '\\"',
}


def quote(text: str) -> str:
    """``strconv.Quote``, with the quotes."""
    return f'"{escape(text)}"'


def escape(text: str) -> str:
    """``strconv.Quote`` without the quotes."""
    if text.isprintable():
        return text.replace("\\", "\\\\").replace('"', '\\"')
    return "".join([_escape_rune(rune) for rune in text])


def _escape_rune(rune: str) -> str:
    if rune in _ESCAPES:
        return _ESCAPES[rune]
    if rune.isprintable():
        return rune
    code = ord(rune)
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def quote_byte(character: str) -> str:
    """One byte in an error text of ``encoding/json``: the first one of the character's UTF-8, shown as if it were a code point.

    A byte that is no UTF-8 may stand in the text as Python's ``surrogateescape`` has it.
    """
    escaped_byte = 0xDC80 <= ord(character) <= 0xDCFF
    shown = chr(ord(character) - 0xDC00 if escaped_byte else character.encode("utf-8", "replace")[0])
    if shown == "'":
        return "'\\''"
    if shown == '"':
        return "'\"'"
    return f"'{escape(shown)}'"
