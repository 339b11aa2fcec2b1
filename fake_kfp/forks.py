"""What a forked child has to put right: of all threads it has but the one that forked, so a lock that another held stays shut for ever."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from weakref import WeakMethod

_told: list[WeakMethod[Callable[[], None]]] = []


def tell(renew: Callable[[], None]) -> None:
    """Has this method called in every child, for as long as its object lives."""
    _told[:] = [each for each in _told if each() is not None]
    _told.append(WeakMethod(renew))


class Lock:
    """A lock, and in each child another one: ``with lock.held:``."""

    __slots__ = ("__weakref__", "held")

    def __init__(self) -> None:
        self._renew()
        tell(self._renew)

    def _renew(self) -> None:
        self.held = threading.RLock()


def _renew_all() -> None:
    for each in tuple(_told):
        renew = each()
        if renew is not None:
            renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
