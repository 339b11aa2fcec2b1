"""What is taken back, and what stays whatever becomes of a visit."""

from __future__ import annotations

from contextlib import suppress

from fake_kfp.store.changes import Changes


def test_what_lasts_is_not_taken_back_and_what_is_around_it_is() -> None:
    changes, found = Changes(), list[str]()
    changes.note(found.append, "before")
    with changes.lasting():
        changes.note(found.append, "inside")
        with changes.lasting():
            changes.note(found.append, "a part of it")
    changes.note(found.append, "after")
    changes.take_back()
    assert found == ["after", "before"]


def test_what_is_not_done_does_not_last() -> None:
    changes, found = Changes(), list[str]()
    with suppress(KeyboardInterrupt), changes.lasting():
        changes.note(found.append, "outer")
        with changes.lasting():
            changes.note(found.append, "inner")
        raise KeyboardInterrupt
    changes.take_back()
    assert found == ["inner", "outer"]
    with changes.lasting():
        changes.note(found.append, "another time")
    changes.take_back()
    assert found == ["inner", "outer"]


def test_what_is_kept_in_between_stays_too() -> None:
    changes, found = Changes(), list[str]()
    changes.note(found.append, "before")
    with changes.lasting():
        changes.keep()
        changes.note(found.append, "inside")
    changes.take_back()
    assert found == []
