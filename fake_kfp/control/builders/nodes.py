"""What the tasks of a placed run did: said once, as scripts say what tasks are to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from fake_kfp.control.builders.fields import BuildError, Said, read_node
from fake_kfp.control.near import there_are
from fake_kfp.control.scripting import TaskScript
from fake_kfp.ir.components import Component
from fake_kfp.ir.launcher.consumers import consumers_of
from fake_kfp.simulator.cluster.status import Status
from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.simulator.kubelet.outcomes import Outcomes

_ENDS: Mapping[str, Callable[[TaskScript, Said], object]] = {
    "Succeeded": lambda task, said: task.succeeds(),
    "Failed": lambda task, said: task.fails(
        exit_code=said.get("exit_code") or 1, message=said.get("message", "")
    ),
    "Error": lambda task, said: task.errors(message=said.get("message", "")),
    "Running": lambda task, said: task.hangs(),
    "Pending": lambda task, said: task.cannot_be_scheduled(
        **({"message": said["message"]} if "message" in said else {})
    ),
}
_NOT_RUN = ("Skipped", "Omitted")
_PHASES = {each.upper(): each for each in (*_ENDS, *_NOT_RUN)}


class NodesSaid:
    """The nodes of a run that is to be placed, as they were said."""

    def __init__(self, nodes: Mapping[str, Any]) -> None:
        self.nodes = {task: _with_phase(task, read_node(task, fields)) for task, fields in nodes.items()}
        self.phases = {task: said["phase"] for task, said in self.nodes.items() if "phase" in said}

    def script(self, workflow: Workflow, others: str | None) -> Outcomes:
        """What the tasks did; of those that were not spoken of, how they ended (None: however they do).

        Whatever becomes of the others, exit handlers succeed.
        """
        outcomes = Outcomes()
        if others is not None:
            _ENDS[others](TaskScript(outcomes, "*", optional=True), {})
            for task in _exit_handlers(workflow):
                TaskScript(outcomes, task, optional=True).succeeds()
        for task, said in self.nodes.items():
            if said.get("phase") not in _NOT_RUN:
                _say(TaskScript(outcomes, task), said)
        return outcomes


def _exit_handlers(workflow: Workflow) -> Iterator[str]:
    """The names of tasks that run at the end of others: of a workflow their nodes', of a pipeline their own."""
    yield "*.onExit*"
    arguments = (workflow.spec.get("arguments") or {}).get("parameters") or ()
    pipeline = consumers_of(tuple((each["name"], each.get("value", "")) for each in arguments))
    for name, component in pipeline.components.items():
        for task in Component(name, component).tasks:
            if task.is_exit_task:
                yield task.name


def _with_phase(task: str, said: Said) -> Said:
    """A node's phase in Argo's words; one that speaks of a failure's exit code alone has failed."""
    phase = said.get("phase")
    if phase is None:
        return {**said, "phase": "Failed"} if said.get("exit_code") else said
    if phase.upper() not in _PHASES:
        raise BuildError(f"phase of node {task!r} is none of a node's; {there_are(_PHASES.values(), phase)}")
    found = _PHASES[phase.upper()]
    if said.get("exit_code") and found != "Failed":
        raise BuildError(f"node {task!r} has an exit code other than 0, but did not fail: it is {found}")
    return {**said, "phase": found}


def _say(task: TaskScript, said: Said) -> None:
    if "phase" in said:
        _ENDS[said["phase"]](task, said)
    if said.get("attempts", 1) > 1:
        task.fails(times=said["attempts"] - 1)
    if "seconds" in said:
        task.takes(seconds=said["seconds"])
    if "log" in said:
        task.logs(said["log"])
    for say, key in ((task.outputs, "outputs"), (task.writes, "artifacts"), (task.reports, "metrics")):
        if said.get(key):
            say(**said[key])


def stretch(status: Status, start: datetime, finished: datetime) -> None:
    """Lets a workflow that is over have ended then: all times in it move apart, or together, alike."""
    end = status.finished_at or start

    def moved(moment: datetime | None) -> datetime | None:
        if moment is None or moment == end:
            return moment and finished
        return start + timedelta(
            seconds=round((moment - start) / (end - start) * (finished - start).total_seconds())
        )

    status.started_at, status.finished_at = moved(status.started_at), finished
    for node in status.nodes.values():
        node.started_at = start if node.started_at == start else moved(node.started_at)
        node.finished_at = moved(node.finished_at)
