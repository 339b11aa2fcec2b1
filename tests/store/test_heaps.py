"""One moment is due for each key, whatever was planned, taken and taken back before."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.store.changes import Changes
from fake_kfp.store.heaps import Agenda

KEYS = st.integers(0, 3)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("plan"), KEYS, st.integers(0, 9)),
        st.tuples(st.just("drop"), KEYS),
        st.tuples(st.just("take")),
    ),
    max_size=60,
)


class Model:
    """The same as a list in order."""

    def __init__(self) -> None:
        self.due: list[tuple[int, int]] = []

    def plan(self, key: int, when: int) -> None:
        self.drop(key)
        self.due.append((when, key))
        self.due.sort(key=lambda each: each[0])

    def drop(self, key: int) -> None:
        self.due = [each for each in self.due if each[1] != key]

    def take(self) -> Any:
        return self.due.pop(0) if self.due else None


def play(step: tuple[Any, ...], agenda: Agenda[int, int], model: Model) -> None:
    name, *arguments = step
    if name == "take" and not len(agenda):
        assert model.due == []
    else:
        assert getattr(agenda, name)(*arguments) == getattr(model, name)(*arguments)


def check(agenda: Agenda[int, int], model: Model) -> None:
    assert agenda.state() == model.due
    assert agenda.first() == (model.due[0] if model.due else None)
    assert {key: agenda.get(key) for key in range(4) if key in agenda} == {key: at for at, key in model.due}
    for by in range(10):
        assert agenda.due(by) == [key for at, key in model.due if at <= by]
    assert len(agenda._heap) <= 64 + 3 * 4 + 60


@given(STEPS, STEPS, STEPS)
def test_what_is_due_is_what_was_planned_and_taking_back_is_exact(kept: Any, undone: Any, after: Any) -> None:
    changes, model = Changes(), Model()
    agenda: Agenda[int, int] = Agenda(changes)
    for step in kept:
        play(step, agenda, model)
        check(agenda, model)
    changes.keep()
    before = Model()
    before.due = list(model.due)
    for step in undone:
        play(step, agenda, model)
    changes.take_back()
    for step in after:
        play(step, agenda, before)
        check(agenda, before)


@given(STEPS)
def test_another_goes_on_from_its_state(steps: Any) -> None:
    changes, model = Changes(), Model()
    agenda: Agenda[int, int] = Agenda(changes)
    for step in steps:
        play(step, agenda, model)
    other: Agenda[int, int] = Agenda(changes)
    other.restore([(7, 9), *agenda.state()], {key: at for at, key in agenda.state()})
    check(other, model)


def test_the_heap_stays_small() -> None:
    agenda: Agenda[int, int] = Agenda(Changes())
    for moment in range(1000):
        agenda.plan(moment % 3, 1000 - moment)
        assert len(agenda._heap) <= 64 + 2 * 3 + 1
