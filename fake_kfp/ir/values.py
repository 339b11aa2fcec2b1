"""Parameter values of v2 pipelines, and their texts (``v2/metadata/converter.go``).

Values are JSON-shaped data. Go's nil, a value that is not even null, is :data:`NIL`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from math import isinf
from typing import Any, Final

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.floats import plain_text
from fake_kfp.golang.json_text import SyntaxFault, dumps_sorted, loads
from fake_kfp.golang.quoting import quote
from fake_kfp.golang.strconv import NumError, parse_bool, parse_float, parse_int

_EXACT = 2.0**53
_SURELY_EXACT = 16
"""Whole numbers of fewer digits are doubles without loss."""


class _Nil:
    """Go's nil."""

    def __repr__(self) -> str:
        return "NIL"


NIL: Final = _Nil()

_KINDS: Mapping[type, str] = {
    type(None): "null",
    str: "string",
    bool: "bool",
    int: "number",
    float: "number",
    list: "list",
    dict: "struct",
}


def kind_of(value: Any) -> str:
    """Which kind of ``google.protobuf.Value`` a value is: null, string, bool, number, list or struct; empty for nil."""
    return _KINDS.get(type(value), "")


@lru_cache(maxsize=4096)
def parsed(text: str) -> Any:
    """JSON text as data, the same object each time: it must not be changed. Raises SyntaxFault."""
    return read_json(text)


def read_json(text: str) -> Any:
    """JSON text as data. Numbers are doubles, of which whole ones are ints here. Raises SyntaxFault."""
    return loads(text, _number)


def _whole(value: float) -> int | float:
    """A whole number as an int, where that is the same to everybody."""
    return int(value) if value.is_integer() and abs(value) < _EXACT else value


def _number(text: str) -> int | float:
    if len(text) < _SURELY_EXACT and text.isdigit():
        return int(text)
    value = float(text)
    if isinf(value):
        raise SyntaxFault(f"json: cannot unmarshal number {text} into Go value of type float64")
    return _whole(value)


def text_of(value: Any) -> str:
    """``PbValueToText``: what a parameter of type STRING makes of any value."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return plain_text(value)
    return "" if value is None or value is NIL else dumps_sorted(value)


def _integer(text: str) -> Any:
    return _whole(float(parse_int(text.strip(), 64)))


def _double(text: str) -> Any:
    return _whole(parse_float(text.strip()))


def _boolean(text: str) -> Any:
    return parse_bool(text.strip())


def _json_of(python_type: type) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        value = read_json(text)
        if not isinstance(value, python_type):
            raise GoError("unexpected type")
        return value

    return read


_READERS: Mapping[str, Callable[[str], Any]] = {
    "STRING": str,
    "NUMBER_INTEGER": _integer,
    "NUMBER_DOUBLE": _double,
    "BOOLEAN": _boolean,
    "LIST": _json_of(list),
    "STRUCT": _json_of(dict),
}


def value_of(text: str, type: str) -> Any:
    """``TextToPbValue``: what a task wrote, as the type that its output was declared with. Raises GoError."""
    try:
        if type not in _READERS:
            raise GoError(
                "unknown type. Expected STRING, NUMBER_INTEGER, NUMBER_DOUBLE, BOOLEAN, LIST or STRUCT"
            )
        return _READERS[type](text)
    except (GoError, NumError) as error:
        raise GoError(f"TextToPbValue(text={quote(text)}, type={quote(type)}) failed: {error}") from None
