"""Go's encoding/json: its output and its error texts."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable

from .errors import ExpressionError
from .gofmt import format_float
from .json_syntax import first_error
from .values import AnyMap, GoFunction, GoStruct, Groups, type_name

_HTML = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_HTML_CHARACTERS = re.compile("[<>&\u2028\u2029]")
_POSITIONAL = range(-6, 21)
_SURROGATE = re.compile("[\ud800-\udfff]")
_encode_str: Callable[[str], str] = json.encoder.encode_basestring


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
    encoded = _encode_str(text)
    if _HTML_CHARACTERS.search(encoded):
        encoded = _HTML_CHARACTERS.sub(lambda match: _HTML[match[0]], encoded)
    return encoded if encoded.isascii() else _SURROGATE.sub("\ufffd", encoded)


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
        raise ExpressionError(f"json: unsupported type: {name}")


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
        raise ExpressionError(f"json: unsupported value: {format_float(value)}")
    return format_float(value, positional=_POSITIONAL).replace("e-0", "e-")


def unmarshal(text: str) -> object:
    """``json.Unmarshal`` into an ``interface{}``: every number is a float. Raises Go's text."""
    return _load(text, _float, "interface {}")


def check_syntax(text: str) -> None:
    """Raises the error Go has with ``text`` as JSON, if any."""
    _load(text, str, "")


def _load(text: str, parse_int: Callable[[str], object], target: str) -> object:
    try:
        value: object = json.loads(
            text, parse_int=parse_int, parse_float=parse_int, parse_constant=_no_constant
        )
    except RecursionError:
        raise ExpressionError("fake_kfp: this JSON is nested too deeply") from None
    except ValueError:
        raise ExpressionError(first_error(text)) from None
    return _without_surrogates(value) if "\\u" in text else value


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ExpressionError(f"json: cannot unmarshal number {text} into Go value of type float64")
    return value


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _without_surrogates(value: object) -> object:
    """Go reads half a surrogate pair as U+FFFD."""
    if isinstance(value, str):
        return value if value.isascii() else _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_surrogates(element) for element in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(element) for key, element in value.items()}
    return value
