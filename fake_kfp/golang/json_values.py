"""Go's encoding/json: its output and its error texts."""

from __future__ import annotations

import math
from collections.abc import Callable

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.floats import format_float, json_float
from fake_kfp.golang.json_text import SyntaxFault, dumps, loads
from fake_kfp.golang.values import AnyMap, GoFunction, GoStruct, Groups, type_name


def marshal(value: object) -> str:
    """``json.Marshal``: compact, keys sorted, ``<``, ``>`` and ``&`` escaped."""
    parts: list[str] = []
    _encode(value, parts, "")
    return "".join(parts)


def marshal_indent(value: object) -> str:
    """``json.MarshalIndent(value, "", "  ")``."""
    parts: list[str] = []
    _encode(value, parts, "\n")
    return "".join(parts)


def marshal_string(text: str) -> str:
    """A string in JSON, as Go escapes it."""
    return dumps(text)


def _encode(value: object, parts: list[str], newline: str) -> None:
    if isinstance(value, str):
        parts.append(marshal_string(value))
    elif value is None:
        parts.append("null")
    elif isinstance(value, bool):
        parts.append("true" if value else "false")
    elif isinstance(value, int):
        parts.append(str(int(value)))
    elif isinstance(value, float):
        parts.append(_encode_float(value))
    elif isinstance(value, (list, tuple)):
        _encode_list(list(value), parts, newline)
    elif isinstance(value, GoStruct):
        _encode_map(list(value.fields.items()), parts, newline)
    elif isinstance(value, dict) and not isinstance(value, (Groups, AnyMap)):
        _encode_map(sorted(value.items()), parts, newline)
    else:
        name = value.type_name if isinstance(value, GoFunction) else type_name(value)
        raise GoError(f"json: unsupported type: {name}")


def _encode_list(values: list[object], parts: list[str], newline: str) -> None:
    inner = newline and newline + "  "
    parts.append("[")
    for index, value in enumerate(values):
        parts.append("," + inner if index else inner)
        _encode(value, parts, inner)
    parts.append(newline + "]" if values else "]")


def _encode_map(pairs: list[tuple[str, object]], parts: list[str], newline: str) -> None:
    inner = newline and newline + "  "
    colon = ": " if newline else ":"
    parts.append("{")
    for index, (key, value) in enumerate(pairs):
        parts.append("," + inner if index else inner)
        parts.append(marshal_string(key) + colon)
        _encode(value, parts, inner)
    parts.append(newline + "}" if pairs else "}")


def _encode_float(value: float) -> str:
    if math.isnan(value) or math.isinf(value):
        raise GoError(f"json: unsupported value: {format_float(value)}")
    return json_float(value)


def unmarshal(text: str) -> object:
    """``json.Unmarshal`` into an ``interface{}``: every number is a float. Raises Go's text."""
    return _load(text)


def check_syntax(text: str) -> None:
    """Raises the error Go has with ``text`` as JSON, if any."""
    _load(text, str)


def _load(text: str, number: Callable[[str], object] | None = None) -> object:
    try:
        value: object = loads(text, number)
    except SyntaxFault as fault:
        raise GoError(str(fault)) from None
    return value
