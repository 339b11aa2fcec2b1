"""Small workflows, and a hand to move their pods."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from fake_kfp.simulator.cluster.phases import PodPhase
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.cluster.workflow import Pod, Workflow
from fake_kfp.simulator.engine.operator import Operator
from fake_kfp.versions import dialect_of

Json = dict[str, Any]

START = datetime(2024, 1, 1, tzinfo=timezone.utc)


def container(name: str = "work", **more: Any) -> Json:
    """A template that runs a pod."""
    return {"name": name, "inputs": {}, "outputs": {}, "container": {"image": "alpine", "name": ""}, **more}


def dag(name: str, *tasks: Json, **more: Any) -> Json:
    return {"name": name, "inputs": {}, "outputs": {}, "dag": {"tasks": list(tasks)}, **more}


def steps(name: str, *groups: list[Json], **more: Any) -> Json:
    return {"name": name, "inputs": {}, "outputs": {}, "steps": list(groups), **more}


def call(name: str, template: str = "work", **more: Any) -> Json:
    """A task or a step."""
    return {"name": name, "template": template, "arguments": {}, **more}


def arguments(**values: str) -> Json:
    return {"parameters": [{"name": name, "value": value} for name, value in values.items()]}


def inputs(*names: str) -> Json:
    return {"parameters": [{"name": name} for name in names]}


class Play:
    """One workflow named W. The first template is its entrypoint."""

    def __init__(self, *templates: Json, **spec: Any) -> None:
        self.now = START
        metadata = {
            "name": "W",
            "namespace": "kubeflow",
            "uid": "u-1",
            "creationTimestamp": "2024-01-01T00:00:00Z",
        }
        spec = {"entrypoint": templates[0]["name"], "arguments": {}, "templates": list(templates), **spec}
        self.replace({"metadata": metadata, "spec": spec})

    def replace(self, manifest: Json) -> Play:
        """Puts another workflow in place of what there was."""
        self.workflow = Workflow.from_manifest(manifest)
        return self.forget()

    def speaks(self, release: str) -> Play:
        """Lets the Argo of another release run it."""
        self.workflow.dialect = dialect_of(release)
        for template in self.workflow.spec["templates"]:
            template.setdefault("metadata", {})
        return self.forget()

    def settle(self) -> Play:
        self.operator.settle(self.now)
        return self

    def forget(self) -> Play:
        """Lets the operator lose all that it knows besides the workflow itself."""
        self.operator = Operator(self.workflow)
        return self

    def advance(self, seconds: float) -> Play:
        self.now += timedelta(seconds=seconds)
        return self.settle()

    def move(self, task: str, phase: PodPhase = "Succeeded", **outcome: Any) -> Play:
        """Moves the one live pod of that task, and lets the operator look."""
        self.settle()
        (pod,) = self.workflow.find_live_pods(task)
        self.workflow.move_pod(pod.node_id, phase, self.now, **outcome)
        return self.settle()

    def finish(self) -> Play:
        """Lets every pod succeed, oldest first, until the workflow is over or nothing moves any more."""
        self.settle()
        while self.workflow.pods and not self.workflow.status.fulfilled:
            self.workflow.move_pod(next(iter(self.workflow.pods)), "Succeeded", self.now)
            self.settle()
        return self

    @property
    def phase(self) -> str:
        return self.workflow.status.phase

    @property
    def message(self) -> str:
        return self.workflow.status.message

    @property
    def nodes(self) -> dict[str, Node]:
        """The nodes by name."""
        return {node.name: node for node in self.workflow.status.nodes.values()}

    @property
    def phases(self) -> dict[str, str]:
        """The phases by what stands behind the workflow's name in the name of the node."""
        return {name.removeprefix("W"): node.phase for name, node in self.nodes.items()}

    @property
    def live(self) -> list[str]:
        """The display names of the live pods."""
        return [pod.display_name for pod in self.workflow.pods.values() if pod.live]

    def pod(self, task: str) -> Pod:
        (pod,) = self.workflow.find_live_pods(task)
        return pod

    def names(self, ids: list[str] | dict[str, None]) -> list[str]:
        """The display names behind node ids."""
        return [self.workflow.status.nodes[node_id].display_name for node_id in ids]
