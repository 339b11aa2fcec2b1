"""From a recurring run to the workflow of one of its runs.

``crd/controller/scheduledworkflow/util/scheduled_workflow.go: NewWorkflow``.
"""

from __future__ import annotations

from typing import Any

from fake_kfp.golang.fnv import fnv1a
from fake_kfp.services.jobs.requests import NewJob
from fake_kfp.services.runs.creation import owner_reference, schedule_labels
from fake_kfp.services.settings import Settings
from fake_kfp.services.templates.macros import RunMacros
from fake_kfp.services.templates.run_workflow import (
    UID_TAG,
    RunRequest,
    label_pods,
    override_parameters,
    parameter_map,
    replace_uid,
)
from fake_kfp.services.templates.template import Template, TemplateKind
from fake_kfp.simulator.cluster.labels import RUN_ID_LABEL
from fake_kfp.store.records import Job


def job_request(job: Job | NewJob, settings: Settings) -> RunRequest:
    """What a recurring run asks of its template, when it is made and for each of its runs."""
    return RunRequest(
        settings=settings,
        name=job.name,
        namespace=job.namespace,
        parameters=job.spec.parameters,
        service_account=job.service_account,
        runtime_parameters=job.spec.runtime_parameters,
        pipeline_root=job.spec.pipeline_root,
    )


def next_workflow(
    job: Job, template: Template, settings: Settings, run_id: str, due: int, now: int
) -> dict[str, Any]:
    """The workflow of the job's next run, which is due at ``due`` and made at ``now`` (seconds since 1970)."""
    manifest = template.scheduled_workflow(job_request(job, settings))
    index = job.last_index + 1
    macros = RunMacros(run_id, now, due, index)
    parameters = parameter_map(job.spec.parameters)
    override_parameters(manifest["spec"], {name: macros.replace(value) for name, value in parameters.items()})
    metadata = manifest["metadata"]
    metadata.pop("generateName", None)
    metadata["name"] = next_name(job)
    metadata.setdefault("labels", {}).update(schedule_labels(job, due, index) | {RUN_ID_LABEL: run_id})
    label_pods(manifest["spec"], run_id)
    if template.kind is TemplateKind.V2 or UID_TAG in job.spec.workflow_manifest + job.spec.parameters:
        manifest = replace_uid(manifest, run_id)
    manifest["metadata"]["ownerReferences"] = [owner_reference(job)]
    return manifest


def next_name(job: Job) -> str:
    """The name of the job's next run: its own with an index and a hash of both (``NextResourceName``)."""
    name = f"{job.workflow_name}-{job.last_index + 1}"
    return f"{name}-{fnv1a(name)}"
