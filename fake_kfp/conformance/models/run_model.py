"""The life of a run as a small pure model: what each call and each step of a pod makes of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fake_kfp.conformance.server.dialects import V1BETA1, Dialect
from fake_kfp.conformance.server.plainest import pipeline

Json = dict[str, Any]
LIVE = ("Pending", "Running")
ENDED = ("SUCCEEDED", "FAILED")


@dataclass
class RunModel:
    """A run of some pods, each of which ``needs`` others to have succeeded.

    ``pods`` holds the phase of each pod that exists. The engine only ever does something when it :meth:`looks`, and only then is a
    state noted in the ``history``.
    """

    needs: Mapping[str, tuple[str, ...]]
    source: Json
    state: str = "PENDING"
    archived: bool = False
    metrics: int = 0
    was_terminated: bool = False
    pods: dict[str, str] = field(default_factory=dict)
    history: list[str] = field(default_factory=lambda: ["PENDING"])

    @property
    def names(self) -> list[str]:
        """The pods, in order, by the names of their nodes without that of the workflow."""
        return list(self.needs)

    @property
    def ended(self) -> bool:
        """Whether the run is over."""
        return self.state in ENDED

    def looks(self) -> None:
        """The engine looks, and what it saw is reported: pods that are due start, and the run ends when nothing more can happen."""
        self._moves_on()
        if self.history[-1] != self.state:
            self.history.append(self.state)

    def _moves_on(self) -> None:
        if self.ended:
            return
        if self.state == "CANCELING":
            self.state = "FAILED"
            self.pods = {name: "Failed" if phase in LIVE else phase for name, phase in self.pods.items()}
            return
        self.state = "RUNNING"
        for name, needed in self.needs.items():
            if name not in self.pods and all(self.pods.get(each) == "Succeeded" for each in needed):
                self.pods[name] = "Pending"
        if not any(phase in LIVE for phase in self.pods.values()):
            done = [self.pods.get(name) for name in self.names]
            self.state = "SUCCEEDED" if done == ["Succeeded"] * len(done) else "FAILED"

    def moves(self, name: str, phase: str) -> bool:
        """A pod reaches a phase, with a look before, of which nobody hears, and one after; False where there is no such live pod."""
        self._moves_on()
        moved = self.pods.get(name) in LIVE
        if moved:
            self.pods[name] = phase
        self.looks()
        return moved

    def terminates(self) -> bool:
        """Someone asks for its end; False where that is refused."""
        if self.state not in ("PENDING", "RUNNING"):
            return False
        self.state = "CANCELING"
        self.was_terminated = True
        return True

    def retries(self, keeping_history: bool = False) -> bool:
        """Someone asks for another attempt, which keeps what succeeded; False where that is refused.

        The history starts anew, or goes on, as the release does it.
        """
        if self.state != "FAILED":
            return False
        self.state = "RUNNING"
        self.history = [*self.history, self.state] if keeping_history else [self.state]
        self.pods = {name: phase for name, phase in self.pods.items() if phase == "Succeeded"}
        self.was_terminated = False
        return True


def model_of(dialect: Dialect, tasks: int, chain: bool) -> RunModel:
    """A run of so many tasks, one after the other or all at once, as a version's pipelines are written."""
    names = [f"t{number}" for number in range(tasks)]
    before = {name: [names[number - 1]] if chain and number else [] for number, name in enumerate(names)}
    return _of_workflow(before) if dialect is V1BETA1 else _of_pipeline(before)


def _of_workflow(before: Mapping[str, list[str]]) -> RunModel:
    tasks = [{"name": name, "template": "work", "dependencies": needed} for name, needed in before.items()]
    work = {"name": "work", "container": {"image": "busybox", "command": ["true"]}}
    manifest = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"generateName": "life-"},
        "spec": {"entrypoint": "main", "templates": [{"name": "main", "dag": {"tasks": tasks}}, work]},
    }
    needs = {name: tuple(needed) for name, needed in before.items()}
    return RunModel(needs, {"pipeline_spec": {"workflow_manifest": json.dumps(manifest)}})


def _of_pipeline(before: Mapping[str, list[str]]) -> RunModel:
    """Each task is two pods, its driver and its executor; the driver of the whole comes first."""
    needs: dict[str, tuple[str, ...]] = {"root-driver": ()}
    for name, needed in before.items():
        needs[f"root.{name}-driver"] = ("root-driver", *(f"root.{each}.executor" for each in needed))
        needs[f"root.{name}.executor"] = (f"root.{name}-driver",)
    tasks = {name: {"dependentTasks": needed} for name, needed in before.items()}
    return RunModel(needs, {"pipeline_spec": pipeline("life", tasks)})


def outputs_of(name: str) -> Json:
    """What a pod leaves behind, so that what waits for it can go on: drivers tell what they found out."""
    if not name.endswith("-driver"):
        return {}
    told = {"execution-id": "1", "iteration-count": "0", "condition": "nil"}
    if name != "root-driver":
        told = {
            "pod-spec-patch": '{"containers":[{"name":"main"}]}',
            "cached-decision": "false",
            "condition": "nil",
        }
    return {"outputs": {"parameters": [{"name": key, "value": value} for key, value in told.items()]}}
