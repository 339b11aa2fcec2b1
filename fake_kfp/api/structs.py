"""JSON-shaped data to and from ``google.protobuf.Struct``, whose numbers are all doubles."""

from __future__ import annotations

from typing import Any

from fake_kfp.golang.floats import as_json_number
from fake_kfp.golang.json_text import Json


def fill_struct(struct: Any, data: Json) -> None:
    """Sets a Struct, which is then there even where ``data`` is empty."""
    struct.SetInParent()
    for key, value in data.items():
        fill_value(struct.fields[_name(key)], value)


def fill_value(message: Any, value: Any) -> None:
    """Sets a ``google.protobuf.Value``."""
    if value is None:
        message.null_value = 0
    elif isinstance(value, bool):
        message.bool_value = value
    elif isinstance(value, str):
        message.string_value = value
    elif isinstance(value, dict):
        fill_struct(message.struct_value, value)
    elif isinstance(value, list):
        message.list_value.SetInParent()
        for item in value:
            fill_value(message.list_value.values.add(), item)
    else:
        message.number_value = value


def _name(key: object) -> str:
    """YAML has keys of any kind, JSON has texts."""
    if isinstance(key, bool):
        return "true" if key else "false"
    return "null" if key is None else str(key)


def struct_data(struct: Any) -> Json:
    """What a Struct holds; its whole numbers are ints, as they are written."""
    return {name: value_data(value) for name, value in struct.fields.items()}


def value_data(message: Any) -> Any:
    """What a ``google.protobuf.Value`` holds; None also where it holds nothing at all."""
    kind = message.WhichOneof("kind")
    if kind == "number_value":
        return as_json_number(message.number_value)
    if kind == "struct_value":
        return struct_data(message.struct_value)
    if kind == "list_value":
        return [value_data(item) for item in message.list_value.values]
    return getattr(message, kind) if kind in ("string_value", "bool_value") else None
