"""Archive and unarchive are inverse and idempotent."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from fake_kfp.conformance.errors import expect_equal
from fake_kfp.conformance.rules.rule import rule
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
        run = own.create_run(own.run()).run
        job = own.create_job(own.job(mode="ENABLED", enabled=True))
        enabled = True
        for step in steps:
            _take(subject, own, step, run.id, shelf.step(step))
            enabled = enabled and step != "archive experiment"
            seen = subject.must("GetRunV1", {"run_id": run.id}).run
            expect_equal(seen.storage_state == 1, shelf.run, f"whether the run is archived after {steps}")
            experiment = subject.must("GetExperimentV1", {"id": own.experiment})
            expect_equal(
                experiment.storage_state == 2,
                shelf.experiment,
                f"whether the experiment is archived after {steps}",
            )
            expect_equal(
                subject.must("GetJob", {"id": job.id}).enabled,
                enabled,
                f"whether the job is enabled after {steps}",
            )
        expect_equal(_but_storage(seen), _but_storage(run), "what archiving should not change of a run")


def _take(subject: Subject, own: Workspace, step: str, run: str, allowed: bool) -> None:
    verb, kind = step.split()
    name = f"{verb.title()}{kind.title()}V1"
    request = {"id": run if kind == "run" else own.experiment}
    if allowed:
        subject.must(name, request)
    else:
        subject.refused(name, request, "FAILED_PRECONDITION")


def _but_storage(run: Any) -> Any:
    copy = type(run)()
    copy.CopyFrom(run)
    for field in ("storage_state", "status", "finished_at"):
        copy.ClearField(field)
    return copy


RULES = (archiving_follows_the_model,)
