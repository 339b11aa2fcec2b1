"""Runs and their tasks as they stood when they were looked up."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from fake_kfp.control.views.executions import ExecutionView, executions_of
from fake_kfp.control.views.nodes import NodeView, in_turn
from fake_kfp.control.views.picture import svg_text
from fake_kfp.control.views.rows import Row, rows_of
from fake_kfp.control.views.tasks import (
    TaskView,
    WrittenArtifact,
    artifacts_of,
    tasks_of_pipeline,
    tasks_of_workflow,
)
from fake_kfp.control.views.texts import moment, moment_or_none, name_of, parameters_of
from fake_kfp.control.views.tree import duration_text, one_line, tree_text
from fake_kfp.deployment import Deployment
from fake_kfp.golang.rfc3339 import format_rfc3339
from fake_kfp.ir.names import names_of, task_path
from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.simulator.kubelet.outcomes import DRIVER, iteration_of, task_names, title_of
from fake_kfp.store.records import Run, StorageState


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as it stood when it was looked up: a value, which neither changes with the world nor changes it."""

    id: str
    name: str
    description: str
    status: str
    """The word of v1beta1: Pending, Running, Succeeded, ...; empty or null until the workflow was looked at."""
    state: str
    """The word of v2beta1: PENDING, RUNNING, SUCCEEDED, ..."""
    archived: bool
    namespace: str
    experiment_id: str
    experiment: str
    """The experiment's name; empty where it was deleted since."""
    pipeline_id: str
    pipeline: str
    """The name of the pipeline that it was made from; empty where it was made from a manifest, or the pipeline was deleted since."""
    version_id: str
    version: str
    recurring_run_id: str
    """The recurring run (job) that made it; empty where a client did."""
    created_at: datetime
    scheduled_at: datetime
    finished_at: datetime | None
    history: tuple[tuple[datetime, str], ...]
    """When it entered which state, in v2beta1's words."""
    service_account: str
    parameters: Mapping[str, object]
    """What the run was given: texts in v1beta1, JSON values in v2beta1."""
    outputs: Mapping[str, Any]
    """The output parameters of the pipeline, or of the workflow's entrypoint."""
    metrics: Mapping[str, float]
    manifest: str
    """What it runs, as it was given: an Argo workflow or a pipeline of kfp 2."""
    workflow_name: str
    """The name of the run's workflow in the cluster, with which the names of its nodes begin."""
    nodes: tuple[NodeView, ...]
    titles: Mapping[str, str]
    """What ``set_display_name`` called the tasks, by the name of their template."""
    executions: tuple[ExecutionView, ...]
    """What drivers and launchers recorded of a v2 pipeline's tasks."""

    @property
    def tasks(self) -> tuple[TaskView, ...]:
        """The tasks that came to their turn, in that order; a v2 pipeline's by all their keys where one is not enough, and no drivers."""
        if not self.executions:
            return tuple(
                self._task(name, nodes, ())
                for name, nodes in tasks_of_workflow(self.nodes, self.workflow_name).items()
            )
        found = tasks_of_pipeline(self.nodes, self.workflow_name)
        alike = Counter(keys[-1] for keys in found)
        executions: dict[tuple[str, ...], list[ExecutionView]] = {}
        for each in self.executions:
            executions.setdefault(each.keys, []).append(each)
        return tuple(
            self._task(
                keys[-1] if alike[keys[-1]] == 1 else ".".join(keys),
                nodes,
                tuple(executions.get(keys, ())),
            )
            for keys, nodes in found.items()
        )

    @property
    def artifacts(self) -> tuple[WrittenArtifact, ...]:
        """All artifacts that its tasks wrote."""
        return tuple(
            artifact
            for task in self.tasks
            for artifact in artifacts_of(task.name, task.nodes, task.executions)
        )

    @property
    def logs(self) -> Mapping[str, str]:
        """The logs of its pods, by the ids of their nodes, as long as its workflow is in the cluster."""
        return {node.id: node.log for node in self.nodes if node.log}

    def tree(self) -> str:
        """The run as text: its nodes below each other, with phases, durations and messages, as ``argo get`` prints them."""
        return tree_text(self._head(), self._rows())

    def svg(self) -> str:
        """The run as a picture: the same, and when each node ran."""
        return svg_text(self.name, self._head(), self._rows())

    def _repr_svg_(self) -> str:
        """What notebooks show."""
        return self.svg()

    def _repr_html_(self) -> str:
        """The same for those that ask for this first."""
        return f"<div>{self.svg()}</div>"

    def _rows(self) -> list[Row]:
        return rows_of(self.nodes, self.name, self.workflow_name, bool(self.executions))

    def _head(self) -> list[str]:
        """What is said of the run as a whole."""
        began = f"created {format_rfc3339(self.created_at)}"
        if self.finished_at is not None:
            took = round((self.finished_at - self.created_at).total_seconds())
            began += f", took {duration_text(took)}"
        pipeline = f"pipeline {self.pipeline} ({self.version})" if self.pipeline else ""
        experiment = f"experiment {self.experiment}" if self.experiment else ""
        parameters = ", ".join(f"{name}={value}" for name, value in self.parameters.items())
        return [
            one_line(line)
            for line in (
                f"{self.name}: {self.state}{' (archived)' if self.archived else ''}",
                began,
                ", ".join(filter(None, (experiment, pipeline))),
                f"parameters: {parameters}" if parameters else "",
            )
            if line
        ]

    def _task(self, name: str, nodes: Sequence[NodeView], executions: tuple[ExecutionView, ...]) -> TaskView:
        # what runs in a node is called after it
        inside = sorted(nodes, key=lambda node: (len(node.name), node.name))
        return TaskView(name, tuple(inside), executions, self.name, self.id)

    def task(self, name: str, *, iteration: int | tuple[int, ...] | None = None) -> TaskView:
        """A task by any name that scripts may use for it; one item of a loop by its number. Raises LookupError where none ran."""
        numbers = (iteration,) if isinstance(iteration, int) else iteration
        executions = [each for each in self.executions if _is_in(numbers, each.iteration)]
        paths = {each.keys: each.names for each in executions}
        nodes = [
            node
            for node in self.nodes
            if name in self._names_of(node, paths) and _is_in(numbers, iteration_of(node.name))
        ]
        if not nodes:
            known = ", ".join(sorted({node.display_name for node in self.nodes})) or "none yet"
            raise LookupError(f"run {self.name!r} has no task {name!r}; tasks: {known}")
        return self._task(name, nodes, tuple(each for each in executions if name in each.names))

    def _names_of(self, node: NodeView, paths: Mapping[tuple[str, ...], tuple[str, ...]]) -> tuple[str, ...]:
        """What a node's task may be called; ``paths`` has the names of the tasks of v2 pipelines by their keys."""
        title = self.titles.get(node.template, "")
        names = task_names(node.display_name, node.template, node.name, title)
        if not paths:
            return names
        is_driver = node.display_name.endswith(DRIVER)
        keys = task_path(node.name, self.workflow_name, is_driver).keys
        of_task = paths.get(keys) or (names_of(keys) if keys else ())
        return (*names, *(f"{each}{DRIVER}" for each in of_task)) if is_driver else (*names, *of_task)


