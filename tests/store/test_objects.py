"""The artifact store."""

from __future__ import annotations

import pytest

from fake_kfp.store.objects import Objects, ObjectsFull


def test_an_object_is_what_was_put_last() -> None:
    objects = Objects()
    objects.put("a/b", b"one")
    objects.put("a/b", b"three")
    assert (objects.get("a/b"), objects.get("a"), objects.keys(), objects.size) == (
        b"three",
        None,
        ["a/b"],
        5,
    )


def test_deleting_says_whether_there_was_one() -> None:
    objects = Objects()
    objects.put("a", b"")
    assert [objects.delete("a"), objects.delete("a")] == [True, False]


def test_a_bound_holds_for_all_objects_together() -> None:
    objects = Objects(limit=5)
    objects.put("a", b"123")
    with pytest.raises(ObjectsFull, match=r"^fake_kfp: 'b' does not fit"):
        objects.put("b", b"123")
    objects.put("a", b"12345")
    objects.delete("a")
    objects.put("b", b"12345")
    assert objects.size == 5
