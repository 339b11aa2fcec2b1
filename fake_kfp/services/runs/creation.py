"""From what was asked for to a workflow in the cluster and a run record (``resource_manager.go: CreateRun``)."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any, NamedTuple

from fake_kfp.errors import KfpError, as_internal_error, internal_error, invalid_input, wrapping
from fake_kfp.services.runs.requests import NewRun
from fake_kfp.services.settings import Settings
from fake_kfp.services.storage import run_states
from fake_kfp.services.storage.job_schedules import schedule_to_own_runs
from fake_kfp.services.storage.run_records import history_with, insert_run, stored_run
from fake_kfp.services.templates.modelled import check_modelled
from fake_kfp.services.templates.prepared import NAMESPACE, Prepared
from fake_kfp.services.templates.run_workflow import RunRequest
from fake_kfp.services.templates.sources import fetch_template
from fake_kfp.services.templates.template import Template, TemplateKind, lint_run, require_runnable
from fake_kfp.simulator.cluster.cluster import Cluster, KubernetesError
from fake_kfp.simulator.cluster.labels import DUE_LABEL, INDEX_LABEL, OWNED_LABEL, SCHEDULE_LABEL
from fake_kfp.simulator.manifests import ManifestError
from fake_kfp.store.records import Job, Run, StateChange
from fake_kfp.store.world import World

_RECURRING_RUNS = uuid.UUID("c2f3a9d4-1e6b-4c8a-9f7d-0b5e3a1c2d4f")
"""The name space that the ids of recurring runs' runs come from."""


class Started(NamedTuple):
    """A workflow that lies in the cluster, at rest: its name, its service account, and how it reads."""

    name: str
    account: str
    manifest: str


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
        started = self._start(template, asked, now)
        run = _record(asked, started, now, template.kind)
        with wrapping("Failed to create a run"):
            insert_run(self._world, run)
        return run

    def _start(self, template: Template, asked: NewRun, now: int) -> Started:
        """Puts the run's workflow into the cluster."""
        request = self._request(asked, now)
        with wrapping("Failed to generate the ExecutionSpec"):
            likeness = None if asked.job_id else template.likeness(request)
        if likeness is None:
            return self._make(template, asked, request)
        prepared = template.preparations.get(likeness, partial(template.marked, request))
        if prepared is not None:
            return self._write(template, request, prepared, likeness.texts)
        started = self._make(template, asked, request)
        template.preparations.note(likeness, started.manifest)
        return started

    def _write(
        self, template: Template, request: RunRequest, prepared: Prepared, texts: dict[str, str]
    ) -> Started:
        """The same without its being made: so it would be found good, and so it would read."""
        require_runnable(template, texts[NAMESPACE], self._settings)
        try:
            name, text = self._cluster.create_written(
                texts[NAMESPACE], prepared.name, prepared.prefix, partial(prepared.written, texts)
            )
        except KubernetesError as error:
            raise _not_created(error, prepared.name) from None
        return Started(name, request.service_account or prepared.account, text)

    def _make(self, template: Template, asked: NewRun, request: RunRequest) -> Started:
        with wrapping("Failed to generate the ExecutionSpec"):
            manifest = template.run_workflow(request)
        metadata = manifest["metadata"]
        name = metadata.get("name", "")
        try:
            lint_run(manifest, self._world.dialect)
        except ManifestError as error:
            raise internal_error(error.text, f"Failed to validate workflow for ({name})") from None
        check_modelled(manifest, self._settings)
        metadata["namespace"] = asked.namespace or self._settings.pod_namespace
        require_runnable(template, metadata["namespace"], self._settings)
        if asked.job_id:
            job = self._job(asked.job_id)
            metadata["ownerReferences"] = [owner_reference(job)]
            if self._world.dialect.recurring_runs_made_once:
                labels = schedule_labels(job, request.run_at, job.last_index + 1)
                metadata.setdefault("labels", {}).update(labels)
        try:
            workflow = self._cluster.create(manifest)
        except KubernetesError as error:
            raise _not_created(error, name) from None
        text = workflow.written(workflow.to_manifest())
        self._cluster.rest(workflow, text, over=False)
        return Started(workflow.name, workflow.spec.get("serviceAccountName", ""), text)

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


def _not_created(error: KubernetesError, name: str) -> KfpError:
    return internal_error(str(error), f"Failed to create a workflow for ({name})")


def _record(asked: NewRun, started: Started, now: int, kind: TemplateKind) -> Run:
    return Run(
        id=asked.run_id,
        name=asked.name,
        workflow_name=started.name,
        description=asked.description,
        namespace=asked.namespace,
        experiment_id=asked.experiment_id,
        job_id=asked.job_id,
        storage_state=asked.storage_state,
        service_account=started.account,
        spec=asked.spec,
        created_at=now,
        scheduled_at=asked.scheduled_at or now,
        plugins_input=asked.plugins_input,
        finished_at=asked.finished_at,
        conditions=run_states.condition_of(run_states.PENDING),
        state=run_states.PENDING,
        state_history=history_with(asked.state_history, StateChange(now, run_states.PENDING)),
        workflow_runtime_manifest=started.manifest if kind is TemplateKind.V1 else "",
        pipeline_runtime_manifest=started.manifest if kind is TemplateKind.V2 else "",
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