def _is_in(numbers: tuple[int, ...] | None, iteration: tuple[int, ...]) -> bool:
    """Whether a node or execution is in the item that is asked for."""
    return numbers is None or iteration[-len(numbers) :] == numbers


def run_view(deployment: Deployment, run: Run) -> RunView:
    """The run as it stands now. While a large one is copied others get in between, but for who reaches for this one."""
    with deployment.cluster.pace.working_on(deployment.lifecycle.key_of(run)):
        return _view(deployment, run)


def _view(deployment: Deployment, run: Run) -> RunView:
    world, spec = deployment.world, run.spec
    workflow = _workflow(deployment, run)
    executions = executions_of(deployment.metadata.seen(run.id), world.objects)
    nodes = tuple(_nodes(deployment, run, workflow)) if workflow is not None else ()
    templates = (workflow.spec.get("templates") or ()) if workflow is not None else ()
    return RunView(
        id=run.id,
        name=run.name,
        description=run.description,
        status=run.conditions,
        state=run.state,
        archived=run.storage_state is StorageState.ARCHIVED,
        namespace=run.namespace,
        experiment_id=run.experiment_id,
        experiment=name_of(world.experiments, run.experiment_id),
        pipeline_id=spec.pipeline_id,
        pipeline=name_of(world.pipelines, spec.pipeline_id),
        version_id=spec.pipeline_version_id,
        version=name_of(world.pipeline_versions, spec.pipeline_version_id),
        recurring_run_id=run.job_id,
        created_at=moment(run.created_at),
        scheduled_at=moment(run.scheduled_at),
        finished_at=moment_or_none(run.finished_at),
        history=tuple((moment(change.at), change.state) for change in run.state_history),
        service_account=run.service_account,
        parameters=parameters_of(spec),
        outputs=_outputs(nodes, executions, run.workflow_name),
        metrics=MappingProxyType({metric.name: metric.value for metric in run.metrics}),
        manifest=spec.pipeline_manifest or spec.workflow_manifest,
        workflow_name=run.workflow_name,
        nodes=nodes,
        titles=MappingProxyType({template["name"]: title_of(template) for template in templates}),
        executions=executions,
    )


def _workflow(deployment: Deployment, run: Run) -> Workflow | None:
    """The run's workflow; of one that is gone from the cluster what was stored of it last."""
    workflow = deployment.lifecycle.seen_workflow_of(run)
    text = run.workflow_runtime_manifest
    return Workflow.from_manifest(json.loads(text)) if workflow is None and text else workflow


def _nodes(deployment: Deployment, run: Run, workflow: Workflow) -> Iterator[NodeView]:
    """The nodes, in the order in which they came to their turn; a pod's log lies beside the workflow, and goes with it."""
    objects, log = deployment.world.objects, deployment.simulation.log
    is_there = deployment.lifecycle.has_workflow(run)
    for node in in_turn(workflow.status.nodes):
        deployment.cluster.pace.step()
        is_pod = is_there and node.type == "Pod"
        yield NodeView.of(node, objects, log(workflow, node.id) if is_pod else None)


def _outputs(
    nodes: Sequence[NodeView], executions: Sequence[ExecutionView], workflow_name: str
) -> Mapping[str, Any]:
    root = next((each for each in executions if not each.keys), None)
    if root is not None:
        return root.outputs
    entrypoint = next((each for each in nodes if each.name == workflow_name), None)
    return entrypoint.outputs.parameters if entrypoint is not None else MappingProxyType({})
