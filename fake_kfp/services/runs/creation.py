"""From what was asked for to a workflow in the cluster and a run record (``resource_manager.go: CreateRun``)."""

from __future__ import annotations

from typing import Any

from fake_kfp.errors import as_internal_error, internal_error, invalid_input, wrapping
from fake_kfp.services.settings import Settings
from fake_kfp.services.storage.job_schedules import schedule_to_own_runs
from fake_kfp.services.storage.run_records import insert_run
from fake_kfp.services.templates.run_workflow import RunRequest
from fake_kfp.services.templates.sources import fetch_template
from fake_kfp.services.templates.template import Template, TemplateKind
from fake_kfp.simulator import manifests
from fake_kfp.simulator.cluster.cluster import Cluster, KubernetesError
from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.simulator.manifests import ManifestError
from fake_kfp.simulator.validation import validate_workflow
from fake_kfp.store.records import Job, Run
from fake_kfp.store.world import World


class RunCreation:
    """Creates runs, once it is settled who may and where they belong."""

    def __init__(self, world: World, cluster: Cluster, settings: Settings) -> None:
        self._world = world
        self._cluster = cluster
        self._settings = settings

    def create(self, run: Run) -> Run:
        """Completes ``run`` and stores it. A workflow whose run can't be stored stays behind in the cluster, as it really does."""
        with as_internal_error("Failed to create a run due to error fetching manifest"):
            template, text = fetch_template(self._world, run.spec)
        run.id = run.id or self._world.ids.uuid()
        run.created_at = self._world.clock.seconds()
        workflow = self._start(template, run)
        self._complete(run, workflow, template, text)
        with wrapping("Failed to create a run"):
            insert_run(self._world, run)
        self._cluster.rest(
            workflow, run.workflow_runtime_manifest or run.pipeline_runtime_manifest, over=False
        )
        return run

    def _start(self, template: Template, run: Run) -> Workflow:
        with wrapping("Failed to generate the ExecutionSpec"):
            manifest = template.run_workflow(self._request(run))
        metadata = manifest["metadata"]
        name = metadata.get("name", "")
        try:
            validate_workflow(manifest, lint=False, ignore_entrypoint=False)
        except ManifestError as error:
            raise internal_error(error.text, f"Failed to validate workflow for ({name})") from None
        metadata["namespace"] = run.namespace or self._settings.pod_namespace
        if run.job_id:
            metadata["ownerReferences"] = [self._owner_reference(run.job_id)]
        try:
            return self._cluster.create(manifest)
        except KubernetesError as error:
            raise internal_error(str(error), f"Failed to create a workflow for ({name})") from None

    def _request(self, run: Run) -> RunRequest:
        return RunRequest(
            settings=self._settings,
            name=run.name,
            namespace=run.namespace,
            parameters=run.spec.parameters,
            service_account=run.service_account,
            run_id=run.id,
            run_at=run.created_at,
            runtime_parameters=run.spec.runtime_parameters,
            pipeline_root=run.spec.pipeline_root,
        )

    def _owner_reference(self, job_id: str) -> dict[str, Any]:
        job = self._world.jobs.get(job_id)
        if job is None:
            raise internal_error(
                invalid_input(f"RecurringRunId doesn't exist: {job_id}"),
                "Failed to create a run due to invalid recurring run id",
            )
        return owner_reference(schedule_to_own_runs(self._world, job))

    def _complete(self, run: Run, workflow: Workflow, template: Template, text: str) -> None:
        runtime_manifest = manifests.dumps(workflow.to_manifest())
        run.workflow_name = workflow.name
        run.service_account = workflow.spec.get("serviceAccountName", "")
        if template.kind is TemplateKind.V1:
            run.workflow_runtime_manifest = runtime_manifest
            run.spec.workflow_manifest = text
        else:
            run.pipeline_runtime_manifest = runtime_manifest
            run.spec.pipeline_manifest = text
        run.scheduled_at = run.scheduled_at or run.created_at
        run.state = "PENDING"


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
