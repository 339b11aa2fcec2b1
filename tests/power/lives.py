"""Defects of the life of runs: phases, ends, terminating, retrying."""

from __future__ import annotations

from typing import Any

from fake_kfp.services.reports import service as reports
from fake_kfp.services.reports.workflows import ReportedWorkflow
from fake_kfp.services.runs import service as runs
from fake_kfp.services.runs.service import Runs
from fake_kfp.services.storage import run_states
from fake_kfp.simulator.cluster import retrying
from fake_kfp.store.records import StorageState
from tests.power.catalogue import Patches, defect

LIVES = ("runs-live-*", "phases-*")
_ALL_STATES = frozenset(
    {"PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELING", "CANCELED", "SKIPPED", "PAUSED"}
)


@defect(*LIVES)
def ended_runs_can_be_terminated(patches: Patches) -> None:
    """A run that has ended can be terminated."""
    patches.set(run_states, "LIVE_STATES", _ALL_STATES - {"CANCELING"})


@defect(*LIVES)
def runs_can_be_terminated_twice(patches: Patches) -> None:
    """A terminating run can be terminated again."""
    patches.set(run_states, "LIVE_STATES", run_states.LIVE_STATES | {"CANCELING"})


@defect(*LIVES)
def pending_runs_cannot_be_terminated(patches: Patches) -> None:
    """Only a running run can be terminated."""
    patches.set(run_states, "LIVE_STATES", frozenset({"RUNNING"}))


@defect(*LIVES)
def terminating_is_forgotten(patches: Patches) -> None:
    """Terminating a run is noted on it, but its workflow goes on."""
    patches.set(Runs, "_terminate_workflow", lambda self, namespace, run, run_id: None)


@defect(*LIVES)
def terminated_runs_fail_at_once(patches: Patches) -> None:
    """A run that is terminated has failed before its workflow has."""
    patches.set(run_states, "CANCELING", "FAILED")


@defect(*LIVES)
def succeeded_runs_can_be_retried(patches: Patches) -> None:
    """A run that succeeded can be retried."""
    patches.set(retrying, "RETRYABLE_PHASES", frozenset({"Failed", "Error", "Succeeded"}))


@defect(*LIVES)
def running_runs_can_be_retried(patches: Patches) -> None:
    """A run that is still running can be retried."""
    patches.set(retrying, "RETRYABLE_PHASES", frozenset({"Failed", "Error", "Running"}))


@defect(*LIVES)
def failed_runs_cannot_be_retried(patches: Patches) -> None:
    """A failed run can't be retried."""
    patches.set(retrying, "RETRYABLE_PHASES", frozenset({"Error"}))


@defect(*LIVES)
def retries_keep_failed_nodes(patches: Patches) -> None:
    """A retry keeps the nodes that failed."""
    patches.set(retrying, "_KEPT", frozenset({"Succeeded", "Skipped", "Failed"}))


@defect(*LIVES)
def retries_forget_what_succeeded(patches: Patches) -> None:
    """A retry begins anew."""
    patches.set(retrying, "_KEPT", frozenset({"Skipped"}))
    patches.set(retrying, "_DROPPED", frozenset({"Error", "Failed", "Omitted", "Succeeded"}))


@defect(*LIVES)
def retried_runs_keep_their_end(patches: Patches) -> None:
    """A run that runs again has its old end still."""

    def updating(update: Any) -> Any:
        def updated(world: Any, run: Any, phase: str, state: str, finished_at: int, manifest: str) -> None:
            update(world, run, phase, state, run.finished_at, manifest)

        return updated

    patches.wrap(runs, "update_run", updating)


@defect(*LIVES)
def retries_lose_metrics(patches: Patches) -> None:
    """A retry takes the metrics of a run away."""

    def updating(update: Any) -> Any:
        def updated(world: Any, run: Any, *rest: Any) -> None:
            update(world, run, *rest)
            world.runs.update(run, metrics=[])

        return updated

    patches.wrap(runs, "update_run", updating)


@defect(*LIVES)
def runs_have_no_end(patches: Patches) -> None:
    """A run that is over has no time of ending."""
    patches.set(ReportedWorkflow, "finished_at", property(lambda self: 0))


@defect(*LIVES)
def running_runs_have_an_end(patches: Patches) -> None:
    """A run that is still running has a time of ending."""
    patches.set(ReportedWorkflow, "finished_at", property(lambda self: 1_700_000_000))


@defect(*LIVES)
def failures_are_successes(patches: Patches) -> None:
    """A run that failed is shown as succeeded."""
    patches.set(run_states, "_V1", {**run_states._V1, "FAILED": "Succeeded"})


@defect(*LIVES)
def reports_bring_archived_runs_back(patches: Patches) -> None:
    """A run that moves on is available again."""

    def updating(update: Any) -> Any:
        def updated(world: Any, run: Any, **rest: Any) -> None:
            update(world, run, **rest)
            world.runs.update(run, storage_state=StorageState.AVAILABLE)

        return updated

    patches.wrap(reports, "update_run", updating)
