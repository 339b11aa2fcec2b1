"""The codecs know every kind of field that the interface has: one that is new there, and not here, shows at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from fake_kfp.api.descriptors import methods
from fake_kfp.api.protojson.fields import FLOATS, SIGNED, UNSIGNED
from fake_kfp.api.protojson.wellknown import READERS


def messages() -> Iterator[Any]:
    """The descriptors of all messages that RPCs can hold."""
    left = [
        cls.DESCRIPTOR for method in methods().values() for cls in (method.input_class, method.output_class)
    ]
    seen: set[str] = set()
    while left:
        message: Any = left.pop()
        if message.full_name not in seen:
            seen.add(message.full_name)
            yield message
            if message.full_name not in READERS:
                left += [field.message_type for field in message.fields if field.message_type is not None]


def test_googles_own_messages_have_their_own_form() -> None:
    googles = {each.full_name for each in messages() if each.full_name.startswith("google.protobuf.")}
    assert googles <= READERS.keys()
    assert "google.protobuf.Timestamp" in googles


def test_every_scalar_can_be_read_and_written() -> None:
    known = {*SIGNED, *UNSIGNED, *FLOATS, FieldDescriptor.TYPE_BOOL, FieldDescriptor.TYPE_STRING}
    known |= {FieldDescriptor.TYPE_BYTES, FieldDescriptor.TYPE_ENUM, FieldDescriptor.TYPE_MESSAGE}
    assert {field.type for message in messages() for field in message.fields} <= known
