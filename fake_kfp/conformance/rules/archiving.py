"""Archive and unarchive are inverse and idempotent."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from fake_kfp.conformance.errors import expect_equal
from fake_kfp.conformance.models.messages import MOVING, without
from fake_kfp.conformance.rules.rule import rule
from fake_kfp.conformance.server.dialects import EXPERIMENT, JOB, RUN
from fake_kfp.conformance.server.subject import Subject, Workspace

_STEPS = ("archive run", "unarchive run", "archive experiment", "unarchive experiment")


class _Shelf:
    """The model: whether an experiment and its one run are archived."""

    def __init__(self) -> None:
        self.run = self.experiment = False

    def step(self, step: str) -> bool:
        """Carries out a step; whether it is allowed."""
        verb, kind = step.split()
        if step == "unarchive run" and self.experiment:
            return False
        setattr(self, kind, verb == "archive")
        self.run = self.run or step == "archive experiment"
        return True


@rule(st.lists(st.sampled_from(_STEPS), min_size=1, max_size=8))
def archiving_follows_the_model(subject: Subject, steps: list[str]) -> None:
    """Archiving and unarchiving undo each other and change nothing when repeated; an experiment takes its runs with it."""
    shelf = _Shelf()
    with Workspace(subject) as own:
        dialect = subject.dialect
        run = own.create(RUN, own.run())
        id, job, enabled = dialect.id_of(RUN, run), own.new(JOB, enabled=True), True
        for step in steps:
            _take(own, step, id, shelf.step(step))
            enabled = enabled and step != "archive experiment"
            seen, experiment = subject.get(RUN, id), subject.get(EXPERIMENT, own.experiment)
            got = (
                dialect.is_archived(RUN, seen),
                dialect.is_archived(EXPERIMENT, experiment),
                dialect.is_enabled(subject.get(JOB, job)),
            )
            wanted = (shelf.run, shelf.experiment, enabled)
            expect_equal(
                got, wanted, f"run archived, experiment archived, recurring run enabled after {steps}"
            )
        expect_equal(_but_storage(seen), _but_storage(run), "what archiving should not change of a run")


def _take(own: Workspace, step: str, run: str, allowed: bool) -> None:
    verb, kind = step.split()
    id = run if kind == RUN else own.experiment
    if allowed:
        own.subject.do(verb.title(), kind, id)
    else:
        own.subject.refuses(verb.title(), kind, id, "FAILED_PRECONDITION")


def _but_storage(run: Any) -> Any:
    return without(run, "storage_state", *MOVING)


RULES = (archiving_follows_the_model,)
