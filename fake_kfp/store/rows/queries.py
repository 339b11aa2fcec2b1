"""Finds the rows of a list, and how many there are in all, by the cheapest way that the indexes offer.

The ways, from cheap to dear: a slice of an order; the few candidates that the narrowest condition leaves, gathered and sorted; a
walk along the wanted order that tests each record, where enough of them are expected to be admitted; a view that is made for the
purpose and kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Generic, TypeVar

from sortedcontainers import SortedList

from fake_kfp.store.rows.columns import Column
from fake_kfp.store.rows.conditions import Condition, Entry, Span
from fake_kfp.store.rows.indexes import Indexes
from fake_kfp.store.rows.views import View, Window

R = TypeVar("R")

FEW = 128
"""So many candidates are gathered and sorted rather than looked for in any other way."""
WALK = 1024
"""So many records a walk may test."""
PART_WALK = 8
"""So many records a walk may test for each that is wanted, before a part of the table is worth a view."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The wanted entries of an order, and how many records there are with no regard to the window."""

    entries: list[Entry]
    total: int


@dataclass(frozen=True, slots=True)
class Choice(Generic[R]):
    """The candidates that the conditions on one column leave: spans of a view's order of that column."""

    column: Column[R]
    conditions: int
    order: SortedList[Entry]
    spans: list[Span]
    count: int

    def members(self) -> Iterator[str]:
        """Their id keys."""
        return (key for _, key in chain.from_iterable(self.order.islice(*span) for span in self.spans))


@dataclass(frozen=True, slots=True)
class Query(Generic[R]):
    """The records that all conditions admit, in the order of a column, as far as a window shows them."""

    records: Mapping[str, R]
    indexes: Indexes[R]
    column: Column[R]
    window: Window
    conditions: Sequence[Condition[R]] = field(default=())

    def rows(self) -> Rows:
        """Runs the query."""
        equalities, rest = _split(self.conditions)
        if not equalities:
            return self._within(self.indexes.everything, rest)
        part = self.indexes.part(equalities)
        if part is None:
            narrowest = _narrowest(self.indexes.everything, equalities)
            if narrowest.count <= FEW or self.window.limit is None:  # all of them are to be told anyway
                alone = narrowest.conditions == len(self.conditions)
                return self._gathered(narrowest.members(), () if alone else self.conditions)
            if len(self.conditions) == 1:
                walked = self._walked(self.indexes.everything, narrowest.count, PART_WALK * self.window.limit)
                if walked:
                    return walked
            part = self.indexes.make_part(equalities, self._admitted(narrowest.members(), equalities))
        return self._within(part, rest)

    def _within(self, view: View[R], rest: Sequence[Condition[R]]) -> Rows:
        """The rows in a view that takes care of all conditions but the rest."""
        if not rest:
            return self._slice(view)
        filtered = self.indexes.filtered(self.conditions)
        if filtered is not None:
            return self._slice(filtered)
        usable = [condition for condition in rest if condition.ranges is not None]
        if not usable:
            return self._filtered(view.members())
        narrowest = _narrowest(view, usable)
        alone = narrowest.conditions == len(rest)
        if alone and narrowest.column is self.column:
            return Rows(self.window.cut(narrowest.order, narrowest.spans), narrowest.count)
        if narrowest.count <= FEW:
            return self._gathered(narrowest.members(), self.conditions)
        walked = self._walked(view, narrowest.count, WALK) if alone else None
        return walked or self._filtered(narrowest.members())

    def _slice(self, view: View[R]) -> Rows:
        if not self.column.indexable:
            return self._gathered(view.members(), self.conditions)
        return Rows(self.window.cut(view.order(self.column)), len(view))

    def _admitted(self, keys: Iterable[str], conditions: Sequence[Condition[R]]) -> Iterator[str]:
        tests = [condition.admits for condition in conditions]
        return (key for key in keys if all(admits(self.records[key]) for admits in tests))

    def _gathered(self, keys: Iterable[str], conditions: Sequence[Condition[R]]) -> Rows:
        """The rows of these that such conditions admit as are left to be looked at."""
        admitted = list(self._admitted(keys, conditions) if conditions else keys)
        order = SortedList(self.column.entries(self.records, admitted))
        return Rows(self.window.cut(order), len(admitted))

    def _filtered(self, keys: Iterable[str]) -> Rows:
        return self._slice(self.indexes.make_filtered(self.conditions, self._admitted(keys, self.conditions)))

    def _walked(self, view: View[R], total: int, most: int) -> Rows | None:
        """The rows found by testing at most so many records of a view that admits ``total``; None if that is too few."""
        limit = self.window.limit
        if limit is None or not self.column.indexable or limit * len(view) > most * total:
            return None
        found: list[Entry] = []
        tests, records = [condition.admits for condition in self.conditions], self.records
        order = view.order(self.column)
        for entry in islice(self.window.rows(order), most):
            record = records[entry[1]]
            if all(admits(record) for admits in tests):
                found.append(entry)
                if len(found) == limit:
                    return Rows(found, total)
        return Rows(found, total) if self.window.length(order) <= most else None


def _split(conditions: Sequence[Condition[R]]) -> tuple[list[Condition[R]], list[Condition[R]]]:
    """One equality for each column that has any, and all other conditions."""
    equalities: dict[str, Condition[R]] = {}
    rest = []
    for condition in conditions:
        if condition.equals is not None and condition.ranges:
            first = equalities.setdefault(condition.column.name, condition)
            if first.identity == condition.identity:
                continue
        rest.append(condition)
    return list(equalities.values()), rest


def _narrowest(view: View[R], conditions: Sequence[Condition[R]]) -> Choice[R]:
    """The column whose conditions leave the fewest candidates."""
    by_column: dict[str, list[Condition[R]]] = {}
    for condition in conditions:
        by_column.setdefault(condition.column.name, []).append(condition)
    return min([_choice(view, same) for same in by_column.values()], key=lambda choice: choice.count)


def _choice(view: View[R], conditions: Sequence[Condition[R]]) -> Choice[R]:
    column = conditions[0].column
    order = view.order(column)
    spans = list(conditions[0].spans(order))
    for condition in conditions[1:]:
        spans = _intersection(spans, list(condition.spans(order)))
    return Choice(column, len(conditions), order, spans, sum(end - start for start, end in spans))


def _intersection(ones: list[Span], others: list[Span]) -> list[Span]:
    both = [(max(start, begin), min(end, stop)) for start, end in ones for begin, stop in others]
    return sorted([span for span in both if span[0] < span[1]])
