"""Room on Python's call stack for templates that call each other as deeply as Argo allows."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from fake_kfp.simulator.engine.executor import MAXIMUM_DEPTH

_FRAMES_PER_CALL = 16
_FRAMES_AROUND = 1_000


@contextmanager
def deep_calls() -> Iterator[None]:
    """Raises the interpreter's recursion limit for as long as a look takes, if it is not high enough anyway."""
    limit = sys.getrecursionlimit()
    needed = MAXIMUM_DEPTH * _FRAMES_PER_CALL + _FRAMES_AROUND
    if limit >= needed:
        yield
        return
    sys.setrecursionlimit(needed)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
