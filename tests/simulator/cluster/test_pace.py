"""Work in slices: who is let in between two of them, and who has to wait."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fake_kfp import errands
from fake_kfp.errands import Errand
from fake_kfp.expressions.expr import evaluate
from fake_kfp.simulator.cluster.pace import Pace


class Pauses:
    """A pace of three steps a slice; what it was that others were let in, and whether they found it whole."""

    def __init__(self) -> None:
        self.seen: list[bool] = []
        self.pace = Pace(self.pause, self.away, steps=3)
        self.waited = 0

    def pause(self) -> None:
        errands.visitor.results = {}
        try:
            self.pace.wait("it")
        except Errand:
            self.seen.append(False)
        else:
            self.seen.append(True)
        finally:
            errands.visitor.results = None

    @contextmanager
    def away(self) -> Iterator[None]:
        self.waited += 1
        yield


def test_others_are_let_in_after_each_slice_and_find_it_half_done() -> None:
    pauses = Pauses()
    with pauses.pace.working_on("it"):
        for _ in range(7):
            pauses.pace.step()
    assert pauses.seen == [False, False]
    pauses.pause()
    assert pauses.seen[-1]


def test_steps_of_nothing_large_have_no_pauses() -> None:
    pauses = Pauses()
    for _ in range(9):
        pauses.pace.step()
    assert pauses.seen == []


def test_many_small_things_one_after_the_other_have_pauses_too() -> None:
    pauses = Pauses()
    for thing in range(9):
        with pauses.pace.working_on(thing):
            pauses.pace.step()
    assert len(pauses.seen) == 3


def test_who_works_on_it_does_not_wait_for_himself() -> None:
    pauses = Pauses()
    with pauses.pace.working_on("it"):
        for _ in range(4):
            pauses.pace.step()
        pauses.pace.wait("it")
    assert pauses.waited == 0


def test_who_cannot_be_sent_out_waits_where_he_is() -> None:
    inside, go_on = threading.Event(), threading.Event()

    def pause() -> None:
        inside.set()
        go_on.wait(60)

    waited: list[bool] = []

    @contextmanager
    def away() -> Iterator[None]:
        waited.append(True)
        go_on.set()
        yield

    pace = Pace(pause, away, steps=1)

    def work() -> None:
        with pace.working_on("it"):
            pace.step()

    worker = threading.Thread(target=work)
    worker.start()
    assert inside.wait(60)
    pace.wait("other")
    pace.wait_for_all()
    worker.join()
    assert waited == [True]


def test_what_is_broken_off_is_waited_for_by_nobody() -> None:
    pauses = Pauses()

    def break_off() -> None:
        with pauses.pace.working_on("it"):
            for _ in range(4):
                pauses.pace.step()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    pauses.pace.wait("it")
    assert pauses.waited == 0


def test_a_long_evaluation_within_has_pauses_and_no_other() -> None:
    pauses = Pauses()
    with pauses.pace.working_on("it"):
        evaluate("sum(map(1..200000, #))", {})
    once = len(pauses.seen)
    assert once >= 2
    evaluate("sum(map(1..200000, #))", {})
    assert len(pauses.seen) == once
