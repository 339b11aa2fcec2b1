"""Filters of lists: predicates on fields, joined by "and" (``filter/filter.go``)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Predicate:
    """One predicate as it came in, of either API version.

    ``operation`` is the enum's name (``EQUALS``, ``NOT_EQUALS``, ``GREATER_THAN``, ``GREATER_THAN_EQUALS``, ``LESS_THAN``,
    ``LESS_THAN_EQUALS``, ``IN``, ``IS_SUBSTRING``) or its number where it is none of these (``UNKNOWN`` included: give any other text
    or number); ``operation_type`` the Go type of the enum, for an error text: ``go_client.Predicate_Op`` (v1beta1) or
    ``go_client.Predicate_Operation`` (v2beta1).
    ``value_type`` is the Go type of the value: ``int32``, ``int64``, ``string``, ``[]int32``, ``[]int64``, ``[]string``, or ``<nil>``
    where no value was given. A timestamp is its whole seconds (rounded down) as ``int64``. List values are tuples.
    """

    key: str
    operation: str | int
    value: int | str | tuple[int, ...] | tuple[str, ...] | None
    value_type: str
    operation_type: str = "go_client.Predicate_Op"
