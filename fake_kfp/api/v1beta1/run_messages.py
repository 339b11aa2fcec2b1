"""``api.Run`` and its parts to and from records (``api_converter.go: toModelRun, toApiRunV1, toApiRunDetailV1``)."""

from __future__ import annotations

from typing import Any

from fake_kfp.api.descriptors import message_class
from fake_kfp.api.timestamps import set_timestamp
from fake_kfp.api.v1beta1.pipeline_spec import fill_pipeline_spec, read_pipeline_spec
from fake_kfp.api.v1beta1.references import Relationship, ResourceType, add_reference, first_id
from fake_kfp.errors import internal_error, invalid_input
from fake_kfp.services.runs.requests import NewRun
from fake_kfp.services.storage.run_states import condition_of
from fake_kfp.store.records import Run, RunMetric, StorageState

# api.Run.StorageState; numbers that it does not have count as available.
_ARCHIVED = 1

# What every run shows: to look a member of an enum up takes as long as to show it.
_IS_ARCHIVED, _EXPERIMENT, _OWNER = StorageState.ARCHIVED, ResourceType.EXPERIMENT, Relationship.OWNER

# api.RunMetric.Format
_FORMATS = ("UNSPECIFIED", "RAW", "PERCENTAGE")


def read_run(message: Any) -> NewRun:
    """What a request asks for. Raises INTERNAL for what can't be converted."""
    name = message.name or message.pipeline_spec.pipeline_name
    if not name:
        raise internal_error(
            invalid_input("Run name cannot be empty"),
            "Failed to convert a v1beta1 API run detail to its internal representation",
        )
    references = message.resource_references
    return NewRun(
        name=name,
        run_id=message.id,
        description=message.description,
        namespace=first_id(references, ResourceType.NAMESPACE),
        experiment_id=first_id(references, ResourceType.EXPERIMENT),
        job_id=first_id(references, ResourceType.JOB),
        storage_state=StorageState.ARCHIVED if message.storage_state == _ARCHIVED else StorageState.AVAILABLE,
        service_account=message.service_account,
        spec=read_pipeline_spec(message.pipeline_spec, references, "run"),
        scheduled_at=message.scheduled_at.seconds,
        finished_at=message.finished_at.seconds,
    )


def run_detail(run: Run) -> Any:
    """``api.RunDetail`` of a run: the run and its runtime manifest."""
    detail: Any = message_class("api.RunDetail")()
    fill_run(detail.run, run)
    runtime = detail.pipeline_runtime
    runtime.SetInParent()
    runtime.pipeline_manifest = run.pipeline_runtime_manifest
    runtime.workflow_manifest = run.workflow_runtime_manifest
    return detail


def fill_run(message: Any, run: Run) -> None:
    """Shows a run."""
    message.id = run.id
    message.name = run.name
    message.description = run.description
    message.service_account = run.service_account
    message.status = condition_of(run.state)
    if run.storage_state is _IS_ARCHIVED:
        message.storage_state = _ARCHIVED
    set_timestamp(message.created_at, run.created_at)
    set_timestamp(message.scheduled_at, run.scheduled_at)
    set_timestamp(message.finished_at, run.finished_at)
    fill_pipeline_spec(message.pipeline_spec, run.spec)
    _add_references(message.resource_references, run)
    for metric in run.metrics:
        _add_metric(message.metrics, metric)


def _add_references(references: Any, run: Run) -> None:
    """What owns the run, the recurring run that made it, then the version or else the pipeline that it was made from."""
    if run.experiment_id:
        add_reference(references, _EXPERIMENT, run.experiment_id, _OWNER)
    if run.namespace:
        add_reference(references, ResourceType.NAMESPACE, run.namespace, Relationship.OWNER)
    if run.job_id:
        add_reference(references, ResourceType.JOB, run.job_id, Relationship.CREATOR)
    if run.spec.pipeline_version_id:
        add_reference(
            references, ResourceType.PIPELINE_VERSION, run.spec.pipeline_version_id, Relationship.CREATOR
        )
    elif run.spec.pipeline_id:
        add_reference(references, ResourceType.PIPELINE, run.spec.pipeline_id, Relationship.CREATOR)


def _add_metric(metrics: Any, metric: RunMetric) -> None:
    metrics.add(
        name=metric.name,
        node_id=metric.node_id,
        number_value=metric.value,
        format=_FORMATS.index(metric.format),
    )


def read_metric(message: Any, run_id: str) -> RunMetric:
    """A reported metric; a format that does not exist is taken for none."""
    known = 0 <= message.format < len(_FORMATS)
    return RunMetric(
        run_id=run_id,
        node_id=message.node_id,
        name=message.name,
        value=message.number_value,
        format=_FORMATS[message.format] if known else _FORMATS[0],
    )


def echo_metrics(reply: Any, request: Any) -> None:
    """A new run's reply shows the metrics that the request carried, though they are not stored."""
    for metric in request.metrics:
        _add_metric(reply.metrics, read_metric(metric, reply.id))
