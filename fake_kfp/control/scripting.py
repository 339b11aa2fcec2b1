"""Scripting what tasks do, in Python: ``fake.task("train").fails(exit_code=137, times=1)``."""

from __future__ import annotations

from fake_kfp.simulator.outcomes import Effect, Outcomes


class TaskScript:
    """Says what the tasks of some name do. Each method adds one statement and returns the script, so they chain.

    What was said last goes before what was said earlier, side by side: a later ``takes`` changes the duration and nothing else.
    """

    def __init__(self, outcomes: Outcomes, task: str, run: str = "*") -> None:
        self._outcomes = outcomes
        self._task = task
        self._run = run

    def succeeds(self, *, times: int | None = None) -> TaskScript:
        """The task succeeds: the next ``times`` pods of it, or all."""
        return self._say(Effect(self._task, self._run, phase="Succeeded", times=times))

    def fails(self, *, exit_code: int = 1, message: str = "", times: int | None = None) -> TaskScript:
        """The task fails with this exit code and message: the next ``times`` pods of it, or all."""
        return self._say(
            Effect(self._task, self._run, phase="Failed", exit_code=exit_code, message=message, times=times)
        )

    def hangs(self, *, times: int | None = None) -> TaskScript:
        """The task runs and never ends by itself."""
        return self._say(Effect(self._task, self._run, phase="Running", times=times))

    def takes(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0) -> TaskScript:
        """How much simulated time the task takes."""
        return self._say(Effect(self._task, self._run, seconds=seconds + 60 * minutes + 3600 * hours))

    def outputs(self, **parameters: str) -> TaskScript:
        """Values of output parameters; an underscore also stands for a hyphen, ``result`` is a script's standard output."""
        values = {**parameters, **{name.replace("_", "-"): value for name, value in parameters.items()}}
        return self._say(Effect(self._task, self._run, parameters=values))

    def writes(self, **artifacts: bytes) -> TaskScript:
        """Contents of output artifacts; an underscore also stands for a hyphen."""
        values = {**artifacts, **{name.replace("_", "-"): content for name, content in artifacts.items()}}
        return self._say(Effect(self._task, self._run, artifacts=values))

    def reports(self, **metrics: float) -> TaskScript:
        """Metrics that the run gets when the task has ended."""
        return self._say(Effect(self._task, self._run, metrics=metrics))

    def logs(self, text: str) -> TaskScript:
        """The task's log."""
        return self._say(Effect(self._task, self._run, log=text))

    def _say(self, effect: Effect) -> TaskScript:
        self._outcomes.add(effect)
        return self
