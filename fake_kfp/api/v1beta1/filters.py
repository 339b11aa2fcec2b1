"""The ``filter`` of list calls: text to predicates (``server/list_request_util.go: parseAPIFilter``)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from fake_kfp.api.descriptors import message_class
from fake_kfp.api.protojson import DecodeError, decode
from fake_kfp.errors import invalid_input
from fake_kfp.golang.quoting import quote
from fake_kfp.golang.url import InvalidEscape, query_unescape
from fake_kfp.store.lists.filters import Predicate

_OLD_KEYS = {
    '"intValue":': '"int_value":',
    '"longValue":': '"long_value":',
    '"stringValue":': '"string_value":',
    '"timestampValue":': '"timestamp_value":',
    '"intValues":': '"int_values":',
    '"longValues":': '"long_values":',
    '"stringValues":': '"string_values":',
}

_VALUE_TYPES = {
    "int_value": "int32",
    "long_value": "int64",
    "string_value": "string",
    "timestamp_value": "int64",
    "int_values": "[]int32",
    "long_values": "[]int64",
    "string_values": "[]string",
    None: "<nil>",
}


def filter_predicates(text: str) -> Callable[[], list[Predicate]] | None:
    """What ``store.listing.list_options`` wants of a filter's text: None where it is empty, else its decoder."""
    return partial(decode_filter, text) if text else None


def decode_filter(text: str) -> list[Predicate]:
    """The predicates of a filter: URL-decoded (once more), then read as ``api.Filter``. Raises INVALID_ARGUMENT."""
    try:
        message: Any = decode(message_class("api.Filter"), _with_present_keys(query_unescape(text)))
    except (InvalidEscape, DecodeError) as error:
        raise invalid_input(f"failed to parse valid filter from {quote(text)}: {error}") from None
    return [_predicate(predicate) for predicate in message.predicates]


def _with_present_keys(text: str) -> str:
    for old, present in _OLD_KEYS.items():
        text = text.replace(old, present)
    return text


def _predicate(message: Any) -> Predicate:
    field = message.WhichOneof("value")
    return Predicate(message.key, _operation(message), _value(message, field), _VALUE_TYPES[field])


def _operation(message: Any) -> str | int:
    numbers = message.DESCRIPTOR.fields_by_name["op"].enum_type.values_by_number
    return numbers[message.op].name if message.op in numbers else message.op


def _value(message: Any, field: str | None) -> Any:
    if field is None:
        return None
    value = getattr(message, field)
    if field == "timestamp_value":
        return value.seconds
    return tuple(value.values) if field.endswith("_values") else value
