"""The columns of the real server's database: how a record is read, sorted and compared by each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from math import inf
from operator import attrgetter
from typing import Any, Generic, TypeVar

from fake_kfp.golang.json_text import dumps
from fake_kfp.store.mariadb.collation import sort_key
from fake_kfp.store.records import Run, StateChange, Task

R = TypeVar("R")

KEY_COLUMN = "UUID"


class Kind(Enum):
    """The type of a database column, which decides how it compares."""

    TEXT = "text"
    INTEGER = "integer"
    FLOAT = "float"


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """A column of the real database: its name there, the record's attribute that holds it, and how to read it.

    ``key`` is what a record sorts by. A column that is not ``pageable`` is one that ``GetFieldValue`` of the model does not know:
    it can be sorted by only while everything fits on one page. One that is not ``indexable`` is never kept in order, since its
    value may change unseen. For one that has ``several`` values, ``key`` gives a list, and a record is listed for each. A ``long``
    one holds texts of any length.
    """

    name: str
    attribute: str
    kind: Kind
    read: Callable[[R], Any]
    key: Callable[[R], Any]
    pageable: bool = True
    indexable: bool = True
    several: bool = False
    long: bool = False

    def keys(self, record: R) -> Sequence[Any]:
        """The keys under which an order of this column lists the record."""
        return self.key(record) if self.several else (self.key(record),)

    def entries(self, records: Mapping[str, R], ids: Iterable[str]) -> list[tuple[Any, str]]:
        """The places of these records in an order of this column, in no order."""
        key = self.key
        if self.several:
            return [(value, id) for id in ids for value in key(records[id])]
        return [(key(records[id]), id) for id in ids]


_shared_key = lru_cache(maxsize=4096)(sort_key)


def metric(name: str) -> Column[Run]:
    """What ``sort_by=metric:name`` orders runs by.

    The real server joins the runs with the metrics of that name (``run_store.go: addSortByRunMetricToSelect``): a run without one
    has no value, which comes before all others; one whose nodes reported several is listed for each.
    """
    wanted = sort_key(name)

    def values(run: Run) -> list[float]:
        return [metric.value for metric in run.metrics if sort_key(metric.name) == wanted] or [-inf]

    return Column(f"metric:{name}", "metrics", Kind.FLOAT, values, values, several=True)


def text(name: str, attribute: str, pageable: bool = True, long: bool = False) -> Column[Any]:
    """A text column whose values mostly differ; ``attribute`` may name one of an attribute's own (``spec.parameters``)."""
    read = attrgetter(attribute)
    owner = attribute.partition(".")[0]
    return Column(name, owner, Kind.TEXT, read, lambda record: sort_key(read(record)), pageable, long=long)


def long_text(name: str, attribute: str, pageable: bool = False) -> Column[Any]:
    """A text column for texts of any length, such as manifests."""
    return text(name, attribute, pageable, long=True)


def word(name: str, attribute: str, pageable: bool = True) -> Column[Any]:
    """A text column where few values stand in many records, which share their sort keys."""
    read = attrgetter(attribute)
    return Column(name, attribute, Kind.TEXT, read, lambda record: _shared_key(read(record)), pageable)


def integer(name: str, attribute: str, pageable: bool = True) -> Column[Any]:
    """A column of whole numbers, such as times in seconds."""
    read = attrgetter(attribute)
    return Column(name, attribute, Kind.INTEGER, read, read, pageable)


def _history_text(record: Run | Task) -> str:
    return _marshalled_history(tuple(record.state_history))


@lru_cache(maxsize=1024)
def _marshalled_history(history: tuple[StateChange, ...]) -> str:
    """Many records have the history of others that were made in the same second."""
    return dumps([_change_json(change) for change in history])


def _change_json(change: StateChange) -> dict[str, Any]:
    pairs = {"UpdateTimeInSec": change.at, "State": change.state}
    return {name: value for name, value in pairs.items() if value}


STATE_HISTORY: Column[Any] = Column(
    "StateHistory",
    "state_history",
    Kind.TEXT,
    _history_text,
    lambda record: sort_key(_history_text(record)),
    pageable=False,
    indexable=False,
    long=True,
)
