"""What the codecs ask of a field descriptor, the same on every protobuf runtime since 3.20."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import FieldDescriptor

Field = Any
"""A field's descriptor. Which class it has, and with which attributes, differs from runtime to runtime."""

MessageType = Any
"""A message type's descriptor."""

SIGNED = {
    FieldDescriptor.TYPE_INT32: ("int32", 32),
    FieldDescriptor.TYPE_SINT32: ("sint32", 32),
    FieldDescriptor.TYPE_SFIXED32: ("sfixed32", 32),
    FieldDescriptor.TYPE_INT64: ("int64", 64),
    FieldDescriptor.TYPE_SINT64: ("sint64", 64),
    FieldDescriptor.TYPE_SFIXED64: ("sfixed64", 64),
}
UNSIGNED = {
    FieldDescriptor.TYPE_UINT32: ("uint32", 32),
    FieldDescriptor.TYPE_FIXED32: ("fixed32", 32),
    FieldDescriptor.TYPE_UINT64: ("uint64", 64),
    FieldDescriptor.TYPE_FIXED64: ("fixed64", 64),
}
FLOATS = {FieldDescriptor.TYPE_DOUBLE: "double"}


def is_repeated(field: Field) -> bool:
    """Whether the field is a list or a map."""
    repeated = getattr(field, "is_repeated", None)
    if repeated is None or callable(repeated):
        return bool(field.label == FieldDescriptor.LABEL_REPEATED)
    return bool(repeated)


def is_map(field: Field) -> bool:
    """Whether the field is a map."""
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)


def full_type_name(field: Field) -> str:
    """The message type of the field, empty for scalars and enums."""
    return str(field.message_type.full_name) if field.message_type is not None else ""
