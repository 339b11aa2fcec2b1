"""A world in which nothing is made up: what a task gives that nobody scripted is an error of its run."""

from __future__ import annotations

from fake_kfp.simulator.cluster.workflow import Pod


class UnscriptedError(Exception):
    """A value was wanted that nobody said."""

    def __init__(self, task: str, output: str) -> None:
        super().__init__(
            f"fake_kfp: strict: nobody said what {output!r} of {task!r} is. Say it before the run is looked at:"
            f' fake.task("{task}").outputs({output}=...)'
        )


class NoValues:
    """Has no values for outputs that nobody scripted (:class:`~.executor.Values`)."""

    def of(self, pod: Pod, output: str) -> str:
        """Raises UnscriptedError."""
        raise UnscriptedError(pod.template_name, output.removeprefix(f"{pod.template_name}-"))
