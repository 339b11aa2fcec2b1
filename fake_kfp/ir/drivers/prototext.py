"""Input specs as protobuf's text format shows them in error texts."""

from __future__ import annotations

import re
from typing import Any

from fake_kfp.golang.json_text import Json
from fake_kfp.golang.quoting import quote
from fake_kfp.ir.values import kind_of, text_of

_CAPITAL = re.compile("[A-Z]")
_CONSTANT_FIELDS = {
    "null": "null_value",
    "number": "number_value",
    "string": "string_value",
    "bool": "bool_value",
    "struct": "struct_value",
    "list": "list_value",
}


def text_format(message: Json) -> str:
    """The fields of a message, each ``name:value``. The real server sometimes has two blanks between them, at random."""
    return " ".join(f"{_snake(name)}:{_value(name, value)}" for name, value in message.items())


def _snake(name: str) -> str:
    return _CAPITAL.sub(lambda letter: f"_{letter[0].lower()}", name)


def _value(name: str, value: Any) -> str:
    if name == "constant":
        kind = kind_of(value)
        shown = quote(value) if isinstance(value, str) else text_of(value)
        return f"{{{_CONSTANT_FIELDS[kind]}:{shown}}}"
    if isinstance(value, dict):
        return f"{{{text_format(value)}}}"
    return quote(value) if isinstance(value, str) else text_of(value)
