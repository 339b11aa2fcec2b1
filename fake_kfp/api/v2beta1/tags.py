"""Tags in requests: those to set, and those that a filter asks for (``server/pipeline_server.go``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

from fake_kfp.api.protojson import DecodeError, decode, encode
from fake_kfp.api.v2beta1.messages import v2_class
from fake_kfp.errors import invalid_input
from fake_kfp.golang.quoting import quote
from fake_kfp.golang.url import InvalidEscape, query_unescape
from fake_kfp.services.auth.caller import Caller

CLEAR_TAGS = "x-clear-tags"
"""Says that no tags means none at all, which a map in protobuf can't say."""

_PREFIX = "tags."
_EQUALS = 1


def tags_to_set(tags: Mapping[str, str], caller: Caller) -> dict[str, str] | None:
    """The tags that an update sets; None where it leaves them as they are (``recoverClearTagsIntent``)."""
    if tags or caller.headers.get(CLEAR_TAGS, ("",))[0] == "true":
        return dict(tags)
    return None


def without_tags(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A filter without what it asks of tags, and that: keys and values (``extractTagFiltersFromFilterSpec``)."""
    if not text:
        return text, ()
    spec = _read(text)
    tags: dict[str, str] = {}
    rest = v2_class("Filter")()
    for predicate in spec.predicates:
        if predicate.key.startswith(_PREFIX):
            tags[predicate.key.removeprefix(_PREFIX)] = _value(predicate)
        else:
            rest.predicates.append(predicate)
    if not tags:
        return text, ()
    remaining = quote_plus(encode(rest).decode()) if rest.predicates else ""
    return remaining, tuple(tags.items())


def _read(text: str) -> Any:
    try:
        plain = query_unescape(text)
    except InvalidEscape as error:
        raise invalid_input(f"failed to decode filter spec: {error}") from None
    try:
        return decode(v2_class("Filter"), plain)
    except DecodeError as error:
        raise invalid_input(f"failed to parse filter spec: {error}") from None


def _value(predicate: Any) -> str:
    key = quote(predicate.key)
    if predicate.operation != _EQUALS:
        names = predicate.DESCRIPTOR.fields_by_name["operation"].enum_type.values_by_number
        found = names.get(predicate.operation)
        shown = found.name if found is not None else predicate.operation
        raise invalid_input(
            f"only EQUALS operation is supported for tag filtering, got {shown} for key {key}"
        )
    if predicate.WhichOneof("value") != "string_value":
        raise invalid_input(f"tag filter value must be a string for key {key}")
    value: str = predicate.string_value
    return value
