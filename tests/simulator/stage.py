"""A cluster with a clock, and the simulation that moves its workflows."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from fake_kfp.simulator.cluster.cluster import Cluster
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.simulator.kubelet.containers import Containers
from fake_kfp.simulator.kubelet.drives import Drive
from fake_kfp.simulator.kubelet.mode import Mode
from fake_kfp.simulator.kubelet.outcomes import Effect, Outcomes
from fake_kfp.simulator.kubelet.players import Notes, Player
from fake_kfp.simulator.kubelet.simulation import Simulation
from fake_kfp.simulator.manifests import normalise
from fake_kfp.store.clock import Clock
from fake_kfp.store.ids import Ids
from fake_kfp.store.objects import Objects
from fake_kfp.versions import dialect_of

Json = dict[str, Any]
START = datetime(2024, 1, 1, tzinfo=timezone.utc)


def container(name: str = "main", **more: Any) -> Json:
    """A template that runs a pod."""
    return {"name": name, "container": {"image": "busybox", "command": ["true"]}, **more}


def chain(name: str, *tasks: str) -> Json:
    """A dag of tasks one after the other, each running the template of its name."""
    listed = [
        {"name": task, "template": task, "dependencies": list(tasks[:at][-1:])}
        for at, task in enumerate(tasks)
    ]
    return {"name": name, "dag": {"tasks": listed}}


class Stage:
    """A world without records: what was scripted, and one workflow at a time."""

    def __init__(
        self, mode: Mode = Mode.CLOCKED, *, seed: int | None = 1, delay: float = 0, release: str | None = None
    ) -> None:
        self.clock = Clock(START, speed=0)
        self.objects = Objects()
        self.outcomes = Outcomes()
        self.cluster = Cluster(self.clock, Ids(seed), dialect_of(release))
        self.simulation = Simulation(self.cluster, self.clock, self._player_of, mode, delay)

    def _player_of(self, workflow: Workflow, notes: Notes, told: Outcomes | None) -> Player:
        return Containers(workflow, told or self.outcomes, self.objects, notes)

    def script(self, task: str, **said: Any) -> Stage:
        self.outcomes.add(Effect(task, **said))
        return self

    def create(self, *templates: Json, run: str = "a run", **spec: Any) -> Workflow:
        """A workflow whose entrypoint is the first template."""
        manifest = {
            "metadata": {
                "generateName": "flow-",
                "namespace": "kubeflow",
                "labels": {"pipeline/runid": "run-id"},
                "annotations": {"pipelines.kubeflow.org/run_name": run},
            },
            "spec": {"entrypoint": templates[0]["name"], "templates": list(templates), **spec},
        }
        return self.cluster.create(normalise(manifest))

    def look(self, workflow: Workflow) -> str:
        """The workflow's phase, after all that is due has happened."""
        self.simulation.catch_up(workflow)
        return workflow.status.phase

    def drive(self, workflow: Workflow) -> Drive:
        return self.simulation.catch_up(workflow)


def node(workflow: Workflow, name: str) -> Node:
    """The only node of that display name."""
    (found,) = (each for each in workflow.status.nodes.values() if each.display_name == name)
    return found
