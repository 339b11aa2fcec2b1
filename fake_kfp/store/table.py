"""Tables of records, with the indexes that make a page of a list cost the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fake_kfp.golang.json_text import dumps
from fake_kfp.store.changes import UNNOTED, Changes
from fake_kfp.store.lists import tokens
from fake_kfp.store.lists.options import ListOptions
from fake_kfp.store.lists.schemas import Schema
from fake_kfp.store.lists.token_names import METRIC_COLUMN
from fake_kfp.store.mariadb.collation import as_number, sort_key
from fake_kfp.store.mariadb.metric_names import fault_of
from fake_kfp.store.rows.columns import KEY_COLUMN, Column, Kind, metric
from fake_kfp.store.rows.conditions import Condition, Entry, condition
from fake_kfp.store.rows.indexes import Indexes
from fake_kfp.store.rows.queries import Query, Rows
from fake_kfp.store.rows.views import Window

R = TypeVar("R")

Claims = Mapping[tuple[str, ...], tuple[Any, ...]]
"""What a record has, or is to have, under unique constraints."""


_MUCH_OF_A_TABLE = 10
"""Of a table of so many times as many records each is taken out of its places; of a smaller one the places are made anew."""


class DuplicateKey(Exception):
    """A record with this id, or with the same values under a unique constraint, is there already.

    ``attributes`` are those of the constraint: ``("id",)`` for the primary key.
    """

    def __init__(self, attributes: tuple[str, ...]) -> None:
        super().__init__(f"duplicate {', '.join(attributes)}")
        self.attributes = attributes


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """One page of a list; ``next_page_token`` is empty on the last one, ``total_size`` counts all that match."""

    records: list[R]
    next_page_token: str
    total_size: int


class Table(Generic[R]):
    """The records of one type. Ids and texts compare as in the database (case, accents and trailing blanks don't count).

    A change happens as a whole or not at all, whatever interrupts it. Callers read records freely but change them through
    :meth:`update` only. ``unique`` are constraints as attribute names,
    e.g. ``[("namespace", "name")]``; ``indexed`` the attributes that are often asked for by value, whose index is kept from the
    start. A ``where`` maps attributes (``experiment_id``) to the value that they must equal. ``changes`` are told how to take back
    each change.
    """

    def __init__(
        self,
        schema: Schema[R],
        unique: Sequence[tuple[str, ...]] = (),
        indexed: Sequence[str] = (),
        changes: Changes | None = None,
    ) -> None:
        self.schema = schema
        self._changes = changes or UNNOTED
        self._id = schema.columns[KEY_COLUMN]
        self._oldest_first = schema.columns[schema.default_sort]
        self._records: dict[str, R] = {}
        self._indexes: Indexes[R] = Indexes(self._records, self._oldest_first)
        self._metrics: dict[str, Column[Any]] = {}
        self._unique: dict[tuple[str, ...], dict[tuple[Any, ...], str]] = {
            attributes: {} for attributes in unique
        }
        for attribute in indexed:
            self._indexes.everything.order(schema.by_attribute[attribute])

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[R]:
        """All records, in the order in which they came."""
        return iter(self._records.values())

    def get(self, id: str) -> R | None:
        """The record with this id."""
        return self._records.get(sort_key(id))

    def insert(self, record: R) -> None:
        """Adds a record; :class:`DuplicateKey` where its id or a unique value is taken."""
        key = self._id.key(record)
        if key in self._records:
            raise DuplicateKey((self._id.attribute,))
        claims = self._unique_values(record)
        self._check_free(key, claims)
        try:
            self._records[key] = record
            self._claim(key, claims)
            self._indexes.add(key, record)
            self._changes.note(self._remove, key)
        except BaseException:
            self._records.pop(key, None)
            self._restore(key, claims, {})
            raise

    def extend(self, records: Sequence[R]) -> None:
        """Adds many records at once, which costs less than one after the other; none where :class:`DuplicateKey` refuses one."""
        added: dict[str, R] = {}
        claimed: dict[str, Claims] = {}
        try:
            for record in records:
                key = self._id.key(record)
                if key in self._records or key in added:
                    raise DuplicateKey((self._id.attribute,))
                if self._unique:
                    claims = self._unique_values(record)
                    self._check_free(key, claims)
                    claimed[key] = claims
                    self._claim(key, claims)
                added[key] = record
            self._records.update(added)
            self._indexes.extend(added)
            self._changes.note(self._remove_all, tuple(added))
        except BaseException:
            for key in added:
                self._records.pop(key, None)
            for key, mine in claimed.items():
                self._take_back(key, mine)
            self._indexes.rebuild()
            raise

    def update(self, record: R, **changes: Any) -> None:
        """Sets attributes of a record of this table, but the id; a list is replaced by a new one, not changed in place.

        :class:`DuplicateKey`, and no change, where a unique value is taken.
        """
        key = self._id.key(record)
        attributes = set(changes)
        claimed = [constraint for constraint in self._unique if attributes.intersection(constraint)]
        old = {attribute: getattr(record, attribute) for attribute in changes}
        before = self._unique_values(record, claimed)
        after = self._unique_values(record, claimed, changes)
        self._check_free(key, after)
        moves = self._indexes.moves(attributes)
        try:
            self._release(before)
            self._claim(key, after)
            views = self._indexes.lift(key, record, attributes) if moves else []
            for attribute, value in changes.items():
                setattr(record, attribute, value)
            if moves:
                self._indexes.put_back(key, record, attributes, views)
            self._changes.note(self._revert, record, old)
        except BaseException:
            for attribute, value in old.items():
                setattr(record, attribute, value)
            self._restore(key, after, before)
            raise

    def delete(self, id: str) -> R | None:
        """Removes and returns the record with this id, if there is one."""
        return self._remove(sort_key(id))

    def delete_all(self, ids: Iterable[str]) -> None:
        """Removes the records with these ids at once, which costs less than one after the other where they are much of the table."""
        removed = {key: self._records[key] for key in map(sort_key, ids) if key in self._records}
        if len(removed) * _MUCH_OF_A_TABLE < len(self._records):
            for key in removed:
                self._remove(key)
            return
        claims = {key: self._unique_values(record) for key, record in removed.items()} if self._unique else {}
        before = dict(self._records)  # in their order
        try:
            self._changes.note(self._bring_all_back, removed)
            for key in removed:
                del self._records[key]
            for mine in claims.values():
                self._release(mine)
            self._indexes.rebuild()
        except BaseException:
            self._records.clear()
            self._records.update(before)
            for key, mine in claims.items():
                self._claim(key, mine)
            self._indexes.rebuild()
            raise

    def _remove(self, key: str) -> R | None:
        record = self._records.get(key)
        if record is None:
            return None
        claims = self._unique_values(record)
        try:
            self._indexes.remove(key, record)
            self._release(claims)
            self._changes.note(self._bring_back, key, record)
            del self._records[key]
        except BaseException:
            self._restore(key, claims, claims if key in self._records else {})
            raise
        return record

    def restore(self, records: Sequence[R]) -> None:
        """Holds these records and no others; :class:`DuplicateKey` where two of them can't be in one table."""
        self._records.clear()
        for taken in self._unique.values():
            taken.clear()
        self._indexes.rebuild()
        self.extend(records)

    def _remove_all(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._remove(key)

    def _revert(self, record: R, old: Mapping[str, Any]) -> None:
        self.update(record, **old)

    def _bring_back(self, key: str, record: R) -> None:
        if key not in self._records:
            self.insert(record)

    def _bring_all_back(self, removed: Mapping[str, R]) -> None:
        self.extend([record for key, record in removed.items() if key not in self._records])

    def find(self, **where: Any) -> Iterator[R]:
        """The records whose attributes equal these values, oldest first; all of them without any.

        They may be changed and deleted meanwhile.
        """
        rows = self._rows(self._oldest_first, Window(), self._equalities(where))
        return iter([self._records[key] for _, key in rows.entries])

    def newest(self, **where: Any) -> R | None:
        """The record created last (the largest id among those of one second) whose attributes equal these values."""
        rows = self._rows(self._oldest_first, Window(descending=True, limit=1), self._equalities(where))
        return self._records[rows.entries[0][1]] if rows.entries else None

    def count(self, **where: Any) -> int:
        """How many records have attributes equal to these values."""
        return self._rows(self._oldest_first, Window(limit=1), self._equalities(where)).total

    def page(self, options: ListOptions[R], where: Mapping[str, Any] | None = None) -> Page[R]:
        """A page of the records that the options' filter and ``where`` admit.

        Errors are those of the real server: a next page that cannot be named, or a token that its database does not understand.
        """
        conditions = [*self._equalities(where or {}), *options.conditions()]
        column = self._column(options)
        window = Window(_start(column, options), options.descending, options.page_size + 1)
        rows = self._rows(column, window, conditions)
        records = [self._records[key] for key in dict.fromkeys([key for _, key in rows.entries])]
        if len(records) <= options.page_size:
            return Page(records, "", rows.total)
        return Page(records[:-1], tokens.encode(options.starting_at(records[-1])), rows.total)

    def _column(self, options: ListOptions[R]) -> Column[Any]:
        name = options.metric
        if name is None:
            return options.column()
        shown = METRIC_COLUMN if options.dialect.sort_columns_in_tokens else name
        fault = fault_of(shown, first_page=options.start is None)
        if fault:
            raise options.refused_by_database(fault)
        return self._metrics.setdefault(name, metric(name))

    def _rows(self, column: Column[R], window: Window, conditions: Sequence[Condition[R]]) -> Rows:
        return Query(self._records, self._indexes, column, window, conditions).rows()

    def _equalities(self, where: Mapping[str, Any]) -> list[Condition[R]]:
        return [
            condition(self.schema.by_attribute[attribute], "EQ", value) for attribute, value in where.items()
        ]

    def _unique_values(
        self,
        record: R,
        constraints: Sequence[tuple[str, ...]] | None = None,
        changes: Mapping[str, Any] | None = None,
    ) -> dict[tuple[str, ...], tuple[Any, ...]]:
        """The values that a record has, or will have after changes, under each constraint."""
        changes = changes or {}
        return {
            attributes: tuple(
                [
                    sort_key(changes[attribute])
                    if attribute in changes
                    else self.schema.by_attribute[attribute].key(record)
                    for attribute in attributes
                ]
            )
            for attributes in (self._unique if constraints is None else constraints)
        }

    def _check_free(self, key: str, claims: Claims) -> None:
        for attributes, values in claims.items():
            if self._unique[attributes].get(values, key) != key:
                raise DuplicateKey(attributes)

    def _claim(self, key: str, claims: Claims) -> None:
        for attributes, values in claims.items():
            self._unique[attributes][values] = key

    def _release(self, claims: Claims) -> None:
        for attributes, values in claims.items():
            self._unique[attributes].pop(values, None)

    def _restore(self, key: str, wrong: Claims, right: Claims) -> None:
        """Undoes what an interrupted change made of unique values and indexes; the records themselves are as they are to be."""
        self._take_back(key, wrong)
        self._claim(key, right)
        self._indexes.rebuild()

    def _take_back(self, key: str, claims: Claims) -> None:
        """Releases those of these values that are the record's own."""
        for attributes, values in claims.items():
            if self._unique[attributes].get(values) == key:
                del self._unique[attributes][values]


def _start(column: Column[Any], options: ListOptions[Any]) -> Entry | None:
    """The page's first place in the order, as a token names it."""
    if options.start is None:
        return None
    value, id = options.start
    if column.kind is Kind.TEXT:
        return sort_key(value if isinstance(value, str) else dumps(value)), sort_key(id)
    return as_number(value) if isinstance(value, str) else value, sort_key(id)
