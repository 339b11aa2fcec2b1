"""What was overtaken is cleared away, and what is to come is not."""

from __future__ import annotations

import heapq

from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.store.heaps import without_overtaken


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), max_size=300))
def test_the_heap_stays_small_and_forgets_nothing(pushed: list[tuple[int, int]]) -> None:
    heap: list[tuple[int, int, int]] = []
    current: dict[int, int] = {}
    for order, (due, key) in enumerate(pushed):
        current[key] = due
        heapq.heappush(heap, (due, order, key))
        heap = without_overtaken(heap, current)
        assert len(heap) <= 64 + 2 * len(current)
        assert {(key, due) for due, _, key in heap} >= set(current.items())
        assert heap == [] or heap[0] == min(heap)
