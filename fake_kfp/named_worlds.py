"""The worlds of one server by their names."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Generic, TypeVar

from fake_kfp import forks
from fake_kfp.transport.worlds import no_such_world

World = TypeVar("World")

MOST_WORLDS = 100
"""How many worlds there are at most besides a server's own, unless told otherwise."""

_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")


class WorldError(ValueError):
    """A world that can't be made, or is not there; ``taken`` says that there is one, or no room for another."""

    def __init__(self, what: str, *, taken: bool = False) -> None:
        super().__init__(f"fake_kfp: {what}")
        self.taken = taken


class NamedWorlds(Generic[World]):
    """Worlds by name, ``most`` of them. Any thread may call."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = forks.Lock()
        self._worlds: dict[str, World] = {}

    def names(self) -> list[str]:
        """The names, in the order in which they came."""
        return list(self._worlds)

    def find(self, name: str) -> World:
        """The world of this name. Raises KfpError, NOT_FOUND, where there is none."""
        world = self._worlds.get(name)
        if world is None:
            raise no_such_world(name)
        return world

    def add(self, name: str, make: Callable[[], World]) -> World:
        """A new world of this name. Raises WorldError."""
        if not _NAME.fullmatch(name) or name in (".", ".."):
            raise WorldError(
                f"the name of a world is 1 to 100 letters, digits, dots, dashes and underscores, not {name!r}"
            )
        with self._lock.held:
            if name in self._worlds:
                raise WorldError(f"there is a world {name!r} already", taken=True)
            if len(self._worlds) >= self._most:
                raise WorldError(
                    f"there are {self._most} worlds already: drop one, or start the server with max_worlds, --max-worlds",
                    taken=True,
                )
            world = self._worlds[name] = make()
        return world

    def drop(self, name: str) -> None:
        """Forgets a world. Raises WorldError where there is none of this name."""
        with self._lock.held:
            if self._worlds.pop(name, None) is None:
                raise WorldError(
                    f"there is no world {name!r}; there are: {', '.join(self._worlds) or 'none'}"
                )
