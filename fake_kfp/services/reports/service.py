"""What the persistence agent and the schedule controller report (``server/report_server.go``, ``resource_manager.go``)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fake_kfp.errors import (
    Code,
    KfpError,
    internal_error,
    invalid_input,
    not_found,
    unavailable,
    wrapping,
)
from fake_kfp.golang.durations import format_seconds
from fake_kfp.golang.json_text import Json
from fake_kfp.services.auth.access import Access
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.auth.ownership import Ownership
from fake_kfp.services.reports.metric_files import ARTIFACT, collected
from fake_kfp.services.reports.schedules import ReportedSchedule, read_schedule
from fake_kfp.services.reports.workflows import ReportedWorkflow, read_workflow
from fake_kfp.services.runs.artifacts import last_key
from fake_kfp.services.runs.metrics import Metrics
from fake_kfp.services.runs.node_tasks import NodeTasks
from fake_kfp.services.settings import Settings
from fake_kfp.services.storage import run_states
from fake_kfp.services.storage.job_records import get_job
from fake_kfp.services.storage.run_records import find_run, history_with, insert_run, update_run
from fake_kfp.simulator.cluster.cluster import Cluster, KubernetesError
from fake_kfp.simulator.cluster.labels import FINAL_STATE_LABEL, RUN_ID_LABEL
from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.simulator.kubelet.drives import ReportedMetric
from fake_kfp.store.records import Job, Run, RunMetric, StateChange
from fake_kfp.store.world import World


class Reports:
    """The rules of ReportService, and the fake's own persistence agent."""

    def __init__(
        self,
        world: World,
        cluster: Cluster,
        settings: Settings,
        access: Access,
        ownership: Ownership,
        metrics: Metrics,
        node_tasks: NodeTasks,
    ) -> None:
        self._world = world
        self._cluster = cluster
        self._access = access
        asked = settings.environment.unknown_workflows_rest
        self._rest = world.dialect.unknown_workflows_rest if asked is None else asked
        self._ownership = ownership
        self._metrics = metrics
        self._node_tasks = node_tasks

    def report_workflow(self, text: str, caller: Caller) -> None:
        """Brings a run up to date with a workflow, given as JSON; a workflow of a recurring run becomes a run."""
        with wrapping("Report workflow failed"):
            workflow = read_workflow(text, self._world.dialect)
        with wrapping(f"Failed to report workflows `{workflow.name}` due to authorization error."):
            self._access.require(caller, "report", "workflows", "")
        with wrapping("Failed to report workflow"):
            self._record(workflow)

    def report_scheduled_workflow(self, text: str, caller: Caller) -> None:
        """Brings a job up to date with its scheduled workflow, given as JSON."""
        with wrapping("Report scheduled workflow failed"):
            schedule = read_schedule(text, self._world.dialect)
        with wrapping(f"Failed to report scheduledworkflows `{schedule.job_id}` due to authorization error."):
            self._access.require(caller, "report", "scheduledworkflows", "")
        self._update_job(schedule)

    def record_workflow(self, workflow: Workflow, *, again: bool = False) -> str | None:
        """Stores the present state of a live workflow with its run, and gives the text stored.

        Nothing happens (None) if the run is gone, or its end is stored already, and not to be ``again``.
        """
        run = self._world.runs.get(workflow.labels.get(RUN_ID_LABEL, ""))
        if run is None or (FINAL_STATE_LABEL in workflow.labels and not again):
            return None
        manifest = workflow.to_manifest()
        reported = ReportedWorkflow(manifest, self._world.dialect, workflow.written(manifest))
        self._node_tasks.note(run, reported.manifest, reported.is_final)
        self._update_run(run, reported)
        self._node_tasks.keep(run, reported.manifest)
        if reported.is_final:
            self._world.changes.note_entry(workflow.labels, FINAL_STATE_LABEL)
            workflow.labels[FINAL_STATE_LABEL] = "true"
        self._metrics.store(run, self._written_metrics(run, reported))
        return run.workflow_runtime_manifest

    def _written_metrics(self, run: Run, workflow: ReportedWorkflow) -> list[RunMetric]:
        """The metrics in the artifacts of a workflow's nodes, which the agent reads as every client does."""
        by_pod = self._world.dialect.metrics_by_pod

        def read(node_id: str) -> bytes | None:
            nodes = workflow.manifest["status"].get("nodes") or {}
            key = last_key(nodes.get(node_id, {}), ARTIFACT)
            return self._world.objects.get(key) if key else None

        return collected(workflow.manifest, run.id, read, by_pod=by_pod)

    def record_start(self, workflow: Workflow) -> None:
        """Lets the run of a workflow that nobody saw begin have been running: the agent looks far oftener than clients do."""
        run = self._world.runs.get(workflow.labels.get(RUN_ID_LABEL, ""))
        started_at = workflow.status.started_at
        if run is not None and run.state == run_states.PENDING and started_at is not None:
            began = StateChange(int(started_at.timestamp()), run_states.RUNNING)
            history = history_with(run.state_history, began)
            self._world.runs.update(run, state_history=history)

    def record_new_workflow(self, workflow: Workflow) -> None:
        """Makes a run of a workflow that a recurring run has just started, which nobody has looked at yet."""
        self._record(self._as_new(workflow))

    def complete(self, run: Run, workflow: Workflow, job: Job) -> None:
        """The same where the run is there, but for the fields that come late."""
        for name, value in self._late_fields(self._as_new(workflow), job).items():
            setattr(run, name, value)

    def _as_new(self, workflow: Workflow) -> ReportedWorkflow:
        manifest = workflow.to_manifest()
        return self._reported({**manifest, "status": {**manifest["status"], "phase": "Pending"}})

    def record_metrics(self, workflow: Workflow, metrics: list[ReportedMetric]) -> None:
        """Stores the metrics that simulated tasks reported."""
        run = self._world.runs.get(workflow.labels.get(RUN_ID_LABEL, ""))
        if run is not None:
            self._metrics.store(
                run, [RunMetric(run.id, each.node_id, each.name, each.value) for each in metrics]
            )

    def _reported(self, manifest: Json) -> ReportedWorkflow:
        return ReportedWorkflow(manifest, self._world.dialect)

    def _record(self, workflow: ReportedWorkflow) -> None:
        """``ReportWorkflowResource``."""
        run_id = workflow.run_id
        if run_id is None:
            raise invalid_input(f"Workflow[{workflow.name}] missing the Run ID label")
        if workflow.was_final:
            self._delete_workflow(workflow, f"Failed to delete the completed workflow for run {run_id}")
        if workflow.is_final and self._world.dialect.stale_ends_deferred:
            self._require_present(workflow, run_id)
        try:
            run = find_run(self._world, run_id)
        except KfpError as error:
            self._record_unknown_run(workflow, run_id, error)
        else:
            self._node_tasks.record_run(run)
            self._update_run(run, workflow)
        if workflow.is_final:
            self._label_as_final(workflow)
        self._node_tasks.record_workflow(workflow.manifest, run_id)

    def _require_present(self, workflow: ReportedWorkflow, run_id: str) -> None:
        """``workflowStillMatchesReportedVersion``; of a workflow that is gone any version will do, and none of all."""
        try:
            live = self._cluster.peek(workflow.namespace, workflow.name)
        except KubernetesError:
            return
        if workflow.version and workflow.version != live.metadata.get("resourceVersion", ""):
            reason = "workflow resource version changed before terminal report was persisted"
            about = f"run {run_id} workflow {workflow.name}"
            raise unavailable(reason, f"Skipping terminal workflow report for {about}: {reason}")

    def _update_run(self, run: Run, workflow: ReportedWorkflow) -> None:
        state = workflow.state
        with wrapping(
            f"Failed to report a workflow for existing run {run.id} during updating the run."
            " Check if the run entry is corrupted"
        ):
            update_run(
                self._world,
                run,
                conditions=run_states.condition_of(state),
                state=state,
                finished_at=workflow.finished_at,
                workflow_runtime_manifest=workflow.stored_text(),
            )

    def _record_unknown_run(self, workflow: ReportedWorkflow, run_id: str, error: KfpError) -> None:
        """A run that is not known: made from its job, if it has one; else its workflow is cleared away."""
        if workflow.job_id:
            self._create_run(workflow, run_id)
            return
        if error.code is not Code.NOT_FOUND:
            raise error.wrapped("Failed to update the run")
        self._let_rest(workflow)
        self._delete_obsolete(workflow, run_id)
        raise error.wrapped(
            f'Failed to report workflow name="{workflow.name}" namespace="{workflow.namespace}" runId="{run_id}"'
        )

    def _let_rest(self, workflow: ReportedWorkflow) -> None:
        """A young workflow's run may still be on its way into the database."""
        rest = self._rest
        if not rest:
            return
        age = self._world.clock.seconds() - workflow.created_at
        if age < rest:
            raise unavailable(
                f"workflow {workflow.name} is within GC grace period ({format_seconds(age)} old,"
                f" threshold {format_seconds(rest)})",
                f"Skipping GC for workflow {workflow.name} - will retry",
            )

    def _delete_obsolete(self, workflow: ReportedWorkflow, run_id: str) -> None:
        try:
            self._delete_workflow(workflow, f"Failed to delete the obsolete workflow for run {run_id}")
        except KfpError as error:
            if error.code is not Code.NOT_FOUND or not self._world.dialect.gone_workflows_reported:
                raise

    def _create_run(self, workflow: ReportedWorkflow, run_id: str) -> None:
        with wrapping(
            f"Failed to report a workflow for run {run_id} due to error retrieving recurring run {workflow.job_id}"
        ):
            job = get_job(self._world, workflow.job_id)
        run = self._run_of_job(workflow, run_id, job)
        with wrapping(f"Failed to report a workflow due to error creating run {run_id}"):
            insert_run(self._world, run)

    def _run_of_job(self, workflow: ReportedWorkflow, run_id: str, job: Job) -> Run:
        experiment_id = job.experiment_id or self._ownership.default_experiment_id()
        namespace = job.namespace or self._ownership.namespace_of(experiment_id) or workflow.namespace
        return Run(
            id=run_id,
            name=workflow.name,
            workflow_name=workflow.name,
            namespace=namespace,
            experiment_id=experiment_id,
            job_id=workflow.job_id,
            created_at=workflow.created_at,
            scheduled_at=workflow.scheduled_at,
            **self._late_fields(workflow, job),
        )

    def _late_fields(self, workflow: ReportedWorkflow, job: Job) -> dict[str, Any]:
        """Those of a run whose workflow this is, and which a job made (``LATE_FIELDS``)."""
        state = workflow.state
        return {
            "spec": replace(job.spec, workflow_manifest=workflow.spec_text()),
            "finished_at": workflow.finished_at,
            "conditions": run_states.condition_of(state),
            "state": state,
            "state_history": [StateChange(self._world.clock.seconds(), state)],
            "workflow_runtime_manifest": workflow.stored_text(),
            "metrics": [],
        }

    def _delete_workflow(self, workflow: ReportedWorkflow, failure: str) -> None:
        try:
            self._cluster.delete(workflow.namespace, workflow.name)
        except KubernetesError as error:
            raise (not_found if error.not_found else internal_error)(str(error), failure) from None

    def _label_as_final(self, workflow: ReportedWorkflow) -> None:
        try:
            self._cluster.label(workflow.namespace, workflow.name, FINAL_STATE_LABEL, "true")
        except KubernetesError as error:
            raise not_found(
                str(error), f"Failed to add PersistedFinalState label to workflow {workflow.name}"
            ) from None

    def _update_job(self, schedule: ReportedSchedule) -> None:
        with wrapping(
            f"Failed to report scheduled workflow due to error retrieving recurring run {schedule.job_id}"
        ):
            job = get_job(self._world, schedule.job_id)
        self._world.jobs.update(job, **schedule.changes(job, self._world.clock.seconds()))
