"""Heaps of what is due, in which an entry that was overtaken stays until it comes up, or is cleared away."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from typing import Any, TypeVar

When = TypeVar("When")
Key = TypeVar("Key")

_STALE_ENTRIES = 64


def without_overtaken(
    heap: list[tuple[When, int, Key]], current: Mapping[Key, Any]
) -> list[tuple[When, int, Key]]:
    """The heap, or, once most of it was overtaken, a new one of the entries that ``current`` still names, each once.

    So a heap holds no more than a few times what is to come, and clearing costs little for each entry that was ever pushed.
    """
    if len(heap) <= _STALE_ENTRIES + 2 * len(current):
        return heap
    kept: dict[Key, tuple[When, int, Key]] = {}
    for entry in heap:
        due, order, key = entry
        if current.get(key) == due and (key not in kept or order < kept[key][1]):
            kept[key] = entry
    cleared = list(kept.values())
    heapq.heapify(cleared)
    return cleared
