"""Finding the records of one kind, and showing them as views."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Generic, TypeVar

from fake_kfp.control.near import there_are
from fake_kfp.deployment import Deployment
from fake_kfp.store.table import Table
from fake_kfp.store.world import World

R = TypeVar("R")
V = TypeVar("V")

Source = Callable[[], Deployment]

_SHOWN_IDS = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that can be asked of records: which attribute it is about, and which of its values are meant.

    ``meant`` gives these values, several where the question leaves that open. ``indexed`` is whether the table can look them up.
    """

    attribute: str
    meant: Callable[[Deployment, Any], Sequence[Any]] = lambda deployment, value: (value,)
    indexed: bool = True

    def read(self, record: Any) -> Any:
        """What a record has there."""
        return attrgetter(self.attribute)(record)


@dataclass(frozen=True, slots=True)
class Kind(Generic[R, V]):
    """The records of one kind: what they are called, where they lie, how they are shown, what they can be asked by.

    ``before`` is called before records are looked for, with the names of what is asked, and says whether those that are found are as they
    are to be seen; else ``after`` is called with them.
    """

    noun: str
    table: Callable[[World], Table[Any]]
    view: Callable[[Deployment, R], V]
    questions: Mapping[str, Asked]
    before: Callable[[Deployment, frozenset[str]], bool] = lambda deployment, asked: True
    after: Callable[[Deployment, Sequence[R]], None] = lambda deployment, found: None

    def find(self, deployment: Deployment, asked: Mapping[str, Any]) -> list[R]:
        """The records that are asked for, oldest first; what is asked as None is not asked. Raises LookupError, TypeError."""
        said = {name: value for name, value in asked.items() if value is not None}
        for name in said:
            if name not in self.questions:
                known = there_are(self.questions, name, most=len(self.questions))
                raise TypeError(f"{self.noun}s can't be asked by {name!r}; {known}")
        is_ready = self.before(deployment, frozenset(said))
        found = self._fitting(deployment, said)
        if not is_ready:
            self.after(deployment, found)
        return found

    def one(self, deployment: Deployment, asked: Mapping[str, Any]) -> R:
        """The only record that is asked for. Raises LookupError where there is none, or more than one, with what there is."""
        found = self.find(deployment, asked)
        if len(found) == 1:
            return found[0]
        said = {name: value for name, value in asked.items() if value is not None}
        if not found:
            raise LookupError(self._nothing(deployment, said))
        ids = there_are([each.id for each in found], most=_SHOWN_IDS)  # type: ignore[attr-defined]  # all records have ids
        raise LookupError(f"{len(found)} {self.noun}s{_which(said)}, not one; ask by id, {ids}")

    def _fitting(self, deployment: Deployment, said: Mapping[str, Any]) -> list[R]:
        table = self.table(deployment.world)
        if not said:
            return sorted(table, key=attrgetter("created_at"))
        meant = {name: self.questions[name].meant(deployment, value) for name, value in said.items()}
        if "id" in said:
            record = table.get(said["id"])
            candidates = [] if record is None else [record]
        else:
            where = {
                self.questions[name].attribute: list(values)
                for name, values in meant.items()
                if self.questions[name].indexed
            }
            candidates = list(table.find(**where))
        # the database's idea of equal texts is wider than ours
        found = [
            record
            for record in candidates
            if all(self.questions[name].read(record) in values for name, values in meant.items())
        ]
        return _in_order(table, found)

    def _nothing(self, deployment: Deployment, said: Mapping[str, Any]) -> str:
        """That there is nothing of the kind, and what there is that differs in one thing only."""
        for name in reversed(list(said)):
            others = self._fitting(deployment, {key: value for key, value in said.items() if key != name})
            if others:
                values = [str(self.questions[name].read(each)) for each in others]
                known = there_are(values, str(said[name]))
                another = f"with another {name} " if len(said) > 1 else ""
                return f"no {self.noun}{_which(said)}; {another}{known}"
        return f"no {self.noun}{_which(said)}; there are {len(self.table(deployment.world)) or 'none'}"


def _in_order(table: Table[Any], found: list[Any]) -> list[Any]:
    """Oldest first; of those of one second in the order in which they came, which the table alone knows."""
    if len({each.created_at for each in found}) < len(found):
        wanted = set(map(id, found))
        found = [each for each in table if id(each) in wanted]
    return sorted(found, key=attrgetter("created_at"))


def _which(said: Mapping[str, Any]) -> str:
    """``named 'nightly'``, ``with name='nightly', state='FAILED'``."""
    if list(said) == ["name"]:
        return f" named {said['name']!r}"
    return f" with {', '.join(f'{name}={value!r}' for name, value in said.items())}" if said else ""


class Views(Generic[R, V]):
    """The records of one kind in a world, as views, oldest first: each look is a snapshot.

    Looking takes no step of the clock, as a call of a client does: a test may look as often as it likes. What is due has happened.
    """

    kind: Kind[R, V]

    def __init__(self, source: Source) -> None:
        self._source = source

    def __iter__(self) -> Iterator[V]:
        return iter(self._all({}))

    def __len__(self) -> int:
        with self._source().visit(step=False) as deployment:
            return len(self.kind.table(deployment.world))

    def page(self, asked: Mapping[str, Any], offset: int, limit: int) -> tuple[list[V], int]:
        """A part of what is asked for, and how much that is in all."""
        with self._source().visit(step=False) as deployment:
            found = self.kind.find(deployment, asked)
            shown = found[offset : offset + limit]
            return [self.kind.view(deployment, each) for each in shown], len(found)

    def _one(self, asked: Mapping[str, Any]) -> V:
        with self._source().visit(step=False) as deployment:
            return self.kind.view(deployment, self.kind.one(deployment, asked))

    def _all(self, asked: Mapping[str, Any]) -> list[V]:
        with self._source().visit(step=False) as deployment:
            return [self.kind.view(deployment, each) for each in self.kind.find(deployment, asked)]


def named(noun: str, table: Callable[[World], Table[Any]]) -> Callable[[Deployment, Any], Sequence[str]]:
    """The ids of what has this id or name (a view stands for its id). Raises LookupError where there is nothing of that name."""

    def ids(deployment: Deployment, value: Any) -> Sequence[str]:
        records, asked = table(deployment.world), getattr(value, "id", value)
        if records.get(asked) is not None:
            return (asked,)
        found = [each.id for each in records.find(name=asked) if each.name == asked]
        if not found:
            raise LookupError(
                f"no {noun} named {asked!r}; {there_are((each.name for each in records), asked)}"
            )
        return found

    return ids


def is_archived(deployment: Deployment, value: Any) -> Sequence[Any]:
    """The storage states of what is archived, or not."""
    return ("ARCHIVED",) if value else ("AVAILABLE", "STORAGE_STATE_UNSPECIFIED")
