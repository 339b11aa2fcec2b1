"""Who plays the containers of simulated pods: what a pod does, and what is to be seen of it in the end.

The simulation knows when pods begin and end; a player knows what they are for. Rooms above this one hand in players of their own,
for pods whose command they know how to carry out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple, Protocol

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.phases import PodPhase
from fake_kfp.simulator.cluster.workflow import ContainerEnd, Pod, Workflow
from fake_kfp.simulator.kubelet.outcomes import Outcome, Outcomes


class Ending(NamedTuple):
    """How a pod ended: ``phase`` is Succeeded, Failed or Error, ``outputs`` are Argo outputs as its executor reports them, in Go's form.

    ``container`` is the one whose end the ``message`` tells, ``containers`` says how those of a container set ended,
    where they did not end alike.
    """

    phase: PodPhase
    exit_code: int | None = 0
    message: str = ""
    outputs: Json | None = None
    containers: Mapping[str, ContainerEnd] = MappingProxyType({})
    container: str = ""


@dataclass(slots=True)
class Notes:
    """What the players of one workflow must not forget while it is under way: what they can't find out again.

    ``choice`` are the values that were found for outputs that nobody scripted, by template, task and output; ``reused`` the outputs
    of steps that the cache stands in for, by their nodes' ids.
    """

    choice: dict[tuple[str, str, str], str] | None = None
    reused: dict[str, Json | None] = field(default_factory=dict)


class Player(Protocol):
    """Plays the pods of one workflow. It is dropped with what else is known of a workflow that is under way."""

    def begin(self, pod: Pod) -> Outcome:
        """What a pod that starts now will do: how long it takes, what it logs, whether it ends at all. Asked once a pod."""

    def end(self, pod: Pod, outcome: Outcome) -> Ending:
        """How a pod ends whose time is over, with whatever it leaves behind. ``outcome`` is what ``begin`` said."""


Players = Callable[[Workflow, Notes, Outcomes | None], Player]
"""Finds the player of a workflow, once each time it comes to life, which keeps its notes with the simulation.

Where outcomes are given, its pods do what is said there and nowhere else, none of them taking over what another run's gave.
"""
