"""Values for the outputs that nobody scripted, such that the workflow as a whole ends well.

What outputs are compared with and looped over tells what their values could be (:mod:`~.uses`). Which of those go together is found out
by walking the workflow on trial, with the likeliest first: nothing knows better than the engine what a value leads to.
"""

from __future__ import annotations

import json
import logging
from copy import deepcopy
from datetime import datetime, timezone
from functools import lru_cache
from typing import NamedTuple

from fake_kfp.golang.json_text import Json
from fake_kfp.golang.times import later
from fake_kfp.simulator.cluster.workflow import Pod, Workflow
from fake_kfp.simulator.engine.operator import Operator
from fake_kfp.simulator.kubelet.consumers import called
from fake_kfp.simulator.kubelet.executor import Executor
from fake_kfp.simulator.kubelet.outcomes import Outcome, Outcomes, iteration_of, names_of
from fake_kfp.simulator.kubelet.players import Notes
from fake_kfp.simulator.kubelet.uses import PLAUSIBLE, Key, Uses, text_of
from fake_kfp.store.objects import Objects

_log = logging.getLogger("fake_kfp")

_MOST_TRIALS = 80
_MOST_PODS = 300
"""In one trial: what takes more leads to no end."""
_START = datetime(2000, 1, 1, tzinfo=timezone.utc)

Choice = dict[Key, str]


class Scripts(NamedTuple):
    """What was said about the tasks of a run that goes by these names."""

    outcomes: Outcomes
    run_names: tuple[str, ...]

    def draw(self, pod: Pod) -> Outcome:
        """What was said about a pod."""
        return self.outcomes.draw(names_of(pod), self.run_names, iteration_of(pod.node_name))


class Verdict(NamedTuple):
    """What a trial came to, the better the smaller: errors, whether it came to no end, and what was said of the first error."""

    errors: int
    endless: bool
    message: str = ""


class Values:
    """The values of one workflow's outputs."""

    def __init__(
        self, workflow: Workflow, outcomes: Outcomes, run_names: tuple[str, ...], notes: Notes
    ) -> None:
        self._workflow = workflow
        self._scripts = Scripts(outcomes, run_names)
        self._notes = notes

    def of(self, pod: Pod, output: str) -> str:
        """A value for an output of a pod."""
        key = key_of(self._workflow, pod, output)
        return self._choice.get(key, PLAUSIBLE[0]) if key is not None else PLAUSIBLE[0]

    @property
    def _choice(self) -> Choice:
        if self._notes.choice is None:
            self._notes.choice = self._chosen()
        return self._notes.choice

    def _chosen(self) -> Choice:
        spec = json.dumps(self._workflow.spec)
        choice, trouble = _unscripted(spec) if self._scripts.outcomes.empty else _choose(spec, self._scripts)
        if trouble:
            _log.warning(
                "fake_kfp: no outputs were found with which %s ends well: %s", self._workflow.name, trouble
            )
        return choice


def key_of(workflow: Workflow, pod: Pod, output: str) -> Key | None:
    """What an output of a pod is called in the template that has it run; None for a pod that is its workflow's root."""
    node = workflow.status.nodes.get(pod.node_id)
    parent = workflow.status.nodes.get(node.boundary_id) if node is not None else None
    return (parent.template_name, called(pod), output) if parent is not None else None


@lru_cache(maxsize=64)
def _unscripted(spec: str) -> tuple[Choice, str]:
    """The choice for a workflow of which nobody said anything: it is the same in all worlds."""
    return _choose(spec, Scripts(Outcomes(), ()))


def _choose(spec: str, scripts: Scripts) -> tuple[Choice, str]:
    """Values for all outputs of which anything is asked, and what is still wrong with them."""
    wants = Uses(json.loads(spec)).wants()
    options = {key: [text_of(value) for value in want.values()] for key, want in wants.items() if want}
    choice = {key: values[0] for key, values in options.items()}
    if not options:
        return choice, ""
    best = _trial(spec, choice, scripts)
    left = _MOST_TRIALS
    better = True
    while better and best[:2] > (0, False):
        better = False
        for key, values in options.items():
            for value in values:
                if value == choice[key] or left <= 0:
                    continue
                left -= 1
                verdict = _trial(spec, {**choice, key: value}, scripts)
                if verdict[:2] < best[:2]:
                    best, choice, better = verdict, {**choice, key: value}, True
                if best[:2] == (0, False):
                    return choice, ""
    return choice, best.message


class _Fixed:
    """Values that are tried."""

    def __init__(self, workflow: Workflow, choice: Choice) -> None:
        self._workflow = workflow
        self._choice = choice

    def of(self, pod: Pod, output: str) -> str:
        """The value that is tried."""
        key = key_of(self._workflow, pod, output)
        return self._choice.get(key, PLAUSIBLE[0]) if key is not None else PLAUSIBLE[0]


def _trial(spec: str, choice: Choice, scripts: Scripts) -> Verdict:
    """Walks the workflow with these values; what was scripted happens as it will."""
    metadata = {
        "name": "trial",
        "namespace": "trial",
        "uid": "trial",
        "creationTimestamp": "2000-01-01T00:00:00Z",
    }
    workflow = Workflow.from_manifest({"metadata": metadata, "spec": json.loads(spec)})
    executor = Executor(workflow, Objects(), _Fixed(workflow, choice))
    _walk(workflow, executor, Scripts(deepcopy(scripts.outcomes), scripts.run_names))
    errors = [node for node in workflow.status.nodes.values() if node.phase == "Error" and node.type != "Pod"]
    said = next(
        (f"{node.display_name}: {node.message}" for node in errors if node.message), workflow.status.message
    )
    return Verdict(len(errors), not workflow.status.fulfilled, said)


def _walk(workflow: Workflow, executor: Executor, scripts: Scripts) -> None:
    operator, now = Operator(workflow), _START
    for _ in range(_MOST_PODS):
        operator.settle(now)
        pods = [pod for pod in workflow.pods.values() if pod.phase == "Pending"]
        due = operator.next_due()
        if workflow.status.fulfilled or not (pods or due):
            return
        now = later(now, 1) if due is None or pods else max(later(now, 1), due)
        for pod in pods:
            _end(workflow, pod, executor, scripts, now)


def _end(workflow: Workflow, pod: Pod, executor: Executor, scripts: Scripts, now: datetime) -> None:
    outcome = Outcome() if scripts.outcomes.empty else scripts.draw(pod)
    if outcome.phase in ("Pending", "Running") or pod.template.get("daemon"):
        workflow.move_pod(pod.node_id, "Running", now)
        return
    outputs: Json | None = executor.report(pod, outcome).outputs
    workflow.move_pod(
        pod.node_id, outcome.phase, now, exit_code=outcome.exit_code, message=outcome.message, outputs=outputs
    )
