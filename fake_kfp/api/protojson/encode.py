"""Messages into JSON, as protobuf-go's ``protojson`` writes them for the real server (``encoding/protojson/encode.go``).

Field names are the original ones, fields without a value are left out, 64 bit integers are strings, enums go by name.
What writes a message type is put together once per message class; a page of 200 runs then takes a few milliseconds.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

from google.protobuf import message_factory as _message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from fake_kfp.api.protojson import numbers, times
from fake_kfp.api.protojson.errors import EncodeError
from fake_kfp.api.protojson.fields import SIGNED, UNSIGNED, Field, MessageType, is_map, is_repeated
from fake_kfp.golang.times import LAST_SECONDS, ZERO_SECONDS

message_factory: Any = _message_factory  # its face changed with protobuf 4.22
_quote: Callable[[str], str] = encode_basestring
Write = Callable[[Any], str]
"""Writes one value."""

_LONG, _TOO_LONG = 1 << 8, 1 << 16
"""How many characters texts have that are remembered as they are written: manifests, which are shown again and again."""

_WRITERS: dict[Any, Write] = {}
"""What writes the messages of a class, for every class met so far."""


def encode(message: Message) -> bytes:
    """The JSON of a message (``protojson.Marshal``). Raises :class:`EncodeError` in protobuf-go's words."""
    return encode_text(message).encode()


def encode_text(message: Message) -> str:
    """The JSON of a message as text."""
    message_class = type(message)
    writer = _WRITERS.get(message_class)
    if writer is None:
        writer = _WRITERS[message_class] = _message_writer(message_class.DESCRIPTOR, {})
    return writer(message)


def _message_writer(descriptor: MessageType, known: dict[MessageType, Write]) -> Write:
    """Writes messages of a type. ``known`` are the writers made so far, for types that hold themselves."""
    writer = _WELL_KNOWN.get(descriptor.full_name) or known.get(descriptor)
    if writer is not None:
        return writer
    members: dict[Field, tuple[str, Write]] = {}

    def write(message: Message) -> str:
        parts = []
        for field, value in message.ListFields():
            label, write_value = members[field]
            parts.append(label + write_value(value))
        return "{" + ",".join(parts) + "}"

    known[descriptor] = write
    members.update((field, (f'"{field.name}":', _field_writer(field, known))) for field in descriptor.fields)
    return write


def _field_writer(field: Field, known: dict[MessageType, Write]) -> Write:
    if is_map(field):
        return _map_writer(_value_writer(field.message_type.fields_by_name["value"], known))
    write = _value_writer(field, known)
    return _list_writer(write) if is_repeated(field) else write


def _value_writer(field: Field, known: dict[MessageType, Write]) -> Write:
    if field.message_type is not None:
        return _message_writer(field.message_type, known)
    if field.type == FieldDescriptor.TYPE_ENUM:
        return _enum_writer(field)
    integer = SIGNED.get(field.type) or UNSIGNED.get(field.type)
    if integer is not None:
        return str if integer[1] == 32 else _write_int64
    return _PLAIN[field.type]


def _list_writer(write: Write) -> Write:
    return lambda values: "[" + ",".join([write(value) for value in values]) + "]"


def _map_writer(write: Write) -> Write:
    def write_map(entries: Any) -> str:
        return "{" + ",".join([f"{_quote(key)}:{write(entries[key])}" for key in sorted(entries)]) + "}"

    return write_map


def _enum_writer(field: Field) -> Write:
    names = {value.number: f'"{value.name}"' for value in reversed(field.enum_type.values)}

    def write(number: int) -> str:
        return names.get(number) or str(number)

    return write


def _write_text(value: str) -> str:
    return _written(value) if _LONG < len(value) < _TOO_LONG else _quote(value)


@lru_cache(maxsize=256)
def _written(value: str) -> str:
    return _quote(value)


def _write_int64(value: int) -> str:
    return f'"{value}"'


def _write_bool(value: bool) -> str:
    return "true" if value else "false"


