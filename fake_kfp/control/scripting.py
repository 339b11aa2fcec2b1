"""Scripting what tasks do, in Python: ``fake.task("train").fails(exit_code=137, times=1)``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from math import inf
from typing import Any, TypeVar

from fake_kfp.simulator.cluster.workflow import ContainerEnd
from fake_kfp.simulator.kubelet.outcomes import Effect, Outcomes

T = TypeVar("T")

EVICTED = "The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. "
UNSCHEDULABLE = "0/1 nodes are available: 1 Insufficient cpu."
"""What Kubernetes says, in short."""


class TaskScript:
    """Says what the tasks of some name do. Each method adds one statement and returns the script, so they chain.

    What was said last goes before what was said earlier, side by side: a later ``takes`` changes the duration and nothing else.
    ``iteration`` is the number of an item, from 0, where the tasks stand in a loop; inside several loops also the numbers of all, from
    the outermost on.
    """

    def __init__(
        self,
        outcomes: Outcomes,
        task: str,
        run: str = "*",
        iteration: int | tuple[int, ...] | None = None,
        *,
        optional: bool = False,
    ) -> None:
        if not task or not run:
            raise ValueError("a script is about the tasks of some name, or of all: task('*')")
        self._outcomes = outcomes
        self._about = partial(Effect, task, run, _iteration(iteration), optional=optional)

    def succeeds(self, *, times: int | None = None) -> TaskScript:
        """The task succeeds: the next ``times`` pods of it, or all."""
        return self._say(phase="Succeeded", times=_times(times))

    def fails(self, *, exit_code: int = 1, message: str = "", times: int | None = None) -> TaskScript:
        """The task fails with this exit code: the next ``times`` pods of it, or all.

        The message is the pod's own word, as of an eviction, and stands as it is; what a container leaves behind is told by
        :meth:`container_fails`.
        """
        if not exit_code:
            raise ValueError("a task that fails has another exit code than 0; see succeeds() and errors()")
        return self._say(phase="Failed", exit_code=exit_code, message=message, times=_times(times))

    def hangs(self, *, times: int | None = None) -> TaskScript:
        """The task runs and never ends by itself."""
        return self._say(phase="Running", times=_times(times))

    def errors(self, *, message: str = "", exit_code: int = 64, times: int | None = None) -> TaskScript:
        """The executor beside the task comes to grief, with this exit code and message: the node's phase is Error."""
        text = ContainerEnd(exit_code, message).text
        return self._say(phase="Error", exit_code=0, message=text, container="wait", times=_times(times))

    def killed_for_memory(self, *, times: int | None = None) -> TaskScript:
        """The task's container is killed since it takes too much memory: exit code 137, and its outputs are lost."""
        return self._say(
            phase="Failed",
            exit_code=137,
            message="OOMKilled (exit code 137)",
            container="main",
            saved="log",
            times=_times(times),
        )

    def evicted(self, *, message: str = EVICTED, times: int | None = None) -> TaskScript:
        """The task's pod has to leave its node: all of it is killed, and nothing saved."""
        return self._say(phase="Failed", exit_code=137, message=message, saved="nothing", times=_times(times))

    def loses_node(self, *, times: int | None = None) -> TaskScript:
        """The task's node goes away, and its pod with it: the phase is Error, there are no outputs."""
        return self._say(phase="Error", message="pod deleted", saved="nothing", times=_times(times))

    def container_fails(
        self, name: str, *, exit_code: int = 1, message: str = "", times: int | None = None
    ) -> TaskScript:
        """One container of the task's pod fails: one of a container set, a sidecar, an init container, or ``main``."""
        if not exit_code:
            raise ValueError("a container that fails has another exit code than 0")
        failing = (name, ContainerEnd(exit_code, message))
        return self._say(phase="Succeeded", failing=failing, times=_times(times))

    def cannot_be_scheduled(self, message: str = UNSCHEDULABLE, *, times: int | None = None) -> TaskScript:
        """No node takes the task's pod: it is Pending, with this message, until somebody ends it."""
        return self._say(
            phase="Pending", message=f"Unschedulable: {message}", unschedulable=True, times=_times(times)
        )

    def cannot_pull_image(self, message: str = "", *, times: int | None = None) -> TaskScript:
        """The task's image can't be pulled: its pod is Pending until somebody, or its deadline, ends it."""
        return self._say(phase="Pending", message=message, times=_times(times))

    def omits(self, *names: str) -> TaskScript:
        """Output parameters and artifacts that the task does not write: a default stands in for them, or the phase is Error."""
        return self._say(omitted=(*names, *(name.replace("_", "-") for name in names)))

    def takes(
        self, *, seconds: float | None = None, minutes: float | None = None, hours: float | None = None
    ) -> TaskScript:
        """How much simulated time the task takes."""
        if seconds is minutes is hours is None:
            raise ValueError("takes() wants a time: takes(minutes=5)")
        duration = (seconds or 0) + 60 * (minutes or 0) + 3600 * (hours or 0)
        if not 0 <= duration < inf:
            raise ValueError(f"a task takes 0 seconds or more, not {duration}")
        return self._say(seconds=duration)

    def outputs(self, /, **parameters: Any) -> TaskScript:
        """Values of output parameters; what is no text becomes JSON, as kfp's own components write it.

        An underscore also stands for a hyphen, ``result`` is a script's standard output.
        """
        texts = {
            name: value if isinstance(value, str) else json.dumps(value) for name, value in parameters.items()
        }
        return self._say(parameters=_hyphenated(texts))

    def writes(self, /, **artifacts: bytes | str) -> TaskScript:
        """Contents of output artifacts (a text as UTF-8); an underscore also stands for a hyphen."""
        contents = {
            # through a memoryview, which refuses a number: bytes(3) would be three zeros
            name: content.encode() if isinstance(content, str) else bytes(memoryview(content))
            for name, content in artifacts.items()
        }
        return self._say(artifacts=_hyphenated(contents))

    def reports(self, /, **metrics: float) -> TaskScript:
        """Metrics that the run gets when the task has ended."""
        numbers = {name: float(value) for name, value in metrics.items()}
        return self._say(metrics=numbers)

    def logs(self, text: str) -> TaskScript:
        """The task's log."""
        return self._say(log=text)

    def _say(self, **said: Any) -> TaskScript:
        self._outcomes.add(self._about(**said))
        return self


def _iteration(iteration: int | tuple[int, ...] | None) -> tuple[int, ...] | None:
    numbers = (iteration,) if isinstance(iteration, int) else iteration
    if numbers is not None and (not numbers or min(numbers) < 0):
        raise ValueError(f"iteration is the number of an item, 0 or more, not {iteration}")
    return numbers


def _times(times: int | None) -> int | None:
    if times is not None and times < 1:
        raise ValueError(f"times is how often it happens, 1 or more, not {times}")
    return times


def _hyphenated(values: Mapping[str, T]) -> dict[str, T]:
    """The values under their names, and under those that have a hyphen where Python wants an underscore."""
    return {**values, **{name.replace("_", "-"): value for name, value in values.items()}}
