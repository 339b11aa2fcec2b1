"""The well-known types in JSON: readers for messages that are written as something else (``well_known_types.go``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message

from fake_kfp.api.protojson import times, tokens
from fake_kfp.api.protojson.errors import DecodeError
from fake_kfp.api.protojson.scalars import read_float
from fake_kfp.api.protojson.tokens import TokenReader
from fake_kfp.golang.times import LAST_SECONDS, ZERO_SECONDS

VALUE = "google.protobuf.Value"
_TIMESTAMP = "google.protobuf.Timestamp"

ReadMessage = Callable[[TokenReader, Message, int], None]
"""Reads a message of any type; the integer is how much deeper messages may nest."""


def each_element(reader: TokenReader, read: Callable[[], object]) -> None:
    """Calls ``read`` for each element of the array that comes next."""
    reader.expect(tokens.ARRAY_OPEN)
    while reader.peek().kind != tokens.ARRAY_CLOSE:
        read()
    reader.read()


def each_member(reader: TokenReader, entries: Any, read: Callable[[Any], object]) -> None:
    """Reads the object that comes next into a map from strings to messages."""
    reader.expect(tokens.OBJECT_OPEN)
    for token in reader.names():
        if token.value in entries:
            raise reader.fault(token.start, f"duplicate map key {token.raw}")
        read(entries[token.value])


def _timestamp(reader: TokenReader, message: Any, depth: int, read_message: ReadMessage) -> None:
    token = reader.expect(tokens.STRING)
    moment = times.parse_timestamp(str(token.value))
    if moment is None:
        raise reader.fault(token.start, f"invalid {_TIMESTAMP} value {token.raw}")
    if not ZERO_SECONDS <= moment[0] <= LAST_SECONDS:
        raise reader.fault(token.start, f"{_TIMESTAMP} value out of range: {token.raw}")
    message.seconds, message.nanos = moment


def _empty(reader: TokenReader, message: Message, depth: int, read_message: ReadMessage) -> None:
    reader.expect(tokens.OBJECT_OPEN)
    token = reader.read()
    if token.kind != tokens.OBJECT_CLOSE:
        raise reader.fault(token.start, f"unknown field {token.raw}")


def _struct(reader: TokenReader, message: Any, depth: int, read_message: ReadMessage) -> None:
    each_member(reader, message.fields, lambda part: read_message(reader, part, depth - 1))


def _list_value(reader: TokenReader, message: Any, depth: int, read_message: ReadMessage) -> None:
    each_element(reader, lambda: read_message(reader, message.values.add(), depth - 1))


def _value(reader: TokenReader, message: Any, depth: int, read_message: ReadMessage) -> None:
    kind = reader.peek().kind
    if kind == tokens.OBJECT_OPEN:
        message.struct_value.SetInParent()
        read_message(reader, message.struct_value, depth - 1)
    elif kind == tokens.ARRAY_OPEN:
        message.list_value.SetInParent()
        read_message(reader, message.list_value, depth - 1)
    else:
        _scalar_value(reader, message)


def _scalar_value(reader: TokenReader, message: Any) -> None:
    token = reader.read()
    if token.kind == tokens.NULL:
        message.null_value = 0
    elif token.kind == tokens.BOOL:
        message.bool_value = token.value
    elif token.kind == tokens.STRING:
        message.string_value = token.value
    else:
        number = read_float(token)
        if number is None:
            raise reader.fault(token.start, f"invalid {VALUE}: {token.raw}")
        message.number_value = number


def _any(reader: TokenReader, message: Message, depth: int, read_message: ReadMessage) -> None:
    raise DecodeError("fake_kfp: google.protobuf.Any in a request is not modelled. Leave the field out.")


READERS: dict[str, Callable[[TokenReader, Any, int, ReadMessage], None]] = {
    _TIMESTAMP: _timestamp,
    VALUE: _value,
    "google.protobuf.Struct": _struct,
    "google.protobuf.ListValue": _list_value,
    "google.protobuf.Empty": _empty,
    "google.protobuf.Any": _any,
}
