"""Query parameters into request messages (grpc-gateway's ``runtime/query.go``)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from fake_kfp.api.protojson.fields import FLOATS, SIGNED, UNSIGNED, Field, MessageType, is_map, is_repeated
from fake_kfp.golang.quoting import quote
from fake_kfp.golang.strconv import NumError, parse_bool, parse_float, parse_int, parse_uint
from fake_kfp.golang.url import QueryValues
from fake_kfp.transport.http.wire.urls import well_formed


class BadParameter(ValueError):
    """A parameter that does not fit its field; the message is grpc-gateway's."""


def fill_from_query(
    message: Message, values: QueryValues, bound: Collection[str], hidden: Collection[str] = ()
) -> None:
    """Sets the fields that the parameters name, but for those ``bound`` elsewhere. Raises :class:`BadParameter`, and
    UnicodeEncodeError for text that is no UTF-8.

    The real server goes through the parameters in a random order, so which of two bad ones it names is a matter of chance. Here it
    is the first. Fields with the full names ``hidden`` count as unknown.
    """
    for key, texts in values.items():
        bracketed = _bracketed(key)
        if bracketed:
            key, texts = bracketed[0], [bracketed[1], *texts]
        names = key.split(".")
        first = _field(message.DESCRIPTOR, names[0])
        if first is None or (first.name not in bound and first.full_name not in hidden):
            _fill(message, names, texts)


def _bracketed(key: str) -> tuple[str, str] | None:
    """The parts of ``name[part]``, the last brackets at the end of a line (grpc-gateway's ``^(.*)\\[(.*)\\]$``)."""
    name, bracket, part = key.rpartition("[")
    return (name, part[:-1]) if bracket and part.endswith("]") and "\n" not in key else None


def _field(message_type: MessageType, name: str) -> Field | None:
    """A field by its own name or by the name it has in JSON."""
    if not name.isascii():  # what is no UTF-8 either, protobuf's runtimes come to grief over
        return None
    field = message_type.fields_by_name.get(name)
    return field or next((field for field in message_type.fields if field.json_name == name), None)


def _fill(message: Any, names: list[str], texts: list[str]) -> None:
    for name in names[:-1]:
        field = _field(message.DESCRIPTOR, name)
        if field is None:
            return
        if field.message_type is None or is_repeated(field):
            raise BadParameter(f"invalid path: {quote(name)} is not a message")
        message = getattr(message, field.name)
        message.SetInParent()
    field = _field(message.DESCRIPTOR, names[-1])
    if field is not None:
        _set(message, field, texts)


def _set(message: Any, field: Field, texts: list[str]) -> None:
    if is_map(field):
        raise BadParameter(
            f"fake_kfp: the map {field.full_name} as a query parameter is not modelled. Use gRPC."
        )
    if is_repeated(field):
        getattr(message, field.name).extend(_parse(field, text, "list") for text in texts)
    elif len(texts) > 1:
        raise BadParameter(f"too many values for field {quote(field.name)}: {', '.join(texts)}")
    else:
        setattr(message, field.name, _parse(field, texts[0], "field"))


def _parse(field: Field, text: str, what: str) -> Any:
    try:
        return _parser(field)(text)
    except (NumError, BadParameter) as error:
        raise BadParameter(f"parsing {what} {quote(field.name)}: {error}") from None


def _parser(field: Field) -> Callable[[str], Any]:
    if field.type in SIGNED:
        return lambda text: parse_int(text, SIGNED[field.type][1])
    if field.type in UNSIGNED:
        return lambda text: parse_uint(text, UNSIGNED[field.type][1])
    if field.type in FLOATS:
        return parse_float
    if field.type == FieldDescriptor.TYPE_ENUM:
        return lambda text: _enum_number(field, text)
    return _PARSERS.get(field.type) or (lambda text: _refuse(field))


def _refuse(field: Field) -> Any:
    kind = field.message_type.full_name if field.message_type is not None else "bytes"
    raise BadParameter(f"unsupported message type: {quote(kind)}")


def _enum_number(field: Field, text: str) -> int:
    value = field.enum_type.values_by_name.get(text)
    if value is None:
        try:
            value = field.enum_type.values_by_number.get(parse_int(text, 64))
        except NumError:
            value = None
    if value is None:
        raise BadParameter(f"{quote(text)} is not a valid value")
    return int(value.number)


_PARSERS: dict[int, Callable[[str], Any]] = {
    FieldDescriptor.TYPE_STRING: well_formed,
    FieldDescriptor.TYPE_BOOL: parse_bool,
}
