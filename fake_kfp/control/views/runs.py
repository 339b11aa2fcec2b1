"""Runs and their tasks as they stood when they were looked up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from fake_kfp.control.views.executions import ExecutionView, executions_of
from fake_kfp.control.views.nodes import NodeView
from fake_kfp.control.views.texts import moment, moment_or_none, parameters_of
from fake_kfp.deployment import Deployment
from fake_kfp.ir.names import names_of, task_path
from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.simulator.kubelet.outcomes import DRIVER, iteration_of, task_names, title_of
from fake_kfp.store.records import Run, StorageState


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task of a run: all the nodes that ran it, tries and loop items among them, its own node first.

    ``executions`` are there for tasks of v2 pipelines, one for each item of the loops around the task.
    """

    name: str
    nodes: tuple[NodeView, ...]
    executions: tuple[ExecutionView, ...] = ()

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

    def _one(self) -> ExecutionView | None:
        if len(self.executions) > 1:
            raise LookupError(
                f"task {self.name!r} ran for {len(self.executions)} items; ask for one by its iteration"
            )
        return self.executions[0] if self.executions else None


_STATES = {"Error": "FAILED", "Omitted": ""}


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
        nodes.sort(key=lambda node: (len(node.name), node.name))  # what runs in a node is called after it
        return TaskView(name, tuple(nodes), tuple(each for each in executions if name in each.names))

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
    """The run as it stands now."""
    world, spec = deployment.world, run.spec
    workflow = _workflow(deployment, run)
    experiment = world.experiments.get(run.experiment_id)
    pipeline = world.pipelines.get(spec.pipeline_id)
    version = world.pipeline_versions.get(spec.pipeline_version_id)
    nodes = workflow.status.nodes.values() if workflow is not None else ()
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
        experiment=experiment.name if experiment is not None else "",
        pipeline_id=spec.pipeline_id,
        pipeline=pipeline.name if pipeline is not None else "",
        version_id=spec.pipeline_version_id,
        version=version.name if version is not None else "",
        recurring_run_id=run.job_id,
        created_at=moment(run.created_at),
        scheduled_at=moment(run.scheduled_at),
        finished_at=moment_or_none(run.finished_at),
        history=tuple((moment(change.at), change.state) for change in run.state_history),
        service_account=run.service_account,
        parameters=parameters_of(spec),
        metrics=MappingProxyType({metric.name: metric.value for metric in run.metrics}),
        manifest=spec.pipeline_manifest or spec.workflow_manifest,
        workflow_name=run.workflow_name,
        nodes=tuple(NodeView.of(node) for node in nodes),
        titles=MappingProxyType({template["name"]: title_of(template) for template in templates}),
        executions=executions_of(deployment.metadata.seen(run.id)),
    )


def _workflow(deployment: Deployment, run: Run) -> Workflow | None:
    """The run's workflow; of one that is gone from the cluster what was stored of it last."""
    workflow = deployment.lifecycle.seen_workflow_of(run)
    text = run.workflow_runtime_manifest
    return Workflow.from_manifest(json.loads(text)) if workflow is None and text else workflow