def _write_bytes(value: bytes) -> str:
    return f'"{base64.b64encode(value).decode()}"'


_PLAIN: dict[int, Write] = {
    FieldDescriptor.TYPE_STRING: _write_text,
    FieldDescriptor.TYPE_BOOL: _write_bool,
    FieldDescriptor.TYPE_BYTES: _write_bytes,
    FieldDescriptor.TYPE_DOUBLE: numbers.from_float,
}


def _write_timestamp(message: Any) -> str:
    seconds, nanos = message.seconds, message.nanos
    if not ZERO_SECONDS <= seconds <= LAST_SECONDS:
        raise EncodeError(f"proto: google.protobuf.Timestamp: seconds out of range {seconds}")
    if not 0 <= nanos <= times.MAX_NANOS:
        raise EncodeError(f"proto: google.protobuf.Timestamp: nanos out of range {nanos}")
    return f'"{times.format_timestamp(seconds, nanos)}"'


def _write_value(message: Any) -> str:
    kind = message.WhichOneof("kind")
    if kind is None:
        raise EncodeError("proto: google.protobuf.Value: none of the oneof fields is set")
    value = getattr(message, kind)
    if kind == "number_value" and value - value != 0:  # neither NaN nor an infinity is a JSON number
        shown = numbers.from_float(value).strip('"').replace("Infinity", "Inf")
        sign = "+" if value > 0 else ""
        raise EncodeError(f"proto: google.protobuf.Value.number_value: invalid {sign}{shown} value")
    return _VALUE_KINDS[kind](value)


def _write_whole_struct(message: Any) -> str:
    message_class: Any = type(message)
    return _struct_text(message_class, message.SerializeToString(deterministic=True))


@lru_cache(maxsize=128)
def _struct_text(message_class: Any, encoded: bytes) -> str:
    """The same pipelines are shown again and again: on a page of runs, and to whoever waits for one of them."""
    return _write_struct(message_class.FromString(encoded))


def _write_struct(message: Any) -> str:
    fields = message.fields
    return "{" + ",".join([f"{_quote(key)}:{_write_value(fields[key])}" for key in sorted(fields)]) + "}"


def _write_list(message: Any) -> str:
    return "[" + ",".join([_write_value(value) for value in message.values]) + "]"


def _write_any(message: Any) -> str:
    """An Any shows the message inside, found by name in the pool its own class comes from."""
    if not message.type_url and not message.value:
        return "{}"
    name = message.type_url.rpartition("/")[2]
    inner = _class_beside(type(message), name)
    if inner is None:
        raise EncodeError(f'proto: google.protobuf.Any: unable to resolve "{message.type_url}": not found')
    text = encode_text(inner.FromString(message.value))
    label = f'{{"@type":{_quote(message.type_url)}'
    if name in _WELL_KNOWN:
        return f'{label},"value":{text}}}'
    return label + "}" if text == "{}" else f"{label},{text[1:]}"


def _class_beside(neighbour: Any, name: str) -> Any:
    """The class of a message type in the pool that another message's type is in; None if it has none of this name."""
    pool = neighbour.DESCRIPTOR.file.pool
    try:
        descriptor = pool.FindMessageTypeByName(name)
    except KeyError:
        return None
    get_class: Any = getattr(message_factory, "GetMessageClass", None)
    return (
        get_class(descriptor) if get_class else message_factory.MessageFactory(pool).GetPrototype(descriptor)
    )


_VALUE_KINDS: dict[str, Write] = {
    "null_value": lambda value: "null",
    "bool_value": _write_bool,
    "number_value": numbers.from_float,
    "string_value": _quote,
    "struct_value": _write_struct,
    "list_value": _write_list,
}
_WELL_KNOWN: dict[str, Write] = {
    "google.protobuf.Timestamp": _write_timestamp,
    "google.protobuf.Value": _write_value,
    "google.protobuf.Struct": _write_whole_struct,
    "google.protobuf.ListValue": _write_list,
    "google.protobuf.Any": _write_any,
}
