"""Room on Python's call stack for templates that call each other as deeply as Argo allows."""

from __future__ import annotations

import sys

from fake_kfp import forks
from fake_kfp.simulator.engine.executor import MAXIMUM_DEPTH

_FRAMES_PER_CALL = 16
_FRAMES_AROUND = 1_000
_NEEDED = MAXIMUM_DEPTH * _FRAMES_PER_CALL + _FRAMES_AROUND


class _Limit:
    """The interpreter's limit, one for all threads: how many looks go on under a raised one, and what it was before."""

    def __init__(self) -> None:
        self.lock = forks.Lock()
        self.looks = 0
        self.before = 0


_limit = _Limit()


class deep_calls:  # a class since every look passes through it
    """Raises the interpreter's recursion limit for as long as any look takes, if it is not high enough anyway."""

    __slots__ = ()

    def __enter__(self) -> None:
        with _limit.lock.held:
            if not _limit.looks:
                _limit.before = sys.getrecursionlimit()
            _limit.looks += 1
            if _limit.before < _NEEDED:
                sys.setrecursionlimit(_NEEDED)

    def __exit__(self, *raised: object) -> None:
        with _limit.lock.held:
            _limit.looks -= 1
            if not _limit.looks and _limit.before < _NEEDED:
                sys.setrecursionlimit(_limit.before)
