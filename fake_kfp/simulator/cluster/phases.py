"""The words of Argo and Kubernetes for what becomes of pods, nodes and workflows, and for what nodes are.

They are plain texts, as manifests have them; the type checker holds that nobody misspells one. A manifest from outside may say
anything: whoever reads one says so with a cast.
"""

from __future__ import annotations

from typing import Literal

PodPhase = Literal["Pending", "Running", "Succeeded", "Failed", "Error"]
"""Error is none of Kubernetes': a pod whose end Argo takes for its own trouble, since its executor failed or it was deleted."""

NodePhase = Literal["", "Pending", "Running", "Succeeded", "Failed", "Error", "Skipped", "Omitted"]
"""``NodePhase`` of ``workflow_types.go``; empty where a manifest says nothing."""

WorkflowPhase = Literal["", "Pending", "Running", "Succeeded", "Failed", "Error"]
"""``WorkflowPhase``; empty until the operator has looked for the first time."""

NodeType = Literal[
    "",
    "Pod",
    "Container",
    "Steps",
    "StepGroup",
    "DAG",
    "TaskGroup",
    "Retry",
    "Skipped",
    "Suspend",
    "HTTP",
    "Plugin",
]
"""``NodeType``; empty where a manifest says nothing."""

LIVE: frozenset[NodePhase] = frozenset({"Pending", "Running"})
FAILED_OR_ERROR: frozenset[NodePhase] = frozenset({"Failed", "Error"})
COMPLETED: frozenset[NodePhase] = FAILED_OR_ERROR | {"Succeeded"}
"""What ran to its end, good or bad."""
FULFILLED: frozenset[NodePhase] = COMPLETED | {"Skipped", "Omitted"}
"""What nothing more will come of."""

EXECUTABLE_TYPES: frozenset[NodeType] = frozenset({"Pod", "HTTP", "Plugin", "Container", "Suspend"})
"""What does something itself; all others stand around these, or instead of them."""
