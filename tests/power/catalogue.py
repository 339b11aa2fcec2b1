"""What a defect is, and how one is applied: by putting another function in the place of one of the fake's."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any

Function = Callable[..., Any]


class Patches:
    """Replaces functions and other attributes of modules and classes; :meth:`undo` puts them back."""

    def __init__(self) -> None:
        self._before: list[tuple[Any, str, Any]] = []

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Replaces an attribute. Raises AttributeError where there is none: then the defect is out of date."""
        before = vars(owner)[name] if name in vars(owner) else getattr(owner, name)
        self._before.append((owner, name, before))
        setattr(owner, name, value)

    def wrap(self, owner: Any, name: str, make: Callable[[Function], Any]) -> None:
        """Replaces a function by what ``make`` makes of it."""
        self.set(owner, name, make(getattr(owner, name)))

    def add(self, module: Any, name: str, value: Any) -> None:
        """Puts a name into a module that hides a built-in one."""
        self._before.append((module, name, getattr(builtins, name)))
        setattr(module, name, value)

    def undo(self) -> None:
        """Puts everything back, the last first."""
        while self._before:
            setattr(*self._before.pop())


@dataclass(frozen=True)
class Defect:
    """A deliberate defect, of a fake that speaks a ``release`` (None: as it does unless told).

    ``suspects`` are patterns of the rules that are to catch it, and are tried first.
    """

    name: str
    about: str
    apply: Callable[[Patches], None]
    suspects: tuple[str, ...]
    release: str | None = None

    @property
    def module(self) -> str:
        """The module of the catalogue that it stands in."""
        return self.apply.__module__.rpartition(".")[2]

    def suspects_rule(self, name: str) -> bool:
        """Whether a rule of this name is to catch it."""
        return any(fnmatch(name, each) for each in self.suspects)


CATALOGUE: dict[str, Defect] = {}


def defect(
    *suspects: str, release: str | None = None
) -> Callable[[Callable[[Patches], None]], Callable[[Patches], None]]:
    """Adds a defect to the catalogue: named after the function, explained by its docstring."""

    def add(apply: Callable[[Patches], None]) -> Callable[[Patches], None]:
        name = apply.__name__.replace("_", "-")
        assert name not in CATALOGUE, f"there are two defects called {name}"
        CATALOGUE[name] = Defect(name, (apply.__doc__ or "").strip(), apply, suspects, release)
        return apply

    return add
