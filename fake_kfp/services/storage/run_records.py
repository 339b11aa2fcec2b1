"""Storing runs (``storage/run_store.go``)."""

from __future__ import annotations

from collections.abc import Sequence

from fake_kfp.errors import internal_error
from fake_kfp.services.storage.database import DatabaseError, check_row, duplicate_entry
from fake_kfp.store.records import Run, StateChange
from fake_kfp.store.table import DuplicateKey
from fake_kfp.store.world import World

_TABLE = "run_details"

_LONG_COLUMNS = frozenset(
    "Parameters PipelineRoot PipelineRuntimeManifest PipelineSpecManifest RuntimeParameters StateHistory WorkflowRuntimeManifest"
    " WorkflowSpecManifest".split()
)


def insert_run(world: World, run: Run) -> None:
    """``RunStore.CreateRun``, and the experiment's note of its last run."""
    try:
        _store(world, run)
    except DatabaseError as error:
        raise internal_error(str(error), f"Failed to store run {run.name} to table") from None
    experiment = world.experiments.get(run.experiment_id)
    if experiment is not None:
        world.experiments.update(experiment, last_run_created_at=run.created_at)


def _store(world: World, run: Run) -> None:
    check_row(_TABLE, _columns(run), _LONG_COLUMNS)
    try:
        world.runs.insert(run)
    except DuplicateKey as error:
        raise duplicate_entry(error, run.id) from None


def update_run(
    world: World, run: Run, conditions: str, state: str, finished_at: int, workflow_runtime_manifest: str
) -> None:
    """``RunStore.UpdateRun``: what a report or a retry may change."""
    try:
        check_row(_TABLE, {"WorkflowRuntimeManifest": workflow_runtime_manifest}, _LONG_COLUMNS)
    except DatabaseError as error:
        raise internal_error(str(error), f"Failed to update run {run.id}") from None
    world.runs.update(
        run,
        conditions=conditions,
        state=state,
        state_history=history_with(run.state_history, state, world.clock.seconds()),
        finished_at=finished_at,
        workflow_runtime_manifest=workflow_runtime_manifest,
    )


def history_with(history: Sequence[StateChange], state: str, now: int) -> list[StateChange]:
    """A run's history with the state that it enters, unless it was in it already."""
    if history and history[-1].state == state:
        return list(history)
    return [*history, StateChange(now, state)]


def _columns(run: Run) -> dict[str, str]:
    """The texts of a run's row."""
    spec = run.spec
    return {
        "Description": run.description,
        "DisplayName": run.name,
        "ExperimentUUID": run.experiment_id,
        "JobUUID": run.job_id,
        "Name": run.workflow_name,
        "Namespace": run.namespace,
        "Parameters": spec.parameters,
        "PipelineId": spec.pipeline_id,
        "PipelineName": spec.pipeline_name,
        "PipelineRoot": spec.pipeline_root,
        "PipelineRuntimeManifest": run.pipeline_runtime_manifest,
        "PipelineSpecManifest": spec.pipeline_manifest,
        "PipelineVersionId": spec.pipeline_version_id,
        "RuntimeParameters": spec.runtime_parameters,
        "ServiceAccount": run.service_account,
        "UUID": run.id,
        "WorkflowRuntimeManifest": run.workflow_runtime_manifest,
        "WorkflowSpecManifest": spec.workflow_manifest,
    }
