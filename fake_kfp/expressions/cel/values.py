"""CEL's values in Python.

int and uint are 64 bits wide, double is ``float``; string, bool, null and bytes, list and map are Python's own types. Protobuf
messages are :class:`Message`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fake_kfp.expressions.cel.errors import CelError

__all__ = ["CelError", "Message", "Uint", "equal", "from_json", "to_json", "type_name"]


class Uint(int):
    """CEL's uint."""


@dataclass(frozen=True, slots=True)
class Message:
    """A protobuf message: the name of its type, and the fields that it may have, each with its value."""

    type: str
    fields: Mapping[str, object]


_NAMES: dict[type, str] = {
    int: "int",
    Uint: "uint",
    float: "double",
    str: "string",
    bool: "bool",
    bytes: "bytes",
    type(None): "null_type",
    list: "list",
    dict: "map",
}
_NUMBERS = (int, Uint, float)


def type_name(value: object) -> str:
    """The name of a value's type."""
    return value.type if isinstance(value, Message) else _NAMES[type(value)]


def is_number(value: object) -> bool:
    """Whether it is an int, a uint or a double."""
    return type(value) in _NUMBERS


def equal(left: object, right: object) -> bool:
    """``types.Equal``: numbers of all types compare by value, other types are never equal to each other."""
    if is_number(left) and is_number(right):
        return left == right
    if type(left) is not type(right):
        return False
    if isinstance(left, list):
        assert isinstance(right, list)
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, dict):
        assert isinstance(right, dict)
        return len(left) == len(right) and all(
            key in right and equal(value, right[key]) for key, value in left.items()
        )
    return left == right


def from_json(value: Any) -> object:
    """JSON-shaped data as ``google.protobuf.Value`` gives it to CEL: every number is a double."""
    if type(value) is int:
        return float(value)
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if isinstance(value, dict):
        return {key: from_json(item) for key, item in value.items()}
    return value


def to_json(value: object) -> Any:
    """A value as ``structpb.NewValue`` takes it. Raises CelError for what is no JSON."""
    if isinstance(value, (bytes, Message)):
        raise CelError(f"proto: invalid type: {type_name(value)}")
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {_key(key): to_json(item) for key, item in value.items()}
    return value


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise CelError(f"proto: invalid type: map with a key of type {type_name(key)}")
    return key
