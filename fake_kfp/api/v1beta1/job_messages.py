"""``api.Job`` and its parts to and from records (``api_converter.go: toModelJob, toApiJobV1``)."""

from __future__ import annotations

from typing import Any

from fake_kfp.api.timestamps import set_timestamp
from fake_kfp.api.triggers import fill_trigger, read_trigger
from fake_kfp.api.v1beta1.pipeline_spec import fill_pipeline_spec, read_pipeline_spec
from fake_kfp.api.v1beta1.references import Relationship, ResourceType, add_reference, first_id
from fake_kfp.errors import internal_error, invalid_input, wrapping
from fake_kfp.services.jobs.creation import check_schedule
from fake_kfp.services.jobs.requests import NewJob
from fake_kfp.store.records import Job

# api.Job.Mode: whether a job is enabled; numbers that it does not have are refused.
_MODES = {0: False, 1: True, 2: False}

# What the scheduled workflow's status words come to (``toApiJobStatus``).
_STATUSES = {
    "ENABLED": "ENABLED",
    "Enabled": "ENABLED",
    "Running": "ENABLED",
    "Succeeded": "ENABLED",
    "DISABLED": "DISABLED",
    "Disabled": "DISABLED",
}
_NO_STATUS = "STATUS_UNSPECIFIED"


def read_job(message: Any) -> NewJob:
    """What a request asks for. Raises for what can't be, in the real server's order."""
    name = message.name or message.pipeline_spec.pipeline_name
    if not name:
        raise internal_error(
            invalid_input("Job name cannot be empty"),
            "Failed to convert a v1beta1 API recurring run to its internal representation",
        )
    enabled = message.enabled or _is_mode_enabled(message.mode)
    references = message.resource_references
    job = NewJob(
        name=name,
        description=message.description,
        namespace=first_id(references, ResourceType.NAMESPACE),
        experiment_id=first_id(references, ResourceType.EXPERIMENT),
        service_account=message.service_account,
        enabled=enabled,
        no_catchup=message.no_catchup,
        max_concurrency=message.max_concurrency,
        trigger=read_trigger(message.trigger),
        spec=read_pipeline_spec(message.pipeline_spec, references, "recurring run"),
    )
    check_schedule(job.max_concurrency, job.trigger)
    return job


def _is_mode_enabled(mode: int) -> bool:
    with wrapping(
        "Failed to convert a v1beta1 API recurring run to its internal representation due to mode parsing error"
    ):
        if mode not in _MODES:
            raise internal_error(
                invalid_input(f"Recurring run's mode is invalid: {mode}"),
                "Failed to convert v1beta1 API recurring run's mode to its internal representation",
            )
    return _MODES[mode]


def fill_job(message: Any, job: Job) -> None:
    """Shows a job."""
    message.id = job.id
    message.name = job.name
    message.service_account = job.service_account
    message.description = job.description
    message.enabled = job.enabled
    message.status = _STATUSES.get(job.conditions, _NO_STATUS)
    message.max_concurrency = job.max_concurrency
    message.no_catchup = job.no_catchup
    set_timestamp(message.created_at, job.created_at)
    set_timestamp(message.updated_at, job.updated_at)
    fill_trigger(message.trigger, job.trigger)
    fill_pipeline_spec(message.pipeline_spec, job.spec)
    _add_references(message.resource_references, job)


def _add_references(references: Any, job: Job) -> None:
    for resource_type, identifier, relationship in (
        (ResourceType.NAMESPACE, job.namespace, Relationship.OWNER),
        (ResourceType.EXPERIMENT, job.experiment_id, Relationship.OWNER),
        (ResourceType.PIPELINE, job.spec.pipeline_id, Relationship.CREATOR),
        (ResourceType.PIPELINE_VERSION, job.spec.pipeline_version_id, Relationship.CREATOR),
    ):
        if identifier:
            add_reference(references, resource_type, identifier, relationship)
