"""Outcomes: what each task of a simulated workflow does, scripted or by default.

An :class:`Effect` is one thing a test author said of a task ("it fails", "it takes three minutes"). What a pod does in the end is put
together from all effects whose names fit, the latest said first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

from fake_kfp.simulator.cluster.labels import RUN_ID_LABEL, RUN_NAME_ANNOTATION, TITLE_ANNOTATION
from fake_kfp.simulator.cluster.phases import PodPhase
from fake_kfp.simulator.cluster.workflow import ContainerEnd, Pod, Workflow

DEFAULT_SECONDS = 1.0
_SHOWN_TASKS = 50

Saved = Literal["outputs", "log", "nothing"]
"""What of a pod is saved at its end: all that it wrote; its log alone, where its main container was killed from outside; or nothing,
where the whole pod was.
"""

DRIVER = "-driver"
"""How the names of the drivers of v2 pipelines end."""

_ITEM = re.compile(r"\((\d+):")


@dataclass(slots=True)
class Effect:
    """One statement about the tasks that ``task`` and ``run`` name (shell patterns); None says nothing about that side.

    ``times`` is how many more pods it holds for (None: all), ``iteration`` for which item of a loop (None: any; inside several loops
    those of the outer ones may stand in front). ``phase`` is how the pod ends: Succeeded, Failed or Error; Running never
    ends, Pending never begins (``unschedulable``: it does not even find a node). ``omitted`` are outputs that are not written,
    ``saved`` is what is kept of those that are, ``failing`` names one container and how it ends, ``container`` the one whose end the
    ``message`` tells (empty: it is the pod's own). ``fitted`` says whether it was about any
    pod yet, which nobody minds of an ``optional`` one.
    """

    task: str
    run: str = "*"
    iteration: tuple[int, ...] | None = None
    phase: PodPhase | None = None
    exit_code: int | None = None
    message: str | None = None
    container: str = ""
    seconds: float | None = None
    log: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    artifacts: Mapping[str, bytes] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    omitted: tuple[str, ...] = ()
    saved: Saved = "outputs"
    failing: tuple[str, ContainerEnd] | None = None
    unschedulable: bool = False
    times: int | None = None
    optional: bool = False
    fitted: bool = field(default=False, compare=False)

    def holds_for(
        self, task_names: tuple[str, ...], run_names: tuple[str, ...], iteration: tuple[int, ...]
    ) -> bool:
        """Whether the statement is about a pod that goes by these names, in these items of the loops around it."""
        return (
            self.times != 0
            and (self.iteration is None or iteration[-len(self.iteration) :] == self.iteration)
            and any(fnmatchcase(name, self.task) for name in task_names)
            and any(fnmatchcase(name, self.run) for name in run_names)
        )


@dataclass(slots=True)
class Outcome:
    """What one pod does: ``seconds`` of simulated time, then its end. Sides left at None are up to the simulation.

    ``is_told`` says that its end was scripted: to fail or succeed, or what it gives.
    """

    phase: PodPhase = "Succeeded"
    exit_code: int | None = 0
    message: str = ""
    container: str = ""
    seconds: float = DEFAULT_SECONDS
    log: str | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    artifacts: dict[str, bytes] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    omitted: tuple[str, ...] = ()
    saved: Saved = "outputs"
    failing: tuple[str, ContainerEnd] | None = None
    unschedulable: bool = False
    is_told: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class OutcomesState:
    """What was said, in order, and the names of the first tasks that ran."""

    effects: list[Effect] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)


class Outcomes:
    """All that was said about tasks, in order."""

    def __init__(self) -> None:
        self._effects: list[Effect] = []
        self._tasks: dict[str, None] = {}
        self._said: Outcomes | None = None

    def said(self) -> Outcomes:
        """What was said until now, the same object until more is said. It is not used up where nothing said holds only so many times."""
        if self._said is None:
            said = Outcomes()
            said._effects, said._tasks = list(self._effects), self._tasks
            self._said = said
        return self._said

    @property
    def empty(self) -> bool:
        """Whether nothing was said."""
        return not self._effects

    def __iter__(self) -> Iterator[Effect]:
        """The statements, in the order in which they were said."""
        return iter(self._effects)

    def state(self) -> OutcomesState:
        """All that was said."""
        return OutcomesState(self._effects, list(self._tasks))

    def restore(self, state: OutcomesState) -> None:
        """This was said, and nothing else."""
        self._said = None
        self._effects = list(state.effects)
        self._tasks = dict.fromkeys(state.tasks)

    def add(self, effect: Effect) -> None:
        """Adds a statement; it goes before all earlier ones."""
        self._said = None
        self._effects.append(effect)

    def clear(self) -> None:
        """Forgets every statement."""
        self._said = None
        self._effects.clear()

    def unused(self) -> list[str]:
        """The statements that were about no pod so far, each about the same tasks once, with the tasks that there were."""
        ran = ", ".join(list(self._tasks)[:_SHOWN_TASKS]) or "none"
        tasks = dict.fromkeys(
            (effect.task, effect.run) for effect in self._effects if not effect.fitted and not effect.optional
        )
        return [
            f"{task!r}{f' of run {run!r}' if run != '*' else ''} fitted no task; there were: {ran}"
            for task, run in tasks
        ]

    def draw(
        self,
        task_names: tuple[str, ...],
        run_names: tuple[str, ...],
        iteration: tuple[int, ...] = (),
        *,
        of_driver: bool = False,
    ) -> Outcome:
        """What the next pod with these names does; statements that hold only so many times are used up by it.

        A driver listens only to statements that speak of drivers: a pattern for all tasks is not meant for theirs.
        """
        if not of_driver and len(self._tasks) < _SHOWN_TASKS:
            self._tasks[plain_name(task_names[0])] = None
        if not self._effects:
            return Outcome()
        said = Effect(task="")
        for effect in reversed(self._effects):
            if of_driver and not effect.task.endswith(DRIVER):
                continue
            if not effect.holds_for(task_names, run_names, iteration):
                continue
            effect.fitted = True
            if effect.phase and said.phase:
                continue
            _add(said, effect)
            if effect.times is not None:
                effect.times -= 1
        return _outcome(said)


def title_of(template: Mapping[str, Any]) -> str:
    """The name that kfp's ``set_display_name`` gave to a task; empty where it has none."""
    title: str = ((template.get("metadata") or {}).get("annotations") or {}).get(TITLE_ANNOTATION, "")
    return title


def plain_name(name: str) -> str:
    """A node's name without what tries and items of loops have in parentheses at their end."""
    end = len(name)
    while name.endswith(")", 0, end):
        start = name.rfind("(", 0, end)
        if start < 0 or name.find(")", start, end) != end - 1:
            break
        end = start
    return name[:end]


def task_names(display_name: str, template_name: str, full_name: str, title: str = "") -> tuple[str, ...]:
    """The names a script may use for a pod; a try or loop item also answers to its task's plain name."""
    plain = plain_name(display_name)
    return tuple(dict.fromkeys((display_name, plain, template_name, full_name, title)))


def iteration_of(full_name: str) -> tuple[int, ...]:
    """The numbers of the items, of the loops around a node from the outermost on, in its full name."""
    return tuple(map(int, _ITEM.findall(full_name)))


def names_of(pod: Pod) -> tuple[str, ...]:
    """The names a script may use for a pod of an Argo workflow."""
    return task_names(pod.display_name, pod.template_name, pod.node_name, title_of(pod.template))


def run_names_of(workflow: Workflow) -> tuple[str, ...]:
    """The names a script may use for a run: its own, its id, its workflow's."""
    name = workflow.annotations.get(RUN_NAME_ANNOTATION, "")
    return (name, workflow.labels.get(RUN_ID_LABEL, ""), workflow.name)


def log_of(outcome: Outcome, display_name: str, pod_name: str) -> str:
    """A pod's log: as scripted, else made up."""
    return made_up_log(display_name, pod_name) if outcome.log is None else outcome.log


def made_up_log(display_name: str, pod_name: str) -> str:
    """The log of a pod of which nobody said what it logs."""
    return f"fake_kfp: {display_name} ran as pod {pod_name}\n"


def _add(said: Effect, effect: Effect) -> None:
    """Adds what an earlier statement says to what later ones said already."""
    if said.phase is None and effect.phase is not None:
        said.phase, said.exit_code, said.message = effect.phase, effect.exit_code, effect.message
        said.container = effect.container
        said.unschedulable, said.saved, said.failing = effect.unschedulable, effect.saved, effect.failing
    said.seconds = effect.seconds if said.seconds is None else said.seconds
    said.log = effect.log if said.log is None else said.log
    said.parameters = {**effect.parameters, **said.parameters}
    said.artifacts = {**effect.artifacts, **said.artifacts}
    said.metrics = {**effect.metrics, **said.metrics}
    said.omitted = (*effect.omitted, *said.omitted)


def _outcome(said: Effect) -> Outcome:
    phase = said.phase or "Succeeded"
    default_code = {"Failed": 1, "Error": None}.get(phase, 0)
    return Outcome(
        phase=phase,
        exit_code=default_code if said.exit_code is None else said.exit_code,
        message=said.message or "",
        container=said.container,
        seconds=DEFAULT_SECONDS if said.seconds is None else said.seconds,
        log=said.log,
        parameters=dict(said.parameters),
        artifacts=dict(said.artifacts),
        metrics=dict(said.metrics),
        omitted=said.omitted,
        saved=said.saved,
        failing=said.failing,
        unschedulable=said.unschedulable,
        is_told=bool(said.phase or said.parameters or said.artifacts),
    )
