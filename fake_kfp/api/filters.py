"""The ``filter`` of list calls: text to predicates (``server/list_request_util.go: parseAPIFilter``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from fake_kfp.api.descriptors import message_class
from fake_kfp.api.protojson import DecodeError, decode
from fake_kfp.errors import invalid_input
from fake_kfp.golang.quoting import quote
from fake_kfp.golang.url import InvalidEscape, query_unescape
from fake_kfp.store.lists.filters import Predicate
from fake_kfp.versions import V2BETA1 as V2BETA1_PACKAGE


@dataclass(frozen=True, slots=True)
class FilterForm:
    """How an API version writes filters: the message, its predicates' field for the operation, that field's type in Go."""

    message: str
    operation: str
    operation_type: str


V1BETA1 = FilterForm("api.Filter", "op", "go_client.Predicate_Op")
V2BETA1 = FilterForm(f"{V2BETA1_PACKAGE}.Filter", "operation", "go_client.Predicate_Operation")

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


def filter_predicates(text: str, form: FilterForm) -> Callable[[], list[Predicate]] | None:
    """What ``store.lists.listing.list_options`` wants of a filter's text: None where it is empty, else its decoder."""
    return partial(decode_filter, text, form) if text else None


def decode_filter(text: str, form: FilterForm) -> list[Predicate]:
    """The predicates of a filter: URL-decoded (once more), then read as the version's message. Raises INVALID_ARGUMENT."""
    try:
        message: Any = decode(message_class(form.message), _with_present_keys(query_unescape(text)))
    except (InvalidEscape, DecodeError) as error:
        raise invalid_input(f"failed to parse valid filter from {quote(text)}: {error}") from None
    return [_predicate(predicate, form) for predicate in message.predicates]


def _with_present_keys(text: str) -> str:
    for old, present in _OLD_KEYS.items():
        text = text.replace(old, present)
    return text


def _predicate(message: Any, form: FilterForm) -> Predicate:
    field = message.WhichOneof("value")
    operation = _operation(message, form.operation)
    return Predicate(message.key, operation, _value(message, field), _VALUE_TYPES[field], form.operation_type)


def _operation(message: Any, field: str) -> str | int:
    number: int = getattr(message, field)
    names = message.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number
    return str(names[number].name) if number in names else number


def _value(message: Any, field: str | None) -> Any:
    if field is None:
        return None
    value = getattr(message, field)
    if field == "timestamp_value":
        return value.seconds
    return tuple(value.values) if field.endswith("_values") else value
