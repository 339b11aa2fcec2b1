"""Sets of records kept in order: all of a table, or those that conditions admit.

A view keeps one sorted list of entries for each column that it was asked to be ordered by: built at the first use, maintained from
then on. An entry is ``(sort key, id's key)``, so that equal values are ordered by id and places are found by bisection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Generic, TypeVar

from sortedcontainers import SortedList

from fake_kfp.store.rows.columns import Column
from fake_kfp.store.rows.conditions import Condition, Entry, Span

R = TypeVar("R")


class View(Generic[R]):
    """Records in one or more orders; ``records`` is the table's dictionary by id key, ``members`` are such keys."""

    def __init__(self, records: Mapping[str, R], column: Column[R], members: Iterable[str] = ()) -> None:
        self._records = records
        self._first = column.name
        self._columns = {column.name: column}
        self._orders = {column.name: self._sorted(column, members)}

    def __len__(self) -> int:
        return len(self._orders[self._first])

    def members(self) -> Iterable[str]:
        """The id keys of its records."""
        return (key for _, key in self._orders[self._first])

    def order(self, column: Column[R]) -> SortedList[Entry]:
        """The view's entries in the order of a column."""
        if column.name not in self._columns:
            self._orders[column.name] = self._sorted(column, self.members())
            self._columns[column.name] = (
                column  # now it is kept in order: last, lest an interruption leaves half of it
            )
        return self._orders[column.name]

    def _sorted(self, column: Column[R], members: Iterable[str]) -> SortedList[Entry]:
        return SortedList(column.entries(self._records, members))

    def columns(self) -> list[Column[R]]:
        """The columns that it is kept in the order of."""
        return list(self._columns.values())

    def add(self, key: str, record: R, columns: Iterable[Column[R]]) -> None:
        """Puts a record into the orders of these columns."""
        for column in columns:
            order = self._orders[column.name]
            for value in column.keys(record):
                order.add((value, key))

    def extend(self, keys: Collection[str]) -> None:
        """Puts many records into all orders."""
        for name, column in self._columns.items():
            self._orders[name].update(column.entries(self._records, keys))

    def remove(self, key: str, record: R, columns: Iterable[Column[R]]) -> None:
        """Takes a record, unchanged since it came in, out of the orders of these columns."""
        for column in columns:
            order = self._orders[column.name]
            for value in column.keys(record):
                order.remove((value, key))


class FilteredView(View[R]):
    """The records that conditions admit."""

    def __init__(
        self,
        records: Mapping[str, R],
        column: Column[R],
        members: Iterable[str],
        conditions: Sequence[Condition[R]],
    ) -> None:
        super().__init__(records, column, members)
        self._conditions = conditions

    def admits(self, record: R) -> bool:
        """Whether a record belongs into the view."""
        return all(condition.admits(record) for condition in self._conditions)


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows of an order are wanted: from ``start`` (inclusive) in one direction, ``limit`` of them (None: all)."""

    start: Entry | None = None
    descending: bool = False
    limit: int | None = None

    def rows(self, order: SortedList[Entry], spans: Sequence[Span] | None = None) -> Iterable[Entry]:
        """The rows of the order that lie in the spans, which ascend (None: the whole order)."""
        first, last = self._bounds(order)
        whole = [(0, len(order))]
        pieces = [(max(start, first), min(end, last)) for start, end in (whole if spans is None else spans)]
        if self.descending:
            pieces.reverse()
        return chain.from_iterable(order.islice(start, end, self.descending) for start, end in pieces)

    def cut(self, order: SortedList[Entry], spans: Sequence[Span] | None = None) -> list[Entry]:
        """The first ``limit`` of these rows."""
        return list(islice(self.rows(order, spans), self.limit))

    def _bounds(self, order: SortedList[Entry]) -> Span:
        if self.start is None:
            return 0, len(order)
        if self.descending:
            return 0, order.bisect_right(self.start)
        return order.bisect_left(self.start), len(order)

    def length(self, order: SortedList[Entry]) -> int:
        """How many entries the order has from ``start`` on."""
        first, last = self._bounds(order)
        return last - first
