"""The life of runs: a state machine beside a pure model, and what holds wherever runs move on by themselves."""

from __future__ import annotations

import json
from functools import partial
from itertools import pairwise
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, run_state_machine_as_test
from hypothesis.stateful import rule as step

from fake_kfp.conformance.errors import expect, expect_equal
from fake_kfp.conformance.models.messages import without
from fake_kfp.conformance.models.run_model import ENDED, RunModel, model_of, outputs_of
from fake_kfp.conformance.rules.rule import CONTROL, Profile, Rule, rule
from fake_kfp.conformance.server.dialects import DIALECTS, RUN, V2BETA1, Dialect
from fake_kfp.conformance.server.subject import Subject, Workspace
from fake_kfp.conformance.server.targets import ControlRefused

_INDEX = st.integers(0, 3)


class RunLives(RuleBasedStateMachine):
    """Runs of one experiment, whose pods move by hand."""

    def __init__(self, subject: Subject) -> None:
        super().__init__()
        assert subject.control is not None, "pods move by hand only"
        self._subject, self._control = subject, subject.control
        self._dialect = subject.dialect
        self._own = Workspace(subject).__enter__()
        self._models: dict[str, RunModel] = {}

    def teardown(self) -> None:
        self._own.__exit__(None, None, None)

    def _pick(self, index: int) -> tuple[str, RunModel]:
        return list(self._models.items())[index % len(self._models)]

    @step(tasks=st.integers(1, 3), chain=st.booleans())
    def create(self, tasks: int, chain: bool) -> None:
        model = model_of(self._dialect, tasks, chain)
        run = self._own.create(RUN, self._own.run() | model.source)
        self._subject.second()
        self._models[self._dialect.id_of(RUN, run)] = model

    @precondition(lambda self: self._models)
    @step(index=_INDEX, pod=st.integers(0, 6), phase=st.sampled_from(["Succeeded", "Failed", "Running"]))
    def move_pod(self, index: int, pod: int, phase: str) -> None:
        run, model = self._pick(index)
        self._subject.second()
        self._move(run, model, model.names[pod % len(model.names)], phase)

    def _move(self, run: str, model: RunModel, name: str, phase: str) -> None:
        moved = model.moves(name, phase)
        told = outputs_of(name) if phase == "Succeeded" else {}
        try:
            self._control.task(run, f"{self._workflow(run)}.{name}", phase=phase, **told)
        except ControlRefused as error:
            expect(not moved, f"pod {name} of {model} could not be moved: {error}")
            self._control.settle(run)  # the engine has looked, but what it saw was not recorded
        else:
            # a pod that was killed lingers for a while; what it still does changes nothing
            expect(moved or model.was_terminated, f"pod {name} was moved, but of {model} it is not live")

    def _workflow(self, run: str) -> str:
        """The name of a run's workflow, which v1beta1 shows."""
        runtime = self._subject.must("GetRunV1", {"run_id": run}).pipeline_runtime
        manifest = runtime.workflow_manifest or runtime.pipeline_manifest
        return str(json.loads(manifest)["metadata"]["name"])

    @precondition(lambda self: self._models)
    @step(index=_INDEX)
    def look(self, index: int) -> None:
        run, model = self._pick(index)
        model.looks()
        self._subject.second()
        self._control.settle(run)

    @precondition(lambda self: self._models)
    @step(index=_INDEX, phase=st.sampled_from(["Succeeded", "Failed"]))
    def run_through(self, index: int, phase: str) -> None:
        """All pods of a run end alike."""
        run, model = self._pick(index)
        for name in model.names:
            self._move(run, model, name, phase)

    @precondition(lambda self: self._models)
    @step(index=_INDEX, done=st.integers(0, 2))
    def fail_and_retry(self, index: int, done: int) -> None:
        """Some tasks succeed, the others fail, and the run gets another attempt."""
        run, model = self._pick(index)
        for number, name in enumerate(model.names):
            self._move(run, model, name, "Succeeded" if number < done else "Failed")
        self._either(self._retries(model), "Retry", run, "ABORTED")

    @precondition(lambda self: self._models)
    @step(index=_INDEX)
    def terminate(self, index: int) -> None:
        run, model = self._pick(index)
        self._either(model.terminates(), "Terminate", run, "INVALID_ARGUMENT")

    @precondition(lambda self: self._models)
    @step(index=_INDEX)
    def retry(self, index: int) -> None:
        run, model = self._pick(index)
        self._either(self._retries(model), "Retry", run, "ABORTED")

    def _retries(self, model: RunModel) -> bool:
        return model.retries(keeping_history=self._subject.answers.history_survives_retry)

    def _either(self, allowed: bool, verb: str, run: str, code: str) -> None:
        if allowed:
            self._subject.do(verb, RUN, run)
        else:
            self._subject.refuses(verb, RUN, run, code)

    @precondition(lambda self: self._models)
    @step(index=_INDEX, archive=st.booleans())
    def archive(self, index: int, archive: bool) -> None:
        run, model = self._pick(index)
        self._subject.do("Archive" if archive else "Unarchive", RUN, run)
        model.archived = archive

    @precondition(lambda self: self._models)
    @step(index=_INDEX)
    def report_metric(self, index: int) -> None:
        run, model = self._pick(index)
        model.metrics += 1
        # listed by the texts of their node ids
        metric = {"name": "m", "node_id": f"n{model.metrics:02}", "number_value": model.metrics}
        self._subject.must("ReportRunMetricsV1", {"run_id": run, "metrics": [metric]})

    @precondition(lambda self: self._models)
    @step(index=_INDEX)
    def delete(self, index: int) -> None:
        run, _ = self._pick(index)
        self._subject.do("Delete", RUN, run)
        del self._models[run]

    @invariant()
    def agrees_with_the_model(self) -> None:
        listed = {self._dialect.id_of(RUN, run): run for run in self._own.listed()}
        expect_equal(list(listed), list(self._models), "the runs listed, in the order of their creation")
        for id, model in self._models.items():
            run = self._subject.get(RUN, id)
            expect_equal(
                without(listed[id], "run_details"),
                without(run, "run_details"),
                "a run as listed, compared with the run as read",
            )
            _check(self._dialect, run, model)
            detail = self._subject.must("GetRunV1", {"run_id": id})
            expect_equal(
                [metric.number_value for metric in detail.run.metrics],
                [*range(1, model.metrics + 1)],
                "its metrics",
            )
            if detail.pipeline_runtime.workflow_manifest:
                _check_workflow(json.loads(detail.pipeline_runtime.workflow_manifest), model)


