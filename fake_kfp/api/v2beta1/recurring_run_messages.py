"""``RecurringRun`` to and from records (``api_converter.go: toModelJob, toApiRecurringRun``)."""

from __future__ import annotations

from typing import Any

from fake_kfp.api.status import fill_status
from fake_kfp.api.timestamps import set_timestamp
from fake_kfp.api.triggers import fill_trigger, read_trigger
from fake_kfp.api.v2beta1.pipeline_source import fill_parameters, fill_reference, read_source
from fake_kfp.api.v2beta1.pipeline_spec import fill_manifest
from fake_kfp.api.v2beta1.plugins import fill_plugins_input
from fake_kfp.errors import KfpError, internal_error, invalid_input, wrapping
from fake_kfp.services.jobs.creation import check_schedule
from fake_kfp.services.jobs.requests import NewJob
from fake_kfp.store.records import Job, PipelineSpec

# RecurringRun.Mode: whether one is enabled; numbers that it does not have are refused.
_MODES = {0: False, 1: True, 2: False}
_ENABLE, _DISABLE = 1, 2
# RecurringRun.Status
_ENABLED, _DISABLED = 1, 3

_UNSHOWN = "Failed to convert recurring run's internal representation to its API counterpart"


def read_recurring_run(message: Any) -> NewJob:
    """What a request asks for. Raises for what can't be, in the real server's order."""
    spec = read_source(message, "recurring run")
    if not message.display_name:
        raise internal_error(
            invalid_input("Recurring run's name cannot be empty"),
            "Failed to convert a API recurring run to its internal representation",
        )
    asked = NewJob(
        name=message.display_name,
        spec=spec,
        description=message.description,
        namespace=message.namespace,
        experiment_id=message.experiment_id,
        service_account=message.service_account,
        enabled=_is_enabled(message.mode),
        no_catchup=message.no_catchup,
        max_concurrency=message.max_concurrency,
        trigger=read_trigger(message.trigger),
    )
    check_schedule(asked.max_concurrency, asked.trigger)
    return asked


def _is_enabled(mode: int) -> bool:
    with wrapping(
        "Failed to convert a API recurring run to its internal representation due to parsing error occurred in its mode field"
    ):
        if mode not in _MODES:
            raise internal_error(
                invalid_input(f"Recurring run's mode is invalid: {mode}"),
                "Failed to convert API recurring run's mode to its internal representation",
            )
    return _MODES[mode]


def fill_recurring_run(message: Any, job: Job) -> None:
    """Shows a recurring run; of one whose manifest can't be shown nothing but its id and the reason."""
    message.recurring_run_id = job.id
    try:
        _fill_source(message, job.spec)
    except KfpError as error:
        message.ClearField("pipeline_spec")
        fill_status(message.error, error.wrapped(_UNSHOWN))
        return
    message.display_name = job.name
    message.service_account = job.service_account
    message.description = job.description
    set_timestamp(message.created_at, job.created_at)
    set_timestamp(message.updated_at, job.updated_at)
    message.max_concurrency = job.max_concurrency
    message.no_catchup = job.no_catchup
    message.namespace = job.namespace
    message.experiment_id = job.experiment_id
    message.mode = _ENABLE if job.enabled else _DISABLE
    message.status = _ENABLED if job.enabled else _DISABLED
    fill_trigger(message.trigger, job.trigger)
    if job.trigger.cron is None and job.trigger.interval_seconds is None:
        message.trigger.SetInParent()
    fill_parameters(message, job.spec)
    fill_plugins_input(message, job.plugins_input)


def _fill_source(message: Any, spec: PipelineSpec) -> None:
    """The pipeline, and the version if one is pinned, else the manifest of a v2 pipeline that was sent along."""
    if spec.pipeline_id or spec.pipeline_version_id:
        fill_reference(message, spec)
    elif spec.pipeline_manifest:
        fill_manifest(message.pipeline_spec, spec.pipeline_manifest)
        if not message.pipeline_spec.fields:
            message.ClearField("pipeline_spec")
