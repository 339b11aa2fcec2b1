"""The door of a world: who is inside, and who gets in when."""

from __future__ import annotations

import threading

from fake_kfp.store.changes import Changes
from fake_kfp.visits import Door, Visit


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
