"""From what was asked for to a workflow in the cluster and a run record (``resource_manager.go: CreateRun``)."""

from __future__ import annotations

import uuid
from typing import Any

from fake_kfp.errors import as_internal_error, internal_error, invalid_input, wrapping
from fake_kfp.services.runs.requests import NewRun
from fake_kfp.services.settings import Settings
from fake_kfp.services.storage import run_states
from fake_kfp.services.storage.job_schedules import schedule_to_own_runs
from fake_kfp.services.storage.run_records import history_with, insert_run, stored_run
from fake_kfp.services.templates.modelled import check_modelled
from fake_kfp.services.templates.run_workflow import RunRequest
from fake_kfp.services.templates.sources import fetch_template
from fake_kfp.services.templates.template import Template, TemplateKind, require_runnable
from fake_kfp.simulator.cluster.cluster import Cluster, KubernetesError
from fake_kfp.simulator.cluster.labels import DUE_LABEL, INDEX_LABEL, OWNED_LABEL, SCHEDULE_LABEL
from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.simulator.manifests import ManifestError
from fake_kfp.store.records import Job, Run, StateChange
from fake_kfp.store.world import World

_RECURRING_RUNS = uuid.UUID("c2f3a9d4-1e6b-4c8a-9f7d-0b5e3a1c2d4f")
"""The name space that the ids of recurring runs' runs come from."""


class RunCreation:
    """Creates runs, once it is settled who may and where they belong."""

    def __init__(self, world: World, cluster: Cluster, settings: Settings) -> None:
        self._world = world
        self._cluster = cluster
        self._settings = settings

    def create(self, asked: NewRun, experiment_id: str, namespace: str) -> Run:
        """Makes and stores a run of this experiment and namespace.

        A workflow whose run can't be stored stays behind in the cluster, as it really does.
        """
        if self._world.dialect.recurring_runs_made_once and asked.job_id and asked.name:
            made = self._world.runs.newest(job_id=asked.job_id, name=asked.name)
            if made is not None:
                return stored_run(self._world, made.id)
        with as_internal_error("Failed to create a run due to error fetching manifest"):
            template, spec = fetch_template(self._world, asked.spec)
        asked = asked.settled(spec, asked.run_id or self._new_id(asked), namespace, experiment_id)
        now = self._world.clock.seconds()
        workflow = self._start(template, asked, now)
        manifest = workflow.written(workflow.to_manifest())
        run = _record(asked, workflow, now, template.kind, manifest)
        with wrapping("Failed to create a run"):
            insert_run(self._world, run)
        self._cluster.rest(workflow, manifest, over=False)
        return run

    def _start(self, template: Template, asked: NewRun, now: int) -> Workflow:
        request = self._request(asked, now)
        with wrapping("Failed to generate the ExecutionSpec"):
            manifest = template.run_workflow(request)
        metadata = manifest["metadata"]
        name = metadata.get("name", "")
        try:
            template.lint(manifest, request)
        except ManifestError as error:
            raise internal_error(error.text, f"Failed to validate workflow for ({name})") from None
        check_modelled(manifest, self._settings)
        metadata["namespace"] = asked.namespace or self._settings.pod_namespace
        require_runnable(template, metadata["namespace"], self._settings)
        if asked.job_id:
            job = self._job(asked.job_id)
            metadata["ownerReferences"] = [owner_reference(job)]
            if self._world.dialect.recurring_runs_made_once:
                metadata.setdefault("labels", {}).update(schedule_labels(job, now, job.last_index + 1))
        try:
            workflow = self._cluster.create(manifest)
        except KubernetesError as error:
            raise internal_error(str(error), f"Failed to create a workflow for ({name})") from None
        workflow.note_spec(template.spec_text(request))
        return workflow

    def _request(self, asked: NewRun, now: int) -> RunRequest:
        return RunRequest(
            settings=self._settings,
            name=asked.name,
            namespace=asked.namespace,
            parameters=asked.spec.parameters,
            service_account=asked.service_account,
            run_id=asked.run_id,
            run_at=now,
            scheduled_at=asked.scheduled_at,
            runtime_parameters=asked.spec.runtime_parameters,
            pipeline_root=asked.spec.pipeline_root,
        )

    def _new_id(self, asked: NewRun) -> str:
        """A new id; where recurring runs are made once it follows from the recurring run and the name (``NewDeterministicUUID``)."""
        if self._world.dialect.recurring_runs_made_once and asked.job_id and asked.name:
            return str(uuid.uuid5(_RECURRING_RUNS, f"{asked.job_id}/{asked.name}"))
        return self._world.ids.uuid()

    def _job(self, job_id: str) -> Job:
        job = self._world.jobs.get(job_id)
        if job is None:
            raise internal_error(
                invalid_input(f"RecurringRunId doesn't exist: {job_id}"),
                "Failed to create a run due to invalid recurring run id",
            )
        return schedule_to_own_runs(self._world, job)


def _record(asked: NewRun, workflow: Workflow, now: int, kind: TemplateKind, manifest: str) -> Run:
    return Run(
        id=asked.run_id,
        name=asked.name,
        workflow_name=workflow.name,
        description=asked.description,
        namespace=asked.namespace,
        experiment_id=asked.experiment_id,
        job_id=asked.job_id,
        storage_state=asked.storage_state,
        service_account=workflow.spec.get("serviceAccountName", ""),
        spec=asked.spec,
        created_at=now,
        scheduled_at=asked.scheduled_at or now,
        plugins_input=asked.plugins_input,
        finished_at=asked.finished_at,
        conditions=run_states.condition_of(run_states.PENDING),
        state=run_states.PENDING,
        state_history=history_with(asked.state_history, StateChange(now, run_states.PENDING)),
        workflow_runtime_manifest=manifest if kind is TemplateKind.V1 else "",
        pipeline_runtime_manifest=manifest if kind is TemplateKind.V2 else "",
    )


def schedule_labels(job: Job, due: int, index: int) -> dict[str, str]:
    """The labels by which a schedule's controller knows its workflows (``SetCannonicalLabels``)."""
    return {
        SCHEDULE_LABEL: job.workflow_name,
        DUE_LABEL: str(due),
        INDEX_LABEL: str(index),
        OWNED_LABEL: "true",
    }


def owner_reference(job: Job) -> dict[str, Any]:
    """What marks a workflow as made by a recurring run (``metav1.NewControllerRef``)."""
    return {
        "apiVersion": "kubeflow.org/v1beta1",
        "kind": "ScheduledWorkflow",
        "name": job.schedule_name,
        "uid": job.id,
        "controller": True,
        "blockOwnerDeletion": True,
    }
