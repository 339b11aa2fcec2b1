"""The door of a world: who is inside, and who gets in when."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import pytest

from fake_kfp import visits
from fake_kfp.errors import Code, KfpError
from fake_kfp.store.changes import Changes
from fake_kfp.visits import Door, Visit
from tests.interruption import Interrupted


def waiters(door: Door, came: list[int], count: int) -> list[threading.Thread]:
    """So many threads that stand outside, and note that they were in."""

    def come(number: int) -> None:
        with Visit(door, came) as inside:
            inside.append(number)

    threads = [threading.Thread(target=come, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    while len(door.waiting) < count:
        pass
    return threads


def test_all_who_wait_get_in_where_others_are_let_in() -> None:
    """Not just those who are quick enough."""
    door, came = Door(Changes()), list[int]()
    with Visit(door, came):
        threads = waiters(door, came, 3)
        assert came == []
        door.let_others_in()
        assert sorted(came) == [0, 1, 2]
        door.let_others_in()  # there is nobody any more
    for thread in threads:
        thread.join()


def test_nobody_gets_into_a_visit_within_another() -> None:
    door, came = Door(Changes()), list[int]()
    with Visit(door, came):
        threads = waiters(door, came, 1)
        with Visit(door, came):
            door.let_others_in()
            assert came == []
    for thread in threads:
        thread.join()
    assert came == [0]


def interrupted(work: Callable[[], object], moment: int = 0) -> int:
    """Interrupts ``work`` at the ``moment``-th place in visits.py where a signal's handler may run; gives how many such places it met.

    That is where a function begins, and after a call.
    """
    places = 0

    def watch(frame: FrameType, event: str, _: object) -> None:
        nonlocal places
        if event in ("call", "c_return") and frame.f_code.co_filename == visits.__file__:
            places += 1
            if places == moment:
                sys.setprofile(None)
                raise Interrupted

    sys.setprofile(watch)
    try:
        with suppress(Interrupted, KfpError):
            work()
    finally:
        sys.setprofile(None)
    return places


def plain(visit: Visit[list[int]]) -> None:
    with visit as inside:
        inside.append(0)


def nested(visit: Visit[list[int]]) -> None:
    with visit, visit as inside:
        inside.append(0)


def refused(visit: Visit[list[int]]) -> None:
    with visit:
        raise KfpError(Code.INTERNAL, "no", None)


def away(visit: Visit[list[int]]) -> None:
    with visit, visit._door.away():
        pass


def call(visit: Visit[list[int]]) -> None:
    visit.call(list.append, 0)


@pytest.mark.parametrize("kind", [plain, nested, refused, away, call])
def test_a_door_is_open_again_wherever_a_visit_is_interrupted(
    kind: Callable[[Visit[list[int]]], None],
) -> None:
    door = Door(Changes())
    visit = Visit(door, list[int]())
    places = interrupted(lambda: kind(visit))
    assert places > 5
    for moment in range(1, places + 1):
        interrupted(lambda: kind(visit), moment)
        came: list[bool] = []
        other = threading.Thread(target=lambda came=came: came.append(door.lock.acquire(blocking=False)))
        other.start()
        other.join()
        assert (came, door.depth, door.waiting) == ([True], 0, set()), f"interrupted at place {moment}"
        door.lock = threading.RLock()  # the thread that took it is gone
