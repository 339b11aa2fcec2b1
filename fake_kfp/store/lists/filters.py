"""Filters of lists: predicates on fields, all of which must hold (``filter/filter.go``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fake_kfp.errors import invalid_input, unknown_api_version
from fake_kfp.golang.quoting import quote
from fake_kfp.store.lists.schemas import Schema

_FIELDS = {
    "EQUALS": "EQ",
    "NOT_EQUALS": "NEQ",
    "GREATER_THAN": "GT",
    "GREATER_THAN_EQUALS": "GTE",
    "LESS_THAN": "LT",
    "LESS_THAN_EQUALS": "LTE",
    "IN": "IN",
    "IS_SUBSTRING": "SUBSTRING",
}

FIELDS = tuple(_FIELDS.values())
"""The parts of a filter in the order of the real one's fields, by which page tokens name them."""

NO_VALUE = "<nil>"


@dataclass(frozen=True, slots=True)
class Predicate:
    """One predicate of either API version.

    ``operation`` is the enum value's name (``EQUALS``, ..., ``IS_SUBSTRING``); anything else, a number for one, is no operation.
    ``operation_type`` is the Go type of the enum, for an error text: ``go_client.Predicate_Op`` (v1beta1) or
    ``go_client.Predicate_Operation`` (v2beta1).
    ``value_type`` is the Go type of the value: ``int32``, ``int64``, ``string``, ``[]int32``, ``[]int64``, ``[]string``, or
    :data:`NO_VALUE`. A timestamp is its whole seconds (rounded down) as ``int64``; list values are tuples.
    """

    key: str
    operation: str | int
    value: int | str | tuple[int, ...] | tuple[str, ...] | None
    value_type: str
    operation_type: str = "go_client.Predicate_Op"


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """Values by field (:data:`FIELDS`) and key, where a key is the API's at first and a column's later on.

    Lists of values from predicates are tuples and their numbers ints, those from page tokens are lists and floats: a filter with
    numbers is never equal to the one that a page token carries, as in the real server, which compares Go types too.
    """

    values: dict[str, dict[str, list[Any]]]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Filter) and _typed(self.values) == _typed(other.values)

    def items(self) -> Iterator[tuple[str, str, Any]]:
        """Every predicate as field, key and value."""
        for field in FIELDS:
            for key, values in self.values[field].items():
                for value in values:
                    yield field, key, value

    def with_columns(self, schema: Schema[Any]) -> Filter:
        """The same filter on columns; a key that is no field of the schema is an error (``Filter.ReplaceKeys``).

        Two names of one column under one operation don't add up, the later replaces the earlier.
        """
        return Filter(
            {
                field: {_column_name(schema, key): values for key, values in self.values[field].items()}
                for field in FIELDS
            }
        )

    def as_json(self) -> dict[str, Any]:
        """What a page token holds of it."""
        return {
            field: {key: [None if value == () else value for value in by_key[key]] for key in sorted(by_key)}
            for field, by_key in self.values.items()
        }


def _typed(values: Any) -> Any:
    if isinstance(values, dict):
        return {key: _typed(value) for key, value in values.items()}
    if isinstance(values, list):
        return [_typed(value) for value in values]
    return type(values), values


def _column_name(schema: Schema[Any], key: str) -> str:
    if key not in schema.fields:
        raise invalid_input(f"no support for filtering on unrecognized field {quote(key)}")
    return schema.prefix + schema.fields[key]


def make_filter(predicates: Sequence[Predicate]) -> Filter | None:
    """Checks predicates and makes a filter of them; None where there are none (``filter.New``)."""
    for predicate in predicates:
        _check_parts(predicate)
    if not predicates:
        return None
    values: dict[str, dict[str, list[Any]]] = {field: {} for field in FIELDS}
    for predicate in predicates:
        _check_type(predicate)
        values[_FIELDS[str(predicate.operation)]].setdefault(predicate.key, []).append(predicate.value)
    return Filter(values)


def _check_parts(predicate: Predicate) -> None:
    """``toPredicate``: operation, value and key are there."""
    if predicate.operation not in _FIELDS:
        raise unknown_api_version("Filter.Predicate.Operation", predicate.operation_type)
    if predicate.value_type == NO_VALUE:
        raise unknown_api_version("Filter.Predicate.Value", NO_VALUE)
    if not predicate.key:
        value = _go_text(predicate.value)
        raise invalid_input(
            f"Predicate key cannot be empty for operation {predicate.operation} and value {value}"
        )


def _check_type(predicate: Predicate) -> None:
    """``checkPredicate``, slips included: its last text names the operation's type and then the value."""
    operation, is_list = predicate.operation, predicate.value_type.startswith("[]")
    if operation == "IN":
        if not is_list:
            raise invalid_input(f"cannot use IN operator with scalar type {predicate.value_type}")
    elif operation == "IS_SUBSTRING":
        if predicate.value_type != "string":
            raise invalid_input(
                f"cannot use non string value type string with operator {_go_text(predicate.value)}"
            )
    elif is_list:
        raise invalid_input(f"cannot use scalar operator {operation} on array type {predicate.value_type}")


def _go_text(value: Any) -> str:
    """A value as Go's ``%v`` prints it."""
    return "[" + " ".join(map(str, value)) + "]" if isinstance(value, tuple) else str(value)
