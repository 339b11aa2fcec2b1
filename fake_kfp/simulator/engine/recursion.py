"""Room on Python's call stack for templates that call each other as deeply as Argo allows."""

from __future__ import annotations

import sys

from fake_kfp.simulator.engine.executor import MAXIMUM_DEPTH

_FRAMES_PER_CALL = 16
_FRAMES_AROUND = 1_000
_NEEDED = MAXIMUM_DEPTH * _FRAMES_PER_CALL + _FRAMES_AROUND


class deep_calls:  # a class since every look passes through it
    """Raises the interpreter's recursion limit for as long as a look takes, if it is not high enough anyway."""

    __slots__ = ("_limit",)

    def __enter__(self) -> None:
        self._limit = sys.getrecursionlimit()
        if self._limit < _NEEDED:
            sys.setrecursionlimit(_NEEDED)

    def __exit__(self, *raised: object) -> None:
        if self._limit < _NEEDED:
            sys.setrecursionlimit(self._limit)
