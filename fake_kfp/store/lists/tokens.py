"""Page tokens: base64 of the JSON of Go's struct, readable by the real server and the other way round (``list/list.go: token``)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from fake_kfp.errors import invalid_input_with_details
from fake_kfp.golang.json_text import SyntaxFault, dumps, loads
from fake_kfp.store.lists.filters import FIELDS, Filter
from fake_kfp.store.lists.options import ListOptions
from fake_kfp.store.lists.schemas import Schema
from fake_kfp.store.lists.token_names import METRIC_COLUMN, check_names
from fake_kfp.store.rows.columns import KEY_COLUMN
from fake_kfp.versions import UNNAMED, Dialect

R = TypeVar("R")

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_ALPHABET = re.compile(rb"[A-Za-z0-9+/]")
_NEWLINES = b"\r\n"
_TEXTS = (
    "SortByFieldName",
    "SortBySQLColumn",
    "SortByFieldPrefix",
    "KeyFieldName",
    "KeyFieldPrefix",
    "ModelName",
)
_TYPED: dict[str, tuple[str, type, str]] = {
    **{name.lower(): (name, str, "string") for name in _TEXTS},
    "isdesc": ("IsDesc", bool, "bool"),
}
"""The fields that hold values of one type, with its name in Go."""
_JSON_TYPES: dict[type, str] = {str: "string", float: "number", bool: "bool", list: "array", dict: "object"}


def encode(options: ListOptions[Any]) -> str:
    """The token that says these options to the real server, and to :func:`decode`."""
    prefix = options.schema.prefix
    fields = {
        "SortByFieldName": options.sort_field,
        **_sql_column(options),
        "SortByFieldValue": options.sort_value,
        "SortByFieldPrefix": options.sort_prefix,
        "KeyFieldName": KEY_COLUMN,
        "KeyFieldValue": options.key_value,
        "KeyFieldPrefix": prefix,
        "IsDesc": options.descending,
        "ModelName": options.model_name,
        "Filter": options.filter.as_json() if options.filter else None,
    }
    return base64.b64encode(dumps(fields).encode()).decode()


def _sql_column(options: ListOptions[Any]) -> dict[str, str]:
    if not options.dialect.sort_columns_in_tokens:
        return {}
    return {"SortBySQLColumn": options.sort_field if options.metric is None else METRIC_COLUMN}


def decode(text: str, schema: Schema[R], page_size: int, dialect: Dialect = UNNAMED) -> ListOptions[R]:
    """The options that a client's token says; an error of the client's where it is none (``token.unmarshal``)."""
    try:
        fields, found = _fields(text, dialect)
    except _Fault as fault:
        raise invalid_input_with_details(str(fault), dialect.page_token_errors) from None
    texts = {name: fields.get(name.lower()) or "" for name in _TEXTS}
    if dialect.page_tokens_checked:
        check_names(texts, found)
    return ListOptions(
        schema,
        page_size,
        sort_field=_sort_field(texts, dialect),
        sort_prefix=texts["SortByFieldPrefix"],
        descending=fields.get("isdesc") or False,
        filter=found,
        sort_value=fields.get("sortbyfieldvalue"),
        key_value=fields.get("keyfieldvalue"),
        model_name=texts["ModelName"],
        dialect=dialect,
    )


def _sort_field(texts: Mapping[str, str], dialect: Dialect) -> str:
    """The column that the database is to sort by, or a metric."""
    column = texts["SortBySQLColumn"]
    if not dialect.sort_columns_in_tokens or column == METRIC_COLUMN:
        return texts["SortByFieldName"]
    return column


class _Fault(Exception):
    """What Go's decoder says of a text that is no token."""


def _fields(text: str, dialect: Dialect) -> tuple[dict[str, Any], Filter | None]:
    """A token's members under lower-case names, and its filter."""
    fields = _members(_json(_bytes(text)))
    if not dialect.sort_columns_in_tokens:
        fields.pop("sortbysqlcolumn", None)
    found = _filter(fields.get("filter"))  # an error in here ends Go's reading, one in another field does not
    for lower, value in fields.items():
        name, wanted, go_type = _TYPED.get(lower, ("", object, ""))
        if value is not None and not isinstance(value, wanted):
            raise _mismatch(value, f"token.{name}", go_type)
    return fields, found


def _invalid(cause: str) -> _Fault:
    return _Fault(cause)


def _bytes(text: str) -> bytes:
    stripped = text.replace("\r", "").replace("\n", "")
    if not _BASE64.fullmatch(stripped):
        raise _invalid(f"illegal base64 data at input byte {_fault(text.encode('utf-8', 'replace'))}")
    return base64.b64decode(stripped)


def _fault(data: bytes) -> int:
    """Where Go's decoder gives up on data that is no base64 (``encoding/base64: decodeQuantum``)."""
    filled = 0
    for at, byte in enumerate(data):
        if _ALPHABET.match(data, at):
            filled = (filled + 1) % 4
        elif byte not in _NEWLINES:
            return _padding_fault(data, at, filled) if byte == ord("=") else at
    return len(data) - filled


def _padding_fault(data: bytes, at: int, filled: int) -> int:
    if filled < 2:
        return at
    after = _skip_newlines(data, at + 1)
    if filled == 2:
        if after == len(data):
            return after
        if data[after] != ord("="):
            return after - 1
        after = _skip_newlines(data, after + 1)
    return after


def _skip_newlines(data: bytes, at: int) -> int:
    while at < len(data) and data[at] in _NEWLINES:
        at += 1
    return at


def _json(data: bytes) -> Any:
    try:
        return loads(data.decode("utf-8", "replace"))
    except SyntaxFault as fault:
        raise _invalid(_fault_of_bytes(data) or str(fault)) from None


def _fault_of_bytes(data: bytes) -> str:
    """The fault as Go tells it, which reads bytes: one that is no UTF-8 is named as it is."""
    try:
        loads(data.decode("utf-8", "surrogateescape"))
    except SyntaxFault as fault:
        return str(fault)
    return ""


def _members(value: Any) -> dict[str, Any]:
    """The token's members under lower-case names, since Go's names of fields ignore case; null is an empty object."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _invalid(f"json: cannot unmarshal {_JSON_TYPES[type(value)]} into Go value of type list.token")
    return {name.lower(): member for name, member in value.items()}


def _mismatch(value: Any, field: str, go_type: str) -> _Fault:
    return _invalid(
        f"json: cannot unmarshal {_JSON_TYPES[type(value)]} into Go struct field {field} of type {go_type}"
    )


def _filter(value: Any) -> Filter | None:
    """The filter of a token; of several errors in it Go tells the first."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise _mismatch(value, "token.Filter", "filter.filterForMarshaling")
    given = {name.upper(): member for name, member in value.items() if name.upper() in FIELDS}
    read = {field: _values_by_key(member, f"token.Filter.{field}") for field, member in given.items()}
    return Filter({field: read.get(field, {}) for field in FIELDS})


def _values_by_key(value: Any, name: str) -> dict[str, list[Any]]:
    if value is not None and not isinstance(value, dict):
        raise _mismatch(value, name, "map[string][]interface {}")
    for values in (value or {}).values():
        if values is not None and not isinstance(values, list):
            raise _mismatch(values, name, "[]interface {}")
    return {key: values or [] for key, values in (value or {}).items()}
