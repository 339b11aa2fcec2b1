"""Request bodies into request messages, as grpc-gateway's JSONPb decoder does it (``runtime/marshal_jsonpb.go``).

The real server cuts the first JSON value out of the body with ``encoding/json`` and gives it to protojson. Here protojson reads
first: what it accepts is good JSON, but for exponents without digits. Only if it refuses, the body is looked through for a fault
that ``encoding/json`` would have found before.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from fake_kfp.api.protojson import DecodeError, decode_value
from fake_kfp.golang.json_string import BodyError, read_string
from fake_kfp.golang.json_syntax import stream_error

_BLANKS = " \t\r\n"
_SCALAR = re.compile(
    r'"(?:[^"\\]|\\.)*"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|null|true|false', re.S
)
_OPEN_EXPONENT = re.compile(r"[0-9][eE][-+]?[ \t\r\n,\]}]")


def fill_from_body(message: Any, field_name: str, body: bytes, hidden: Collection[str] = ()) -> None:
    """Reads a body into a message (``*``) or into one field of it. Raises :class:`BodyError`; a blank body is an empty message.

    Fields with the full names ``hidden`` count as unknown.
    """
    text = body.decode("utf-8", "surrogateescape")
    if field_name == "*":
        _read_message(message, text, hidden)
        return
    field = message.DESCRIPTOR.fields_by_name[field_name]
    if field.message_type is not None:
        part = getattr(message, field_name)
        part.SetInParent()
        _read_message(part, text, hidden)
    elif field.type == FieldDescriptor.TYPE_STRING:
        setattr(message, field_name, read_string(text))
    else:
        raise NotImplementedError(f"fake_kfp: a body for {field.full_name} is not modelled")


def _read_message(message: Message, text: str, hidden: Collection[str]) -> None:
    text = text.lstrip(_BLANKS)
    if not text:
        return
    try:
        decode_value(message, text, hidden)
        fault = stream_error(text) if _OPEN_EXPONENT.search(text) else None
        if fault:
            raise BodyError(fault)
    except DecodeError as error:
        fault = stream_error(text)
        raise BodyError(fault or _said_of_the_value_alone(message, text) or str(error)) from None


def _said_of_the_value_alone(message: Message, text: str) -> str:
    """protojson sees a body that is no object without what follows it."""
    scalar = _SCALAR.match(text)
    if scalar is None:
        return ""
    try:
        decode_value(message, scalar[0])
    except DecodeError as error:
        return str(error)
    return ""
