"""Tables of records, with the indexes that make a page of a list cost the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fake_kfp.store.columns import Schema
from fake_kfp.store.listing import ListOptions

R = TypeVar("R")


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

    Callers read records freely but change them through :meth:`update` only. ``unique`` are constraints as attribute names,
    e.g. ``[("namespace", "name")]``. A ``where`` maps attributes (``experiment_id``) to the value that they must equal.
    """

    def __init__(self, schema: Schema[R], unique: Sequence[tuple[str, ...]] = ()) -> None:
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError

    def get(self, id: str) -> R | None:
        """The record with this id."""
        raise NotImplementedError

    def insert(self, record: R) -> None:
        """Adds a record; :class:`DuplicateKey` where its id or a unique value is taken."""
        raise NotImplementedError

    def update(self, record: R, **changes: Any) -> None:
        """Sets attributes of a record of this table; :class:`DuplicateKey` (and no change) where a unique value is taken."""
        raise NotImplementedError

    def delete(self, id: str) -> R | None:
        """Removes and returns the record with this id, if there is one."""
        raise NotImplementedError

    def find(self, **where: Any) -> Iterator[R]:
        """The records whose attributes equal these values, oldest first (``find()``: all). Safe while they are changed or deleted."""
        raise NotImplementedError

    def newest(self, **where: Any) -> R | None:
        """The record created last (the largest id among those of one second) whose attributes equal these values."""
        raise NotImplementedError

    def count(self, **where: Any) -> int:
        """How many records have attributes equal to these values."""
        raise NotImplementedError

    def page(self, options: ListOptions, where: Mapping[str, Any] | None = None) -> Page[R]:
        """A page of the records that the options' filter and ``where`` admit."""
        raise NotImplementedError
