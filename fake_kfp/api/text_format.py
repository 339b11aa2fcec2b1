"""Messages in protobuf's text form, as error texts quote them (``prototext`` on one line)."""

from __future__ import annotations

from typing import Any

_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def format_message(message: Any) -> str:
    """The fields of a message that has text fields only: ``run_id:"a" node_id:"b"``."""
    return " ".join(f"{field.name}:{_quoted(value)}" for field, value in message.ListFields())


def _quoted(text: str) -> str:
    """``encoding/prototext: appendString``: text stays readable, but for what would end or bend the line."""
    return '"' + "".join([_ESCAPES.get(letter) or _printable(letter) for letter in text]) + '"'


def _printable(letter: str) -> str:
    code = ord(letter)
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return letter if letter.isprintable() else f"\\u{code:04x}"
