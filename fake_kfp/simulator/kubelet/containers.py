"""Containers as their users' scripts have them: they end as it was scripted, and well if nothing was."""

from __future__ import annotations

from fake_kfp.simulator.cluster.workflow import ContainerEnd, Pod, Workflow
from fake_kfp.simulator.kubelet.executor import Executor
from fake_kfp.simulator.kubelet.failures import judged
from fake_kfp.simulator.kubelet.outcomes import Outcome, Outcomes, iteration_of, names_of, run_names_of
from fake_kfp.simulator.kubelet.players import Ending, Notes
from fake_kfp.simulator.kubelet.strict import NoValues, UnscriptedError
from fake_kfp.simulator.kubelet.values import Values
from fake_kfp.store.objects import Objects

_EXECUTOR = "wait"
_EXECUTOR_ERROR = 64
"""How the executor ends where it could not do something (``cmd/argoexec/main.go``)."""


class Containers:
    """Plays the pods of one workflow whose containers nobody knows anything special of (:class:`~.players.Player`)."""

    def __init__(
        self,
        workflow: Workflow,
        outcomes: Outcomes,
        objects: Objects,
        notes: Notes,
        *,
        strict: bool = False,
    ) -> None:
        self._outcomes = outcomes
        self._run_names = run_names_of(workflow)
        values = NoValues() if strict else Values(workflow, outcomes, self._run_names, notes)
        self._executor = Executor(workflow, objects, values)

    def begin(self, pod: Pod) -> Outcome:
        """What was scripted for the pod; statements that hold only so many times are used up."""
        if self._outcomes.empty:  # as in most worlds: nobody asks by which other names it goes
            return self._outcomes.draw((pod.display_name,), self._run_names)
        return self._outcomes.draw(names_of(pod), self._run_names, iteration_of(pod.node_name))

    def end(self, pod: Pod, outcome: Outcome) -> Ending:
        """As the outcome says, with what it has written; trouble of its executor's shows where main itself was well."""
        outcome, containers = judged(pod, outcome)
        try:
            outputs, error = self._executor.report(pod, outcome)
        except UnscriptedError as unscripted:
            return Ending("Error", outcome.exit_code, str(unscripted), None, containers)
        if error and outcome.phase == "Succeeded":
            error = ContainerEnd(_EXECUTOR_ERROR, error).text
            return Ending("Error", outcome.exit_code, error, outputs, containers, _EXECUTOR)
        return Ending(
            outcome.phase, outcome.exit_code, outcome.message, outputs, containers, outcome.container
        )
