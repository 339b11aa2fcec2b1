"""The states of a run in the words of both API versions (``model/run.go: ToV1, ToV2``)."""

from __future__ import annotations

UNSPECIFIED = "RUNTIME_STATE_UNSPECIFIED"
PENDING = "PENDING"
RUNNING = "RUNNING"
CANCELING = "CANCELING"

TERMINATING = "Terminating"

# Any word for a state, in capitals: an API's own, a workflow's phase, or one that old databases hold.
_V2 = {
    "RUNTIME_STATE_UNSPECIFIED": UNSPECIFIED,
    "UNKNOWN": UNSPECIFIED,
    "NO_STATUS": UNSPECIFIED,
    "": UNSPECIFIED,
    "PENDING": PENDING,
    "RUNNING": RUNNING,
    "ENABLED": RUNNING,
    "READY": RUNNING,
    "SUCCEEDED": "SUCCEEDED",
    "DONE": "SUCCEEDED",
    "SKIPPED": "SKIPPED",
    "FAILED": "FAILED",
    "ERROR": "FAILED",
    "CANCELING": CANCELING,
    "TERMINATING": CANCELING,
    "CANCELED": "CANCELED",
    "DISABLED": "CANCELED",
    "PAUSED": "PAUSED",
}

_V1 = {
    PENDING: "Pending",
    "PAUSED": "Pending",
    RUNNING: "Running",
    "SUCCEEDED": "Succeeded",
    "SKIPPED": "Skipped",
    "FAILED": "Failed",
    "CANCELED": "Failed",
    CANCELING: "Terminating",
}

LIVE_STATES = frozenset({"PAUSED", PENDING, RUNNING, UNSPECIFIED})
"""The states in which a run can be terminated."""

OVER_STATES = frozenset({"SUCCEEDED", "SKIPPED", "FAILED", "CANCELED"})
"""The states in which nothing more will become of a run, unless it is retried."""

FINAL_PHASES = frozenset({"Succeeded", "Failed", "Error"})
"""The phases in which a workflow is over."""


def state_of(word: str) -> str:
    """The v2 state that a word of either version, or a workflow's phase, means; letter case does not matter."""
    return _V2.get(word.upper(), UNSPECIFIED)


def condition_of(state: str) -> str:
    """The v1 status word of a v2 state."""
    return _V1.get(state, "Unknown")
