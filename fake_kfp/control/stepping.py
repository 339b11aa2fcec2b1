"""Moving pods by hand: the steps of a manual simulation."""

from __future__ import annotations

from typing import Any

from fake_kfp.deployment import Deployment
from fake_kfp.simulator.cluster.phases import PodPhase
from fake_kfp.simulator.cluster.workflow import Pod, Workflow
from fake_kfp.simulator.kubelet.outcomes import names_of
from fake_kfp.simulator.manifests import ManifestError, normalise

PHASES: dict[str, PodPhase] = {
    "Running": "Running",
    "Succeeded": "Succeeded",
    "Failed": "Failed",
    "Error": "Error",
}
"""The phases that a pod can be moved to, by what they are called by those who move it. Error is the phase of its node."""


class StepError(Exception):
    """A step that can't be taken; ``status`` says why as HTTP does: 400 nonsense, 404 no such run, 409 not exactly one pod fits."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def settle(deployment: Deployment, run_id: str) -> None:
    """The operator looks at the run's workflow, and the run's record is brought up to date; no pod moves. Raises StepError."""
    workflow = _workflow(deployment, run_id)
    if workflow is not None:
        deployment.lifecycle.look(workflow)


def move_task(
    deployment: Deployment,
    run_id: str,
    task: str,
    phase: str,
    *,
    exit_code: int | None = None,
    message: str = "",
    outputs: dict[str, Any] | None = None,
) -> None:
    """Moves the one live pod whose node has this display name or name to ``phase``, between two looks. Raises StepError."""
    _check(phase, exit_code, message, outputs)
    workflow = _workflow(deployment, run_id)
    if workflow is None:
        raise StepError(409, f"the workflow of run {run_id!r} is gone from the cluster")
    # the pod may be one that this look makes: a run that was just created has none
    deployment.simulation.look(workflow)
    pods = _called(workflow, task)
    if len(pods) != 1:
        live = ", ".join(sorted(pod.display_name for pod in workflow.live_pods)) or "none"
        raise StepError(
            409, f"{len(pods)} live pods of run {run_id!r} are called {task!r}, not one; there are: {live}"
        )
    now = deployment.clock.now()
    try:
        normal = None if outputs is None else normalise(outputs, "v1alpha1.Outputs")
    except ManifestError as error:
        raise StepError(400, f"outputs are not Argo's: {error.text}") from None
    workflow.move_pod(
        pods[0].node_id, PHASES[phase], now, exit_code=exit_code, message=message, outputs=normal
    )
    deployment.lifecycle.look(workflow)


def _called(workflow: Workflow, task: str) -> list[Pod]:
    """The live pods of a name: of their nodes, else any that scripts may use (a retried task's for its present try)."""
    return workflow.find_live_pods(task) or [pod for pod in workflow.live_pods if task in names_of(pod)]


def _check(phase: str, exit_code: int | None, message: str, outputs: dict[str, Any] | None) -> None:
    if not isinstance(phase, str) or phase not in PHASES:
        raise StepError(400, f"a pod's phase is one of {', '.join(PHASES)}, not {phase!r}")
    if exit_code is not None and (isinstance(exit_code, bool) or not isinstance(exit_code, int)):
        raise StepError(400, f"exit_code is a number, not {exit_code!r}")
    if not isinstance(message, str):
        raise StepError(400, f"message is a text, not {message!r}")
    if outputs is not None and not isinstance(outputs, dict):
        raise StepError(400, f"outputs is an object, not {outputs!r}")


def _workflow(deployment: Deployment, run_id: str) -> Workflow | None:
    run = deployment.world.runs.get(run_id)
    if run is None:
        raise StepError(404, f"there is no run {run_id!r}")
    return deployment.lifecycle.workflow_of(run)
