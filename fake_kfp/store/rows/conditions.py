"""What a filter means: conditions on records, each compared as the database does.

Texts compare under the collation; a number against a text, or a text against a number, compares as numbers.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sortedcontainers import SortedList

from fake_kfp.store.mariadb.collation import HIGHEST, as_number, like, sort_key
from fake_kfp.store.rows.columns import Column, Kind

R = TypeVar("R")

Entry = tuple[Any, str]
"""A record's place in an order: its sort key in some column, then its id's key."""
Span = tuple[int, int]
"""Positions in an order, from the first one to before the second."""
Range = tuple[tuple[Any, ...] | None, tuple[Any, ...] | None]
"""Probes into an order: where it begins and where it ends (None: open)."""

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "EQ": operator.eq,
    "NEQ": operator.ne,
    "GT": operator.gt,
    "GTE": operator.ge,
    "LT": operator.lt,
    "LTE": operator.le,
    "IN": lambda key, keys: key in keys,
}


@dataclass(frozen=True, slots=True)
class Condition(Generic[R]):
    """One condition: ``admits`` tests a record, ``ranges`` are the parts of the column's order that hold the admitted ones.

    ``ranges`` is None where no order of the column helps. ``identity`` is equal for equal conditions.
    """

    identity: Hashable
    column: Column[R]
    admits: Callable[[R], bool]
    ranges: list[Range] | None
    equals: Any = None

    def spans(self, order: SortedList[Entry]) -> Iterator[Span]:
        """The parts of an order of this column that hold the admitted records."""
        for low, high in self.ranges or ():
            yield (
                order.bisect_left(low) if low else 0,
                order.bisect_left(high) if high else len(order),
            )


def condition(column: Column[R], field: str, value: Any) -> Condition[R]:
    """The condition that a filter's ``field`` (:data:`fake_kfp.store.lists.filters.FIELDS`) and value mean for a column."""
    if field == "SUBSTRING":
        return _substring(column, str(value))
    if field in ("EQ", "IN") and isinstance(value, (list, tuple)):
        return _compared(column, "IN", list(value))
    return _compared(column, field, value)


def tag_condition(key: str, value: str) -> Condition[Any]:
    """That a record has this tag; the database compares both parts as it compares all texts."""
    wanted = sort_key(key), sort_key(value)

    def keys(record: Any) -> list[tuple[str, str]]:
        return [(sort_key(name), sort_key(text)) for name, text in record.tags.items()]

    column: Column[Any] = Column("tags", "tags", Kind.TEXT, keys, keys, indexable=False, several=True)
    return Condition(("tags", *wanted), column, lambda record: wanted in keys(record), None)


def _substring(column: Column[R], value: str) -> Condition[R]:
    matches, read = like(f"%{value}%"), column.read
    shown = read if column.kind is Kind.TEXT else lambda record: str(read(record))
    return Condition((column.name, "SUBSTRING", value), column, lambda record: matches(shown(record)), None)


def _compared(column: Column[R], field: str, value: Any) -> Condition[R]:
    values = value if isinstance(value, list) else [value]
    as_text = column.kind is Kind.TEXT and all(isinstance(item, str) for item in values)
    keys = frozenset(sort_key(item) if as_text else _number(item) for item in values if item is not None)
    key: Any = keys if field == "IN" else next(iter(keys), None)
    compare, read = _COMPARE[field], _reader(column, as_text)
    return Condition(
        (column.name, field, key),
        column,
        (lambda record: compare(read(record), key)) if key is not None else lambda record: field == "NEQ",
        _ranges(field, key) if column.indexable and (as_text or column.kind is not Kind.TEXT) else None,
        key if field == "EQ" else None,
    )


def _reader(column: Column[R], as_text: bool) -> Callable[[R], Any]:
    if as_text or column.kind is not Kind.TEXT:
        return column.key
    read = column.read
    return lambda record: as_number(read(record))


def _number(value: Any) -> float:
    return as_number(value) if isinstance(value, str) else value


def _ranges(field: str, key: Any) -> list[Range]:
    if field == "IN":
        return [((item,), (item, HIGHEST)) for item in sorted(key)]
    if key is None:
        return [(None, None)] if field == "NEQ" else []
    below, above = (key,), (key, HIGHEST)
    ranges: dict[str, list[Range]] = {
        "EQ": [(below, above)],
        "NEQ": [(None, below), (above, None)],
        "GT": [(above, None)],
        "GTE": [(below, None)],
        "LT": [(None, below)],
        "LTE": [(None, above)],
    }
    return ranges[field]
