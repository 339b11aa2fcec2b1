"""What a visit has changed so far, so that all of it can be taken back: a visit that is broken off leaves the world as it found it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

_ABSENT: Any = object()


class Changes:
    """The inverse of each change, in order; nothing is noted while changes are taken back.

    Inverses may be run where their change did not happen, or only just: they make sure that it has not.
    """

    __slots__ = ("_inverses", "in_lasting", "keep", "noting")

    def __init__(self, noting: bool = True) -> None:
        self._inverses: list[tuple[Any, ...]] = []
        self.noting = noting
        """False while changes are taken back, and still so if that was interrupted; or where nobody ever will."""
        self.in_lasting = False
        """Whether something is being done that lasts once it is done."""
        self.keep: Callable[[], None] = self._inverses.clear
        """What was changed so far stays."""

    def note(self, inverse: Callable[..., object], *arguments: Any) -> None:
        """Something changes, and this call undoes it."""
        if self.noting:
            self._inverses.append(
                (inverse, *arguments)
            )  # one object each: they all live as long as the visit

    def note_entry(self, mapping: MutableMapping[Key, Value], key: Key) -> None:
        """This entry of a mapping is about to be set or to go."""
        if self.noting:
            self._inverses.append((_reset, mapping, key, mapping.get(key, _ABSENT)))

    def drop_entry(self, mapping: MutableMapping[Key, Value], key: Key) -> None:
        """Takes this entry out of a mapping, if it is there."""
        if key in mapping:
            self.note_entry(mapping, key)
            del mapping[key]

    @contextmanager
    def lasting(self) -> Iterator[None]:
        """What is changed inside stays once all of it is done, whatever becomes of the visit; what was before can still be taken back."""
        if self.in_lasting or not self.noting:  # a part of something
            yield
            return
        self.in_lasting = True
        place = len(self._inverses)
        self._inverses.append(_MARK)
        try:
            yield
        finally:
            self.in_lasting = False
        if place < len(self._inverses) and self._inverses[place] is _MARK:
            del self._inverses[place:]
        else:  # what was before has been kept in between
            self._inverses.clear()

    def take_back(self) -> None:
        """Undoes everything since the last :attr:`keep`, the last change first."""
        self.noting = False
        while self._inverses:
            inverse, *arguments = self._inverses[-1]
            inverse(*arguments)
            self._inverses.pop()
        self.noting = True


def _reset(mapping: MutableMapping[Any, Any], key: Any, value: Any) -> None:
    if value is _ABSENT:
        mapping.pop(key, None)
    else:
        mapping[key] = value


def _nothing() -> None:
    """Where something began: there is nothing to undo."""


_MARK = (_nothing,)

UNNOTED = Changes(noting=False)
"""For what belongs to no world: nothing is ever taken back."""
