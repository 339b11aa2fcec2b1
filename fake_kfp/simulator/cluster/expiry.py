"""When finished workflows go away: Argo's ``ttlStrategy`` (``gccontroller/gc_controller.go``) and the persistence agent's own limit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fake_kfp.golang.times import later
from fake_kfp.simulator.cluster.labels import COMPLETED_LABEL, FINAL_STATE_LABEL, RUN_ID_LABEL
from fake_kfp.simulator.cluster.workflow import Workflow

_FOR_CERTAIN = 1
"""The garbage collector waits a second longer, so that it never comes too early."""
_OF_THE_AGENT = 86400
"""``TTL_SECONDS_AFTER_WORKFLOW_FINISH`` of the standard installation."""


def expiry_of(workflow: Workflow) -> datetime | None:
    """The moment at which a workflow goes away; None where it stays, or is not over."""
    finished, labels = workflow.status.finished_at, workflow.labels
    if finished is None:
        return None
    moments = []
    lifetime = _lifetime(workflow) if labels.get(COMPLETED_LABEL) == "true" else None
    if lifetime is not None:
        moments.append(later(finished, lifetime + _FOR_CERTAIN))
    if FINAL_STATE_LABEL in labels and RUN_ID_LABEL in labels:
        moments.append(later(finished, _OF_THE_AGENT))
    return min(moments, default=None)


def _lifetime(workflow: Workflow) -> int | None:
    """How many seconds ``ttlStrategy`` gives a workflow that ended as this one did."""
    strategy: dict[str, Any] = workflow.spec.get("ttlStrategy") or {}
    by_phase = {"Failed": "secondsAfterFailure", "Succeeded": "secondsAfterSuccess"}
    seconds = strategy.get(by_phase.get(workflow.status.phase, ""))
    if seconds is None and workflow.status.fulfilled:
        seconds = strategy.get("secondsAfterCompletion")
    return None if seconds is None else int(seconds)
