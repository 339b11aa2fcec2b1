"""JSON into messages, as protobuf-go's ``protojson`` reads it (``encoding/protojson/decode.go``).

The plan for a message type (which name is which field, and what reads it) is made once per message class.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from fake_kfp.api.protojson import tokens, wellknown
from fake_kfp.api.protojson.errors import DecodeError
from fake_kfp.api.protojson.fields import Field, full_type_name, is_map, is_repeated
from fake_kfp.api.protojson.scalars import Read, scalar_reader
from fake_kfp.api.protojson.tokens import Token, TokenReader

MAX_DEPTH = 200
"""How deep messages may nest, each list or object in a ``google.protobuf.Value`` counting twice. protobuf-go stops at 10,000; here
it is Python's stack that sets the bound."""

AnyMessage = TypeVar("AnyMessage", bound=Message)


def decode(message_class: type[AnyMessage], text: str | bytes) -> AnyMessage:
    """A message from its JSON (``protojson.Unmarshal``). Raises :class:`DecodeError` in protobuf-go's words."""
    message = message_class()
    reader = decode_value(message, text)
    reader.expect(tokens.EOF)
    return message


def decode_value(message: Message, text: str | bytes, hidden: Collection[str] = ()) -> TokenReader:
    """Fills a message from the first JSON value of a text; what follows stays in the returned reader.

    Fields with these full names count as unknown.
    """
    reader = TokenReader(text if isinstance(text, str) else text.decode("utf-8", "surrogateescape"), hidden)
    _message(reader, message, MAX_DEPTH)
    return reader


@dataclass(frozen=True, slots=True)
class _Field:
    """One field: ``fill`` reads its value (or its list, or its map) into the message."""

    name: str
    full_name: str
    nullable: bool
    oneof: str
    fill: Callable[[TokenReader, Message, int], None]


def _message(reader: TokenReader, message: Message, depth: int) -> None:
    if depth <= 0:
        raise DecodeError(
            f"fake_kfp: JSON that nests messages deeper than {MAX_DEPTH} levels is not modelled. Send a flatter document."
        )
    special = wellknown.READERS.get(message.DESCRIPTOR.full_name)
    if special is not None:
        special(reader, message, depth, _message)
        return
    reader.expect(tokens.OBJECT_OPEN)
    _members(reader, message, depth)


def _members(reader: TokenReader, message: Message, depth: int) -> None:
    message_class: Any = type(message)
    fields = _fields(message_class)
    seen: set[str] = set()
    for token in reader.names():
        field = fields.get(str(token.value))
        if field is None or field.full_name in reader.hidden:
            raise reader.fault(token.start, f"unknown field {token.raw}")
        if field.name in seen:
            raise reader.fault(token.start, f"duplicate field {token.raw}")
        seen.add(field.name)
        if not field.nullable and reader.null_follows():
            reader.read()
            continue
        if field.oneof:
            _claim(reader, token, field.oneof, seen)
        field.fill(reader, message, depth)


def _claim(reader: TokenReader, token: Token, oneof: str, seen: set[str]) -> None:
    if oneof in seen:
        raise reader.fault(token.start, f"error parsing {token.raw}, oneof {oneof} is already set")
    seen.add(oneof)


@cache
def _fields(message_class: Any) -> dict[str, _Field]:
    """The fields of a message class by both their names, the JSON name first."""
    descriptors = message_class.DESCRIPTOR.fields
    plans = [(field, _plan(field)) for field in descriptors]
    by_name = {field.name: plan for field, plan in plans}
    return by_name | {field.json_name: plan for field, plan in plans}


def _plan(field: Field) -> _Field:
    # a full name holds a dot, so it is never taken for the name of a field
    oneof = str(field.containing_oneof.full_name) if field.containing_oneof is not None else ""
    return _Field(
        field.name, str(field.full_name), full_type_name(field) == wellknown.VALUE, oneof, _filler(field)
    )


def _filler(field: Field) -> Callable[[TokenReader, Message, int], None]:
    name = field.name
    if is_map(field):
        return _map_filler(name, field)
    if field.message_type is not None:
        return _message_list_filler(name) if is_repeated(field) else _message_filler(name)
    read = _checked(field)
    return _list_filler(name, read) if is_repeated(field) else _scalar_filler(name, read)


def _checked(field: Field) -> Callable[[TokenReader], Any]:
    """Reads a scalar, or says which kind of value it should have been."""
    kind, read = scalar_reader(field)
    return scalar_or_fault(kind, field.json_name, read)


def scalar_or_fault(kind: str, json_name: str, read: Read) -> Callable[[TokenReader], Any]:
    """Reads a token with ``read`` and raises protobuf-go's error if it does not fit."""

    def checked(reader: TokenReader) -> Any:
        token = reader.read()
        value = read(token)
        if value is None:
            raise reader.fault(token.start, f"invalid value for {kind} field {json_name}: {token.raw}")
        return value

    return checked


def _scalar_filler(
    name: str, read: Callable[[TokenReader], Any]
) -> Callable[[TokenReader, Message, int], None]:
    def fill(reader: TokenReader, message: Message, depth: int) -> None:
        setattr(message, name, read(reader))

    return fill


def _message_filler(name: str) -> Callable[[TokenReader, Message, int], None]:
    def fill(reader: TokenReader, message: Message, depth: int) -> None:
        part = getattr(message, name)
        part.SetInParent()
        _message(reader, part, depth - 1)

    return fill


def _list_filler(
    name: str, read: Callable[[TokenReader], Any]
) -> Callable[[TokenReader, Message, int], None]:
    def fill(reader: TokenReader, message: Message, depth: int) -> None:
        values = getattr(message, name)
        wellknown.each_element(reader, lambda: values.append(read(reader)))

    return fill


def _message_list_filler(name: str) -> Callable[[TokenReader, Message, int], None]:
    def fill(reader: TokenReader, message: Message, depth: int) -> None:
        parts = getattr(message, name)
        wellknown.each_element(reader, lambda: _message(reader, parts.add(), depth - 1))

    return fill


def _map_filler(name: str, field: Field) -> Callable[[TokenReader, Message, int], None]:
    key, value = field.message_type.fields_by_name["key"], field.message_type.fields_by_name["value"]
    if key.type != FieldDescriptor.TYPE_STRING:
        raise NotImplementedError(f"fake_kfp: {field.full_name}: only maps from strings are modelled")
    if value.message_type is None:
        return _scalar_map_filler(name, _checked(value))

    def fill(reader: TokenReader, message: Message, depth: int) -> None:
        wellknown.each_member(reader, getattr(message, name), lambda part: _message(reader, part, depth - 1))

    return fill


def _scalar_map_filler(
    name: str, read: Callable[[TokenReader], Any]
) -> Callable[[TokenReader, Message, int], None]:
    def fill(reader: TokenReader, message: Message, depth: int) -> None:
        entries = getattr(message, name)
        reader.expect(tokens.OBJECT_OPEN)
        for token in reader.names():
            if token.value in entries:
                raise reader.fault(token.start, f"duplicate map key {token.raw}")
            entries[token.value] = read(reader)

    return fill
