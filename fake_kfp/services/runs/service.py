"""Runs: creating, reading, archiving, terminating, retrying (``server/run_server.go``, ``resource_manager.go``)."""

from __future__ import annotations

import json
from contextlib import suppress

from fake_kfp.errors import (
    as_internal_error,
    bad_request,
    failed_precondition,
    internal_error,
    invalid_input,
    wrapping,
)
from fake_kfp.golang.json_text import Json
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.auth.guards import Guard
from fake_kfp.services.auth.ownership import Ownership
from fake_kfp.services.runs.creation import RunCreation
from fake_kfp.services.runs.lifecycle import Lifecycle
from fake_kfp.services.runs.node_tasks import NodeTasks
from fake_kfp.services.runs.requests import NewRun
from fake_kfp.services.settings import Settings
from fake_kfp.services.storage import run_states
from fake_kfp.services.storage.run_records import find_run, update_run
from fake_kfp.simulator import manifests
from fake_kfp.simulator.cluster.cluster import Cluster, KubernetesError
from fake_kfp.simulator.cluster.retrying import NodeStillLive, NotRetryable, retry_manifest
from fake_kfp.store.lists.options import ListOptions
from fake_kfp.store.records import Run, StorageState
from fake_kfp.store.table import Page
from fake_kfp.store.world import World

NOT_RETRYABLE = "workflow cannot be retried"

_PROGRESS_COLUMNS = frozenset({"Conditions", "State", "StateHistory", "FinishedAtInSec"})


