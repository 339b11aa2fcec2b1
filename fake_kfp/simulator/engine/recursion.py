"""Room on Python's call stack for templates that call each other as deeply as Argo allows."""

from __future__ import annotations

import sys

from fake_kfp.simulator.engine.executor import MAXIMUM_DEPTH

_FRAMES_PER_CALL = 16
_FRAMES_AROUND = 1_000
_NEEDED = MAXIMUM_DEPTH * _FRAMES_PER_CALL + _FRAMES_AROUND


def make_room() -> None:
    """Raises the interpreter's recursion limit, if it is not high enough anyway.

    It stays so: the limit is one for all threads, another one may be in the middle of a look when this one's is over, and a lock
    around their number could be left held by a look that is interrupted, for all others to wait for.
    """
    if sys.getrecursionlimit() < _NEEDED:
        sys.setrecursionlimit(_NEEDED)
