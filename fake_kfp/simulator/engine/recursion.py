"""Room on Python's call stack for templates that call each other as deeply as Argo allows."""

from __future__ import annotations

import sys

from fake_kfp.simulator.engine.executor import MAXIMUM_DEPTH

_FRAMES_PER_CALL = 16
_FRAMES_AROUND = 1_003
_NEEDED = MAXIMUM_DEPTH * _FRAMES_PER_CALL + _FRAMES_AROUND
"""No round number, so that the limit is known as ours."""

_looks: list[None] = []
"""An entry for each look that goes on, in whatever thread: the interpreter's limit is one for all."""

_before = [_NEEDED]
"""The limit as it was before it was raised last."""


class deep_calls:  # a class since every look passes through it
    """Raises the interpreter's recursion limit for as long as any look takes, if it is not high enough anyway.

    Looks are counted by what Python does in one piece, without a lock: one that was interrupted while it held that would keep all
    others waiting for ever. What an interrupted look leaves behind is a limit that stays raised.
    """

    __slots__ = ()

    def __enter__(self) -> None:
        _looks.append(None)
        _raise()

    def __exit__(self, *raised: object) -> None:
        _looks.pop()
        if not _looks and sys.getrecursionlimit() == _NEEDED:
            sys.setrecursionlimit(_before[0])
            if _looks:  # another one came in meanwhile, and found the limit high enough
                _raise()


def _raise() -> None:
    limit = sys.getrecursionlimit()
    if limit < _NEEDED:
        _before[0] = limit
        sys.setrecursionlimit(_NEEDED)
