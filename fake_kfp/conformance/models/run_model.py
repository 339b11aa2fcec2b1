"""The life of a run as a small pure model: what each call and each step of a pod makes of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

LIVE = ("Pending", "Running")
ENDED = ("Succeeded", "Failed")


@dataclass
class RunModel:
    """A run of ``tasks`` containers, one after the other (``chain``) or all at once.

    ``pods`` holds the phase of each pod that exists. The engine only ever does something when it :meth:`looks`.
    """

    tasks: int
    chain: bool
    status: str = "Pending"
    archived: bool = False
    metrics: int = 0
    was_terminated: bool = False
    pods: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The tasks, in order."""
        return [f"t{number}" for number in range(self.tasks)]

    @property
    def ended(self) -> bool:
        """Whether the run is over."""
        return self.status in ENDED

    def looks(self) -> None:
        """The engine looks: pods that are due start, and the run ends when nothing more can happen."""
        if self.ended:
            return
        if self.status == "Terminating":
            self.status = "Failed"
            self.pods = {name: "Failed" if phase in LIVE else phase for name, phase in self.pods.items()}
            return
        self.status = "Running"
        for name in self._due():
            self.pods[name] = "Pending"
        if not any(phase in LIVE for phase in self.pods.values()):
            done = [self.pods.get(name) for name in self.names]
            self.status = "Succeeded" if done == ["Succeeded"] * self.tasks else "Failed"

    def _due(self) -> list[str]:
        missing = [name for name in self.names if name not in self.pods]
        if not self.chain:
            return missing
        before = [self.pods.get(name) for name in self.names[: self.tasks - len(missing)]]
        return missing[:1] if all(phase == "Succeeded" for phase in before) else []

    def moves(self, name: str, phase: str) -> bool:
        """A pod reaches a phase, with a look before and after; False where there is no such live pod."""
        self.looks()
        if self.pods.get(name) not in LIVE:
            return False
        self.pods[name] = phase
        self.looks()
        return True

    def terminates(self) -> bool:
        """Someone asks for its end; False where that is refused."""
        if self.status not in LIVE:
            return False
        self.status = "Terminating"
        self.was_terminated = True
        return True

    def retries(self) -> bool:
        """Someone asks for another attempt, which keeps what succeeded; False where that is refused."""
        if self.status != "Failed":
            return False
        self.status = "Running"
        self.pods = {name: phase for name, phase in self.pods.items() if phase == "Succeeded"}
        self.was_terminated = False
        return True

    def manifest(self) -> str:
        """A workflow that runs so."""
        tasks = [
            {
                "name": name,
                "template": "work",
                **({"dependencies": [f"t{number - 1}"]} if self.chain and number else {}),
            }
            for number, name in enumerate(self.names)
        ]
        work = {"name": "work", "container": {"image": "busybox", "command": ["true"]}}
        spec = {"entrypoint": "main", "templates": [{"name": "main", "dag": {"tasks": tasks}}, work]}
        return json.dumps(
            {
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "Workflow",
                "metadata": {"generateName": "life-"},
                "spec": spec,
            }
        )
