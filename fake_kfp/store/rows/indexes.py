"""What keeps lists quick: every view of a table, made when first needed and right ever after."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from fake_kfp.store.rows.columns import Column
from fake_kfp.store.rows.conditions import Condition
from fake_kfp.store.rows.views import FilteredView, View

R = TypeVar("R")

_FILTERED_VIEWS = 8
"""How many filters are remembered: each costs a test whenever a record changes."""


class Indexes(Generic[R]):
    """The views of a table: everything, its parts by equal values, and the latest filters.

    A part holds the records that equal given values in given columns (the runs of an experiment), and is found from a record by
    looking up its values, so there may be many.
    """

    def __init__(self, records: Mapping[str, R], first: Column[R]) -> None:
        self.everything: View[R] = View(records, first)
        self._records = records
        self._first = first
        self._parts: dict[tuple[Column[R], ...], dict[tuple[Any, ...], View[R]]] = {}
        self._filtered: OrderedDict[Hashable, FilteredView[R]] = OrderedDict()

    def rebuild(self) -> None:
        """Starts anew from the records, after a change that was interrupted in the middle."""
        self._parts.clear()
        self._filtered.clear()
        self.everything = View(self._records, self._first, self._records)

    def add(self, key: str, record: R) -> None:
        """Puts a new record into every view that it belongs into."""
        for view in self._homes(record):
            view.add(key, record, view.columns())

    def extend(self, keys: Collection[str]) -> None:
        """Puts many new records into their places. Where they are most of all, the parts are made anew when they are asked for."""
        if len(keys) > len(self.everything):
            self._parts.clear()
            self._filtered.clear()
        for key in keys if self._parts or self._filtered else ():
            record = self._records[key]
            for view in self._narrower(record):
                view.add(key, record, view.columns())
        self.everything.extend(keys)

    def remove(self, key: str, record: R) -> None:
        """Takes a record out of every view."""
        for view in self._homes(record):
            view.remove(key, record, view.columns())

    def moves(self, attributes: set[str]) -> bool:
        """Whether a record may have another place anywhere once these attributes are changed."""
        if self._parts or self._filtered:
            return True
        return any(column.attribute in attributes for column in self.everything.columns())

    def lift(self, key: str, record: R, attributes: set[str]) -> list[View[R]]:
        """Takes a record, whose attributes are about to be changed, from its places for :meth:`put_back`; gives the views it is in."""
        before = list(self._homes(record))
        for view in before:
            view.remove(key, record, _touched(view, attributes))
        return before

    def put_back(self, key: str, record: R, attributes: set[str], before: list[View[R]]) -> None:
        """Puts a record, whose attributes were changed, into its new places."""
        after = list(self._homes(record))
        for view in before:
            if view in after:
                view.add(key, record, _touched(view, attributes))
            else:
                view.remove(key, record, _untouched(view, attributes))
        for view in after:
            if view not in before:
                view.add(key, record, view.columns())

    def _homes(self, record: R) -> Iterator[View[R]]:
        """All views that a record belongs into."""
        yield self.everything
        yield from self._narrower(record)

    def _narrower(self, record: R) -> Iterator[View[R]]:
        """Those of them that don't hold everything."""
        for columns, parts in self._parts.items():
            part = parts.get(tuple([column.key(record) for column in columns]))
            if part is not None:
                yield part
        for view in self._filtered.values():
            if view.admits(record):
                yield view

    def part(self, equalities: Sequence[Condition[R]]) -> View[R] | None:
        """The part with these values, if it has been made."""
        columns, values = _part_key(equalities)
        return self._parts.get(columns, {}).get(values)

    def make_part(self, equalities: Sequence[Condition[R]], members: Iterator[str]) -> View[R]:
        """Makes the part with these values, of the members given."""
        columns, values = _part_key(equalities)
        part = View(self._records, self._first, members)
        self._parts.setdefault(columns, {})[values] = part
        return part

    def filtered(self, conditions: Sequence[Condition[R]]) -> FilteredView[R] | None:
        """The view of what these conditions admit, if it is remembered."""
        identity = _identity(conditions)
        if identity in self._filtered:
            self._filtered.move_to_end(identity)
        return self._filtered.get(identity)

    def make_filtered(self, conditions: Sequence[Condition[R]], members: Iterator[str]) -> FilteredView[R]:
        """Makes the view of what these conditions admit, of the members given; forgets the one unused for longest."""
        view = FilteredView(self._records, self._first, members, conditions)
        self._filtered[_identity(conditions)] = view
        if len(self._filtered) > _FILTERED_VIEWS:
            self._filtered.popitem(last=False)
        return view


def _part_key(equalities: Sequence[Condition[R]]) -> tuple[tuple[Column[R], ...], tuple[Any, ...]]:
    by_name = sorted(equalities, key=lambda condition: condition.column.name)
    return tuple([each.column for each in by_name]), tuple([each.equals for each in by_name])


def _identity(conditions: Sequence[Condition[R]]) -> Hashable:
    return frozenset([condition.identity for condition in conditions])


def _touched(view: View[R], attributes: set[str]) -> list[Column[R]]:
    return [column for column in view.columns() if column.attribute in attributes]


def _untouched(view: View[R], attributes: set[str]) -> list[Column[R]]:
    return [column for column in view.columns() if column.attribute not in attributes]
