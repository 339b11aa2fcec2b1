"""Tasks of runs as they stood when they were looked up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from fake_kfp.control.views.executions import ExecutionView
from fake_kfp.control.views.nodes import NodeView
from fake_kfp.ir.names import task_path
from fake_kfp.simulator.kubelet.outcomes import DRIVER, plain_name


@dataclass(frozen=True, slots=True)
class WrittenArtifact:
    """An artifact that a task wrote. ``uri``, ``type`` (system.Model) and ``metadata`` are those of v2 pipelines."""

    task: str
    name: str
    key: str
    """Where its content lies among the objects."""
    content: bytes | None
    uri: str = ""
    type: str = ""
    metadata: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task of a run: all the nodes that ran it, tries and loop items among them, its own node first.

    ``executions`` are there for tasks of v2 pipelines, one for each item of the loops around the task.
    """

    name: str
    nodes: tuple[NodeView, ...]
    executions: tuple[ExecutionView, ...] = ()
    run: str = ""
    """The name of its run."""
    run_id: str = ""

    @property
    def phase(self) -> str:
        """The phase of the task's own node: Pending, Running, Succeeded, Failed, Error, Skipped or Omitted."""
        return self.nodes[0].phase

    @property
    def state(self) -> str:
        """The same in v2beta1's words: PENDING, RUNNING, SUCCEEDED, FAILED, SKIPPED; empty for an omitted one."""
        return _STATES.get(self.phase, self.phase.upper())

    @property
    def message(self) -> str:
        """The message of the task's own node, else the first one of those inside: a dag says nothing of its pod's failure."""
        return next((node.message for node in self.nodes if node.message), "")

    @property
    def attempts(self) -> int:
        """How many pods ran for the task."""
        return sum(node.type == "Pod" for node in self.nodes)

    @property
    def inputs(self) -> Mapping[str, Any]:
        """The parameters that the task was given: of a v2 pipeline as values, else as texts. Raises LookupError for several items."""
        execution = self._one()
        return self.nodes[0].inputs.parameters if execution is None else execution.inputs

    @property
    def outputs(self) -> Mapping[str, Any]:
        """The parameters that the task gave; the rest as for ``inputs``."""
        execution = self._one()
        return self.nodes[0].outputs.parameters if execution is None else execution.outputs

    @property
    def artifacts(self) -> Mapping[str, WrittenArtifact]:
        """The artifacts that the task wrote, by name; the rest as for ``inputs``."""
        execution = self._one()
        return {
            each.name: each for each in artifacts_of(self.name, self.nodes, (execution,) if execution else ())
        }

    @property
    def log(self) -> str:
        """The logs of its pods, one after the other."""
        return "".join(node.log for node in self.nodes)

    @property
    def started_at(self) -> datetime | None:
        """When its own node came to its turn."""
        return self.nodes[0].started_at

    @property
    def finished_at(self) -> datetime | None:
        """When its own node ended."""
        return self.nodes[0].finished_at

    def _one(self) -> ExecutionView | None:
        if len(self.executions) > 1:
            raise LookupError(
                f"task {self.name!r} ran for {len(self.executions)} items; ask for one by its iteration"
            )
        return self.executions[0] if self.executions else None


_STATES = {"Error": "FAILED", "Omitted": ""}


def artifacts_of(
    task: str, nodes: Iterable[NodeView], executions: Sequence[ExecutionView]
) -> Iterator[WrittenArtifact]:
    """What a task wrote, as its launchers published it, else as its nodes say."""
    for execution in executions:
        for name, each in execution.output_artifacts.items():
            yield WrittenArtifact(task, name, each.key, each.content, each.uri, each.type, each.metadata)
    if not executions:
        for node in nodes:
            for name, artifact in node.outputs.artifacts.items():
                if artifact.key:
                    yield WrittenArtifact(task, name, artifact.key, artifact.content)


_BODIES = frozenset({"DAG", "Steps"})
_OWN = ("(", ".onExit")
"""What follows the workflow's name in those of tries of its only task, and of its exit handler: scripts call them by their templates."""


def tasks_of_workflow(nodes: Sequence[NodeView], workflow_name: str) -> Mapping[str, list[NodeView]]:
    """The tasks of an Argo workflow by their names, in the order in which they came to their turn, each with all its nodes."""
    found: dict[str, list[NodeView]] = {}
    for node in nodes:
        if node.name == workflow_name:
            if node.type not in _BODIES:
                found.setdefault(node.template, []).append(node)
        elif node.name.removeprefix(workflow_name).startswith(_OWN):
            found.setdefault(node.template, []).append(node)
        elif node.type != "StepGroup":
            found.setdefault(plain_name(node.display_name), []).append(node)
    return found


def tasks_of_pipeline(
    nodes: Sequence[NodeView], workflow_name: str
) -> Mapping[tuple[str, ...], list[NodeView]]:
    """The tasks of a v2 pipeline by their keys and those of the dags around them; drivers are none."""
    found: dict[tuple[str, ...], list[NodeView]] = {}
    for node in nodes:
        if not node.display_name.endswith(DRIVER):
            keys = task_path(node.name, workflow_name, False).keys
            if keys:
                found.setdefault(keys, []).append(node)
    return found