def _check(dialect: Dialect, run: Any, model: RunModel) -> None:
    expect_equal(dialect.state(run), model.state, f"the state of {model}")
    expect_equal(run.finished_at.seconds != 0, model.ended, f"whether {model} has an end")
    expect(
        not model.ended or run.finished_at.seconds >= run.created_at.seconds, "a run ended before it began"
    )
    expect_equal(dialect.is_archived(RUN, run), model.archived, f"whether {model} is archived")
    if dialect is V2BETA1:
        names = run.DESCRIPTOR.fields_by_name["state"].enum_type.values_by_number
        expect_equal(
            [names[each.state].name for each in run.state_history], model.history, f"the history of {model}"
        )
        tasks = {task.task_id for task in run.run_details.task_details}
        expect(len(tasks) == len(run.run_details.task_details), f"two tasks of {model} have one id")
        expect(len(tasks) >= len(model.pods), f"there are fewer tasks than pods of {model}")


def _check_workflow(workflow: Any, model: RunModel) -> None:
    status = workflow.get("status", {})
    if not model.was_terminated:
        expect_equal(_pods(workflow["metadata"]["name"], status), model.pods, f"the pods of {model}")
    phase = (status.get("phase", "") or "Pending").upper()
    expect(phase == model.state or model.state == "CANCELING", f"the phase of {model} is {phase}")


def _pods(workflow: str, status: Any) -> dict[str, str]:
    nodes = (status.get("nodes") or {}).values()
    return {
        node["name"].removeprefix(workflow + "."): node["phase"] for node in nodes if node["type"] == "Pod"
    }


