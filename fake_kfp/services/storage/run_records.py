"""Finding and storing runs (``storage/run_store.go``)."""

from __future__ import annotations

from collections.abc import Sequence

from fake_kfp.errors import internal_error, resource_not_found, wrapping
from fake_kfp.services.storage.database import DatabaseError, check_row, check_text, duplicate_entry
from fake_kfp.store.lists.schemas import RUNS
from fake_kfp.store.records import Run, StateChange
from fake_kfp.store.table import DuplicateKey
from fake_kfp.store.world import World


def stored_run(world: World, run_id: str) -> Run:
    """``RunStore.GetRun``: a run whose workflow was never stored counts as lost."""
    run = world.runs.get(run_id)
    if run is None:
        raise resource_not_found("Run", run_id)
    if not run.workflow_runtime_manifest and run.spec.workflow_manifest:
        raise resource_not_found("Failed to get run: %s", run_id)
    return run


def find_run(world: World, run_id: str) -> Run:
    """``ResourceManager.GetRun``."""
    with wrapping(f"Failed to fetch run {run_id}"):
        return stored_run(world, run_id)


def insert_run(world: World, run: Run) -> None:
    """``RunStore.CreateRun``, and the experiment's note of its last run."""
    try:
        _store(world, run)
    except DatabaseError as error:
        raise internal_error(str(error), f"Failed to store run {run.name} to table") from None
    _note_last_run(world, run)


def insert_late(world: World, run: Run) -> None:
    """The same for a run whose long texts are to come, and will be no more trouble than those of runs like it were."""
    world.runs.insert(run)
    _note_last_run(world, run)


def _note_last_run(world: World, run: Run) -> None:
    experiment = world.experiments.get(run.experiment_id)
    if experiment is not None and experiment.last_run_created_at != run.created_at:
        world.experiments.update(experiment, last_run_created_at=run.created_at)


def insert_copies(world: World, runs: Sequence[Run]) -> None:
    """The same for copies of a run that was stored, all or none: what they have of their own is plain, but for their names."""
    for run in runs:
        try:
            check_text(RUNS.table, "DisplayName", run.name)
        except DatabaseError as error:
            raise internal_error(str(error), f"Failed to store run {run.name} to table") from None
    try:
        world.runs.extend(runs)
    except DuplicateKey as error:
        raise internal_error(str(error), "Failed to store runs to table") from None
    latest: dict[str, int] = {}
    for run in runs:
        latest[run.experiment_id] = max(latest.get(run.experiment_id, 0), run.created_at)
    for experiment_id, created_at in latest.items():
        experiment = world.experiments.get(experiment_id)
        if experiment is not None:
            at = max(created_at, experiment.last_run_created_at)
            world.experiments.update(experiment, last_run_created_at=at)


def _store(world: World, run: Run) -> None:
    check_row(RUNS, run)
    try:
        world.runs.insert(run)
    except DuplicateKey as error:
        raise duplicate_entry(error, run.id) from None


def update_run(
    world: World, run: Run, conditions: str, state: str, finished_at: int, workflow_runtime_manifest: str
) -> None:
    """``RunStore.UpdateRun``: what a report or a retry may change."""
    try:
        check_text(RUNS.table, "WorkflowRuntimeManifest", workflow_runtime_manifest, long=True)
    except DatabaseError as error:
        raise internal_error(str(error), f"Failed to update run {run.id}") from None
    world.runs.update(
        run,
        conditions=conditions,
        state=state,
        state_history=history_with(run.state_history, StateChange(world.clock.seconds(), state)),
        finished_at=finished_at,
        workflow_runtime_manifest=workflow_runtime_manifest,
    )


def history_with(history: Sequence[StateChange], *entered: StateChange) -> list[StateChange]:
    """The history of a run or task with the states that it has entered since; none is entered where it was in it already."""
    joined = list(history)
    for change in entered:
        if not joined or joined[-1].state != change.state:
            joined.append(change)
    return joined
