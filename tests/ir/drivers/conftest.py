"""Runs of small v2 pipelines in an instant simulation, written as IR by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from fake_kfp.control.scripting import TaskScript
from fake_kfp.deployment import Deployment
from fake_kfp.golang.json_text import Json
from fake_kfp.ir.metadata import Execution
from fake_kfp.options import Options
from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.versions import V2BETA1
from tests.api.v1beta1.conftest import calling


@dataclass(frozen=True, repr=False)
class Played:
    """A run that has come to its end."""

    deployment: Deployment
    id: str
    state: str
    workflow: Workflow

    def phases(self) -> dict[str, str]:
        """The phase of each node, by its name without the workflow's."""
        prefix = len(self.workflow.name) + 1
        return {node.name[prefix:]: node.phase for node in self.workflow.status.nodes.values()}

    def __repr__(self) -> str:
        nodes = self.workflow.status.nodes.values()
        return f"{self.state}: " + "; ".join(
            f"{each.name} {each.phase} {each.message}" for each in nodes if each.message
        )

    def message(self, node: str) -> str:
        """What is said of a node."""
        name = f"{self.workflow.name}.{node}"
        return next(each.message for each in self.workflow.status.nodes.values() if each.name == name)

    def executions(self, task: str) -> list[Execution]:
        """What the metadata knows of a task, one execution an item, in their order."""
        run = self.deployment.metadata.run(self.id)
        found = [each for each in run.executions.values() if each.task_name == task]
        return sorted(found, key=lambda each: each.iteration_index or 0)

    def inputs(self, task: str) -> Json:
        """The inputs of a task that ran once."""
        (execution,) = self.executions(task)
        return execution.inputs

    def outputs(self, task: str) -> Json | None:
        """The outputs of a task that ran once."""
        (execution,) = self.executions(task)
        return execution.outputs


class Stage:
    """A world in which pipelines are run."""

    def __init__(self, **options: Any) -> None:
        given = {"now": "2024-01-01T00:00:00Z", "seed": 1, "simulation": "instant", **options}
        self.deployment = Deployment(Options().with_changes(given))
        self.call = calling(self.deployment, V2BETA1)

    def task(self, name: str, run: str = "*", **where: Any) -> TaskScript:
        """What the tasks of a name are to do."""
        return TaskScript(self.deployment.outcomes, name, run, **where)

    def play(self, spec: Json, **parameters: Any) -> Played:
        """Runs a pipeline to its end."""
        config = {"parameters": parameters} if parameters else {}
        request = {"display_name": "a run", "pipeline_spec": spec, "runtime_config": config}
        made = self.call("RunService.CreateRun", run=request)
        run = self.call("RunService.GetRun", run_id=made["run_id"])
        with self.deployment.visit():
            record = self.deployment.world.runs.get(made["run_id"])
            assert record is not None
            workflow = self.deployment.lifecycle.seen_workflow_of(record)
            assert workflow is not None
        return Played(self.deployment, made["run_id"], run["state"], workflow)


@pytest.fixture
def stage() -> Stage:
    """A fresh world."""
    return Stage()


@pytest.fixture
def play(stage: Stage) -> Callable[..., Played]:
    """Runs a pipeline in a fresh world."""
    return stage.play