def _run_machine(subject: Subject, wanted: Profile) -> None:
    machine: Any = wanted.seeded(partial(RunLives, subject))
    run_state_machine_as_test(machine, settings=settings(wanted.as_settings, stateful_step_count=20))


runs_live_as_the_model_says = Rule(
    "runs-live-as-the-model-says",
    "Whatever happens to runs and their pods: status, end, nodes, refusals of terminate and retry are those of the model.",
    _run_machine,
    frozenset({CONTROL}),
    versions=DIALECTS,
)

_FORWARD = {
    "PENDING": {"PENDING", "", "RUNNING", "SUCCEEDED", "FAILED", "CANCELING"},
    "": {"", "RUNNING", "SUCCEEDED", "FAILED", "CANCELING"},
    "RUNNING": {"RUNNING", "SUCCEEDED", "FAILED", "CANCELING"},
    "CANCELING": {"CANCELING", "FAILED", "SUCCEEDED"},
    "SUCCEEDED": {"SUCCEEDED"},
    "FAILED": {"FAILED"},
}
"""Where a run may be seen next. It is in no state when its workflow is reported before the controller has looked at it."""
_CAN_BE_TERMINATED = ("PENDING", "", "RUNNING")


def _known(state: str, subject: Subject) -> str:
    """What a run that was seen so, or told to be so, is known to be.

    What a real cluster reports may be a moment old, and then a termination is forgotten for that moment.
    """
    return "" if state == "CANCELING" and not subject.control else state


@rule(st.lists(st.sampled_from(["Get", "Terminate", "Retry", "List"]), min_size=1, max_size=8))
def phases_only_move_forward(subject: Subject, verbs: list[str]) -> None:
    """A run moves forward only, but for a retry; it has an end exactly when it is over, and what is over stays as it is."""
    dialect = subject.dialect
    with Workspace(subject) as own:
        run = own.create(RUN, own.run())
        id, last = dialect.id_of(RUN, run), dialect.state(run)
        for verb in verbs:
            if verb in ("Terminate", "Retry"):
                last = _attempt(subject, verb, id, last)
            seen = own.listed()[0] if verb == "List" else subject.get(RUN, id)
            state = dialect.state(seen)
            expect(state in _FORWARD[_known(last, subject)], f"a run went from {last} to {state} in {verbs}")
            expect_equal(
                seen.finished_at.seconds != 0, state in ENDED, f"whether a run that is {state} has an end"
            )
            if dialect is V2BETA1:
                _check_history(seen, state)
            last = state


def _check_history(run: Any, state: str) -> None:
    """The states that a run was in: each differs from the one before, and the last one is that which it is in."""
    states = [entry.state for entry in run.state_history]
    expect(all(one != other for one, other in pairwise(states)), f"a state twice in a row in {states}")
    times = [entry.update_time.seconds for entry in run.state_history]
    expect_equal(times, sorted(times), "the times of the states that a run was in")
    if state != "CANCELING":  # noted only by a report
        expect(not states or states[-1] == run.state, f"a run in state {run.state} was last in {states}")


def _attempt(subject: Subject, verb: str, run: str, last: str) -> str:
    """Terminates or retries a run that was last seen so; gives what it is then known to be."""
    reply = subject.call(subject.dialect.rpc(verb, RUN), subject.dialect.about(verb, RUN, run))
    if verb == "Terminate":
        expect(
            not reply.ok or _known(last, subject) in _CAN_BE_TERMINATED,
            f"a run that was {last} could be terminated",
        )
        expect(reply.ok or reply.code == "INVALID_ARGUMENT", f"terminating was answered {reply.code}")
        return "CANCELING" if reply.ok else last
    expect(not (reply.ok and last == "SUCCEEDED"), "a run that succeeded could be retried")
    expect(reply.ok or last != "FAILED", f"a failed run could not be retried: {reply.message}")
    expect(reply.ok or reply.code == "ABORTED", f"retrying was answered {reply.code}")
    return "RUNNING" if reply.ok else last


RULES = (runs_live_as_the_model_says, phases_only_move_forward)