class Runs:
    """The rules of RunService, but for what is said of a run's nodes (metrics, artifacts, logs)."""

    def __init__(
        self,
        world: World,
        cluster: Cluster,
        settings: Settings,
        guard: Guard[Run],
        ownership: Ownership,
        lifecycle: Lifecycle,
        node_tasks: NodeTasks,
    ) -> None:
        self._world = world
        self._cluster = cluster
        self._settings = settings
        self._guard = guard
        self._ownership = ownership
        self._lifecycle = lifecycle
        self._node_tasks = node_tasks
        self._creation = RunCreation(world, cluster, settings)

    def create(self, asked: NewRun, caller: Caller) -> Run:
        """Makes a run and starts it."""
        with wrapping("Failed to create a run due to invalid experimentId and namespace combination"):
            experiment_id, namespace = self._ownership.valid_pair(asked.experiment_id, asked.namespace)
        if self._guard.multi_user and not namespace:
            raise invalid_input("A run cannot have an empty namespace in multi-user mode")
        with wrapping(
            "Failed to create a run due to authorization error."
            f" Check if you have write permissions to namespace {namespace}"
        ):
            self._guard.require_in(caller, "create", namespace)
        return self._creation.create(asked, experiment_id, namespace)

    def get(self, run_id: str, caller: Caller) -> Run:
        """The run with this id, brought up to date."""
        self._guard.require_on(caller, "get", run_id)
        run = find_run(self._world, run_id)
        self._lifecycle.bring_up_to_date([run])
        return run

    def list(
        self, options: ListOptions[Run], namespace: str, experiment_id: str, caller: Caller
    ) -> Page[Run]:
        """A page of an experiment's runs, or of a namespace's (of all, in single-user mode)."""
        namespace, where = self._ownership.scope_of_list(namespace, experiment_id, "runs")
        with wrapping(
            f"Failed to list runs due to authorization error. Check if you have permission to access namespace {namespace}"
        ):
            self._guard.require_in(caller, "list", namespace)
        return self._up_to_date_page(options, where)

    def _up_to_date_page(self, options: ListOptions[Run], where: dict[str, str]) -> Page[Run]:
        """Only what is asked about is brought up to date: the runs of the page, or all where progress decides which those are."""
        progress_decides = _asks_about_progress(options)
        if progress_decides:
            self._lifecycle.bring_all_up_to_date()
        with wrapping("Failed to list runs"):
            page = self._world.runs.page(options, where)
        if not progress_decides:
            self._lifecycle.bring_up_to_date(page.records)
        return page

    def archive(self, run_id: str, caller: Caller) -> None:
        """Archives a run; one that is archived stays so."""
        self._guard.require_on(caller, "archive", run_id)
        with wrapping(f"Failed to archive run {run_id} as it failed to be retrieved"):
            run = find_run(self._world, run_id)
        self._world.runs.update(run, storage_state=StorageState.ARCHIVED)

    def unarchive(self, run_id: str, caller: Caller) -> None:
        """Brings a run back; FAILED_PRECONDITION while its experiment is archived."""
        self._guard.require_on(caller, "unarchive", run_id)
        with wrapping(f"Failed to unarchive run {run_id} as it does not exist"):
            run = find_run(self._world, run_id)
        with wrapping(f"Failed to unarchive run {run_id} due to experiment fetching error"):
            experiment = self._ownership.experiment(run.experiment_id)
        if experiment.storage_state is StorageState.ARCHIVED:
            raise failed_precondition(
                "Unarchive the experiment first to allow the run to be restored",
                f"Failed to unarchive run {run_id} as experiment {run.experiment_id} must be un-archived first",
            )
        self._world.runs.update(run, storage_state=StorageState.AVAILABLE)

    def delete(self, run_id: str, caller: Caller) -> None:
        """Deletes a run with its workflow, metrics and tasks."""
        self._guard.require_on(caller, "delete", run_id)
        with wrapping(f"Failed to delete run {run_id} as it does not exist"):
            run = find_run(self._world, run_id)
        with wrapping(f"Failed to delete a run {run_id} due to namespace fetching error"):
            namespace = run.namespace or self._ownership.namespace_of(run.experiment_id)
        self._delete_workflow(namespace or self._settings.pod_namespace, run.workflow_name)
        self._world.runs.delete(run.id)
        self._node_tasks.forget(run)

    def _delete_workflow(self, namespace: str, name: str) -> None:
        with suppress(KubernetesError):  # the real server only logs it: the workflow may be gone long since
            self._cluster.delete(namespace, name)

    def terminate(self, run_id: str, caller: Caller) -> None:
        """Marks a live run as Terminating and gives its workflow a deadline of 0 seconds."""
        self._guard.require_on(caller, "terminate", run_id)
        with wrapping(f"Failed to terminate run {run_id} due to error fetching the run"):
            run = find_run(self._world, run_id)
        with wrapping(f"Failed to terminate run {run_id} due to error fetching its namespace"):
            namespace = self._workflow_namespace(run, run_id)
        self._lifecycle.let_time_pass(run)
        if run.state not in run_states.LIVE_STATES:
            with wrapping(f"Failed to terminate run {run_id}"):
                raise invalid_input(f"Failed to terminate a run {run_id}. Row not found")
        self._world.runs.update(run, state=run_states.CANCELING, conditions=run_states.TERMINATING)
        self._terminate_workflow(namespace, run, run_id)

    def _terminate_workflow(self, namespace: str, run: Run, run_id: str) -> None:
        try:
            self._cluster.terminate(namespace, run.workflow_name)
        except KubernetesError as error:
            failure = f"Failed to terminate workflow {run.workflow_name} due to patching error"
            raise internal_error(
                f"{failure} after multiple retries: {failure}: {error}",
                f"Failed to terminate run {run_id} due to error terminating its workflow",
            ) from None

    def retry(self, run_id: str, caller: Caller) -> None:
        """Lets a failed run run again from what succeeded."""
        self._guard.require_on(caller, "retry", run_id)
        with wrapping(f"Failed to retry run {run_id} due to error fetching the run"):
            run = find_run(self._world, run_id)
        with wrapping(f"Failed to retry run {run_id} due to error fetching its namespace"):
            self._workflow_namespace(run, run_id)
        self._lifecycle.bring_up_to_date([run])
        manifest = self._put_into_cluster(self._retried_manifest(run, run_id), run_id)
        self._node_tasks.record_run(run)  # before nodes are taken away
        phase = manifest["status"]["phase"]
        if not self._world.dialect.history_survives_retry:
            self._world.runs.update(run, state_history=[])
        with as_internal_error(f"Failed to retry run {run_id} due to error updating entry"):
            update_run(self._world, run, phase, run_states.state_of(phase), 0, manifests.dumps(manifest))

    def _retried_manifest(self, run: Run, run_id: str) -> Json:
        if not run.workflow_runtime_manifest:
            raise bad_request(
                invalid_input("Workflow manifest cannot be empty"),
                f"Failed to retry run {run_id} due to error fetching workflow manifest",
            )
        manifest = json.loads(run.workflow_runtime_manifest)
        if manifest["status"].get("offloadNodeStatusVersion"):
            cause = bad_request(NOT_RETRYABLE, "Cannot retry workflow with offloaded node status")
            raise internal_error(cause, f"Failed to retry run {run_id} as it does not allow retries")
        with wrapping(f"Failed to retry run {run_id}"):
            try:
                return retry_manifest(manifest)
            except NotRetryable:
                raise bad_request(NOT_RETRYABLE, "Workflow must be Failed/Error to retry") from None
            except NodeStillLive as error:
                raise internal_error(NOT_RETRYABLE, str(error)) from None

    def _put_into_cluster(self, manifest: Json, run_id: str) -> Json:
        """Updates the live workflow, or creates it anew where it is gone."""
        try:
            return self._cluster.replace(manifest).to_manifest()
        except KubernetesError as update_error:
            try:
                return self._cluster.create(manifest).to_manifest()
            except KubernetesError as error:
                raise internal_error(
                    str(error),
                    f"Failed to retry run {run_id} due to error updating and creating a workflow."
                    f" Update error: {update_error}",
                ) from None

    def _workflow_namespace(self, run: Run, run_id: str) -> str:
        """``getNamespaceFromRunId``: the namespace of the run's experiment, whatever the run's own is."""
        with wrapping(f"Failed to fetch namespace from run {run_id}"):
            return self._ownership.namespace_of(run.experiment_id) or self._settings.pod_namespace


def _asks_about_progress(options: ListOptions[Run]) -> bool:
    """Whether order or filter look at what the progress of workflows changes."""
    asked = {options.sort_field}
    if options.filter is not None:
        asked.update(key for _, key, _ in options.filter.items())
    return options.metric is not None or not asked.isdisjoint(_PROGRESS_COLUMNS)
