"""The builder of runs, how far they are included.

A run that is to be further than a client's call leaves it is made like any other, as of its time; then its workflow is walked by the
engine with pods that do what was said, and recorded as the persistence agent does it. So nothing here knows what a status looks like.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fake_kfp.control.builders.fields import BuildError, Said
from fake_kfp.control.builders.groundwork import Groundwork, author
from fake_kfp.control.builders.nodes import NodesSaid, stretch
from fake_kfp.control.builders.records import home_of
from fake_kfp.control.near import there_are
from fake_kfp.control.views.texts import moment
from fake_kfp.services.runs.metrics import Outcome
from fake_kfp.services.runs.requests import NewRun
from fake_kfp.simulator.cluster.phases import FAILED_OR_ERROR, LIVE
from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.store.records import Run, RunMetric, StorageState

_A_MINUTE = 60
_OVER = frozenset({"SUCCEEDED", "FAILED"})


class _State(NamedTuple):
    """How far a run is to be: the API's state, how its tasks ended that nobody spoke of, unless one that was spoken of did so."""

    state: str
    others: str
    unless: frozenset[str] = frozenset()


_STATES: Mapping[str, _State] = {
    "PENDING": _State("PENDING", ""),
    "RUNNING": _State("RUNNING", "Running", LIVE),
    "CANCELING": _State("CANCELING", "Running", LIVE),
    "SUCCEEDED": _State("SUCCEEDED", "Succeeded"),
    "FAILED": _State("FAILED", "Failed", FAILED_OR_ERROR),
    "ERROR": _State("FAILED", "Error", FAILED_OR_ERROR),
}
_WORDS = {"TERMINATING": "CANCELING"}
"""Those of v1beta1 that are other ones."""


def run(ground: Groundwork, said: Said) -> Run:
    """Places a run."""
    world = ground.world
    wanted = _state(said)
    nodes = NodesSaid(said.get("nodes", {}))
    over = _is_over(wanted, nodes)
    _check(said, wanted, over)
    finished = said.get("finished")
    end = ground.moment("finished", finished)
    created = ground.moment("created", said.get("created", max(end - _A_MINUTE, 0) if over else None))
    if finished is not None and finished < created:
        raise BuildError("finished is earlier than created")
    home = home_of(ground, said, created)
    last = home.last_run_created_at
    with ground.making("run", world.runs, {}, created):
        made = ground.services.runs.create(_asked(ground, said, home.id), author())
    if home.last_run_created_at < last:
        world.experiments.update(home, last_run_created_at=last)
    if wanted is not None or nodes.nodes:
        _bring_along(ground, made, wanted, nodes, finished)
    _report(ground, made, said.get("metrics", {}))
    return made


def _state(said: Said) -> _State | None:
    if "state" not in said:
        return None
    word = said["state"].upper()
    wanted = _STATES.get(_WORDS.get(word, word))
    if wanted is None:
        raise BuildError(f"no run is ever {said['state']!r}; {there_are(_STATES, word)}")
    return wanted


def _is_over(wanted: _State | None, nodes: NodesSaid) -> bool:
    """Whether the run is to have ended, as far as that can be told before it is walked."""
    if wanted is not None:
        return wanted.state in _OVER
    return bool(nodes.nodes) and LIVE.isdisjoint(nodes.phases.values())


def _check(said: Said, wanted: _State | None, over: bool) -> None:
    if "finished" in said and not over:
        raise BuildError("finished is for a run that is over: say its state, SUCCEEDED or FAILED")
    if wanted is not None and wanted.state == "PENDING" and said.get("nodes"):
        raise BuildError("the tasks of a run that is PENDING have done nothing yet: leave nodes out")


def _asked(ground: Groundwork, said: Said, experiment_id: str) -> NewRun:
    run_id = ground.free_id("run", ground.world.runs, said)
    return NewRun(
        name=said["name"],
        spec=ground.spec(said),
        run_id=run_id,
        description=said.get("description", ""),
        namespace=ground.namespace(said),
        experiment_id=experiment_id,
        job_id=ground.found("recurring run", ground.world.jobs, said["job"]).id if "job" in said else "",
        service_account=said.get("service_account", ""),
        storage_state=StorageState.ARCHIVED if said.get("archived") else StorageState.AVAILABLE,
        scheduled_at=said.get("scheduled", 0),
    )


def _bring_along(
    ground: Groundwork, made: Run, wanted: _State | None, nodes: NodesSaid, finished: int | None
) -> None:
    deployment = ground.deployment
    workflow = deployment.lifecycle.workflow_of(made)
    assert workflow is not None  # it was made a moment ago
    if wanted is not None and wanted.state == "PENDING":
        deployment.simulation.hold(workflow)
        return
    _play(ground, made, workflow, nodes, _others(wanted, nodes), finished)
    if wanted is not None and wanted.state == "CANCELING":
        ground.services.runs.terminate(made.id, author())
    if wanted is not None and made.state != wanted.state:
        raise BuildError(
            f"a run of this pipeline whose tasks do that is {made.state}, not {wanted.state}: say in nodes which tasks"
            f" did what; {there_are(_tasks(workflow))}"
        )


def _others(wanted: _State | None, nodes: NodesSaid) -> str | None:
    """How the tasks ended that nobody spoke of."""
    if wanted is None:
        return None
    return "Succeeded" if wanted.unless.intersection(nodes.phases.values()) else wanted.others


def _play(
    ground: Groundwork,
    made: Run,
    workflow: Workflow,
    nodes: NodesSaid,
    others: str | None,
    finished: int | None,
) -> None:
    deployment, clock = ground.deployment, ground.world.clock
    outcomes = nodes.script(workflow, others)
    with clock.showing(made.created_at):
        drive = deployment.simulation.play(workflow, outcomes)
    _check_phases(workflow, nodes)
    unused = outcomes.unused()
    if unused:
        raise BuildError(f"nodes: {unused[0]}")
    status = workflow.status
    if status.finished_at is not None:
        latest = clock.seconds()  # what is over did not end after now
        end = min(int(status.finished_at.timestamp()), latest) if finished is None else finished
        stretch(status, moment(made.created_at), moment(end))
    seen = made.created_at if status.finished_at is None else int(status.finished_at.timestamp())
    with clock.showing(seen):
        deployment.lifecycle.record(drive)


def _check_phases(workflow: Workflow, nodes: NodesSaid) -> None:
    """What was said of a task is what came of it: one that never came to its turn is not what it was said to be."""
    ended = {node.display_name: node.phase for node in workflow.status.nodes.values()}
    for task, phase in nodes.phases.items():
        if ended.get(task, phase) != phase:
            raise BuildError(
                f"node {task!r} would be {ended[task]}, not {phase}, with what was said of the others"
            )


def _tasks(workflow: Workflow) -> list[str]:
    return [node.display_name for node in workflow.status.nodes.values() if node.type == "Pod"]


def _report(ground: Groundwork, made: Run, metrics: Mapping[str, float]) -> None:
    """The metrics, as reported by the last pod that ran."""
    workflow = ground.deployment.lifecycle.seen_workflow_of(made)
    pods = [node.id for node in workflow.status.nodes.values() if node.type == "Pod"] if workflow else []
    node = pods[-1] if pods else made.workflow_name
    results = ground.services.metrics.store(
        made, [RunMetric(made.id, node, name, value) for name, value in metrics.items()]
    )
    for result in results:
        if result.outcome is not Outcome.OK:
            raise BuildError(
                f"the server refuses the metric {result.name!r}: {result.outcome.value} {result.message}"
            )
