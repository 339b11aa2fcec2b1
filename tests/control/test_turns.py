"""Threads that wait by one clock wake one after the other, each at its moment."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest

from fake_kfp.control import turns
from fake_kfp.control.turns import Turns

START = datetime(2024, 1, 1)


class World:
    """A clock, and what happened by it."""

    def __init__(self) -> None:
        self.now = START
        self.turns = Turns()
        self.seen: list[tuple[int, str]] = []

    def go_to(self, moment: datetime) -> None:
        self.now = max(self.now, moment)

    def sleep(self, minutes: int) -> None:
        moment = self.now + timedelta(minutes=minutes)
        self.turns.sleep(lambda: moment, self.go_to)

    def poll(self, name: str, every: int, times: int, begin: threading.Barrier) -> None:
        begin.wait(60)
        for _ in range(times):
            self.sleep(every)
            self.seen.append((int((self.now - START).total_seconds()) // 60, name))
        self.turns.leave()


def test_each_wakes_at_its_moment_whatever_the_others_do() -> None:
    world = World()
    begin = threading.Barrier(3)
    asked = [("a", 7, 5), ("b", 60, 1), ("c", 2, 10)]
    threads = [threading.Thread(target=world.poll, args=(*each, begin)) for each in asked]
    for thread in threads:
        world.turns.enter()
        thread.start()
    for thread in threads:
        thread.join(60)
    expected = [(each * place, name) for name, each, times in asked for place in range(1, times + 1)]
    assert sorted(world.seen) == sorted(expected)
    assert [minutes for minutes, _ in world.seen] == sorted(minutes for minutes, _ in expected)


def test_one_that_others_wait_for_goes_on_after_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.02)
    world = World()
    world.turns.enter()  # of a thread that waits for this one
    world.turns.enter()
    world.sleep(5)
    assert world.now == START + timedelta(minutes=5)
