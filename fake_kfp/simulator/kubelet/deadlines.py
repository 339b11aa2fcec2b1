"""What ends a pod before its time: its own deadline, its executor's, and the operator's order to stop."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from fake_kfp.golang.times import later, whole_seconds
from fake_kfp.simulator.cluster.workflow import Pod
from fake_kfp.simulator.kubelet.outcomes import Outcome

_TERMINATED = 143
"""128 and SIGTERM, which the emissary around each container hands on."""
_DEADLINE_EXCEEDED = "Pod was active on the node longer than the specified deadline"
_DYING = 1
"""How many seconds containers take to notice that they are to stop."""


class Cut(NamedTuple):
    """When a pod is ended from outside, and what is said of it."""

    moment: datetime
    message: str = ""

    def cut_short(self, outcome: Outcome) -> Outcome:
        """What comes of a pod that was to do something else: it fails."""
        return replace(outcome, phase="Failed", exit_code=_TERMINATED, message=self.message, container="")


def next_cut(pod: Pod, outcome: Outcome, workflow_deadline: datetime | None) -> Cut | None:
    """What is going to cut a pod short that does what ``outcome`` says, if anything does.

    Kubernetes' own deadline (``pkg/kubelet/active_deadline.go``) counts from the moment a pod has found its node; the executor's
    (``executor.go: monitorDeadline``) once its containers run. What falls together with the workflow's deadline is the operator's.
    """
    if pod.of_agent:
        return _request_cut(pod)
    cuts = []
    if pod.deadline is not None and not outcome.unschedulable:
        cuts.append(Cut(pod.deadline, _DEADLINE_EXCEEDED))
    if pod.patience is not None and outcome.phase != "Pending":
        cuts.append(Cut(pod.patience))
    first = min(cuts, default=None)
    if first is None or (
        workflow_deadline is not None and not pod.on_exit and workflow_deadline <= first.moment
    ):
        return None
    return first


def _request_cut(pod: Pod) -> Cut | None:
    """The end of a request that takes longer than its ``timeoutSeconds`` (``agent.go``), in the words of Go's client."""
    request = pod.template.get("http") or {}
    seconds = request.get("timeoutSeconds")
    if not seconds or pod.created_at is None:
        return None
    method = str(request.get("method") or "GET").capitalize()
    message = f'{method} "{request.get("url", "")}": context deadline exceeded'
    return Cut(later(pod.created_at, whole_seconds(int(seconds))), message)


def stopped(now: datetime) -> Cut:
    """The end of a pod that the operator has just told to stop."""
    return Cut(later(now, _DYING))
