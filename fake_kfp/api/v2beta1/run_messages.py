"""``Run`` to and from records (``api_converter.go: toModelRun, toApiRun``)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fake_kfp.api.status import fill_status
from fake_kfp.api.timestamps import set_timestamp
from fake_kfp.api.v2beta1.messages import STORAGE_STATES, state_number
from fake_kfp.api.v2beta1.pipeline_source import fill_parameters, fill_reference, ids_in_name, read_source
from fake_kfp.api.v2beta1.pipeline_spec import fill_manifest
from fake_kfp.api.v2beta1.plugins import fill_plugins_input
from fake_kfp.api.v2beta1.task_details import echo_errors, echo_tasks, fill_run_history, read_history
from fake_kfp.errors import KfpError, internal_error, invalid_input
from fake_kfp.services.runs.requests import NewRun
from fake_kfp.store.records import Run, StorageState

_NO_SOURCE = "Failed to parse the pipeline source"
_UNSHOWN = (
    "Failed to convert internal run representation to its API counterpart due to missing pipeline source"
)


def read_run(message: Any) -> NewRun:
    """What a request asks for. Raises INTERNAL for what can't be converted."""
    if not message.display_name:
        raise internal_error(
            invalid_input("Run name cannot be empty"),
            "Failed to convert a API run detail to its internal representation",
        )
    archived = message.storage_state == STORAGE_STATES[StorageState.ARCHIVED]
    asked = NewRun(
        name=message.display_name,
        spec=read_source(message, "run"),
        run_id=message.run_id,
        description=message.description,
        experiment_id=message.experiment_id,
        job_id=message.recurring_run_id,
        service_account=message.service_account,
        storage_state=StorageState.ARCHIVED if archived else StorageState.AVAILABLE,
        state_history=read_history(message.state_history),
        scheduled_at=message.scheduled_at.seconds,
        finished_at=message.finished_at.seconds,
    )
    name = _name_in_spec(message.pipeline_spec)
    return _with_ids(asked, ids_in_name(name)) if name else asked


def _name_in_spec(spec: Any) -> str:
    """``PipelineInfo.Name``, which no pipeline spec has: a full name in there fills in what the request leaves out."""
    if "PipelineInfo" not in spec.fields:
        return ""
    info = spec.fields["PipelineInfo"]
    name = info.struct_value.fields.get("Name")
    if not info.HasField("struct_value") or (name is not None and not name.HasField("string_value")):
        raise invalid_input("fake_kfp: a PipelineInfo.Name that is no text, of which the real server dies")
    return name.string_value if name is not None else ""


def _with_ids(asked: NewRun, ids: dict[str, str]) -> NewRun:
    spec = replace(
        asked.spec,
        pipeline_id=asked.spec.pipeline_id or ids.get("pipeline", ""),
        pipeline_version_id=asked.spec.pipeline_version_id or ids.get("version", ""),
    )
    return asked._replace(
        spec=spec,
        namespace=ids.get("namespace", ""),
        experiment_id=asked.experiment_id or ids.get("experiment", ""),
        run_id=asked.run_id or ids.get("run", ""),
        job_id=asked.job_id or ids.get("job", ""),
    )


def fill_run(message: Any, run: Run) -> None:
    """Shows a run but for its tasks; of one whose manifest can't be shown nothing but its ids and the reason."""
    message.run_id = run.id
    message.experiment_id = run.experiment_id
    try:
        _fill_source(message, run)
    except KfpError as error:
        message.ClearField("pipeline_spec")
        fill_status(message.error, error.wrapped(_UNSHOWN))
        return
    message.recurring_run_id = run.job_id
    message.display_name = run.name
    message.description = run.description
    message.service_account = run.service_account
    message.storage_state = STORAGE_STATES[run.storage_state]
    message.state = state_number(run.state)
    fill_run_history(message, run.state_history)
    set_timestamp(message.created_at, run.created_at)
    set_timestamp(message.scheduled_at, run.scheduled_at)
    set_timestamp(message.finished_at, run.finished_at)
    fill_parameters(message, run.spec)
    fill_plugins_input(message, run.plugins_input)


def _fill_source(message: Any, run: Run) -> None:
    """The version that it was made from, else the manifest that was sent along."""
    spec = run.spec
    manifest = spec.pipeline_manifest or spec.workflow_manifest
    if spec.pipeline_version_id:
        fill_reference(message, spec)
        return
    if not manifest:
        raise invalid_input(_NO_SOURCE)
    try:
        fill_manifest(message.pipeline_spec, manifest)
    except KfpError as error:
        raise error.wrapped(invalid_input(_NO_SOURCE).message) from None


def echo_request(reply: Any, request: Any) -> None:
    """A new run's reply shows tasks and errors that the request carried, though they are not stored."""
    echo_tasks(reply.run_details.task_details, request.run_details.task_details)
    echo_errors(reply.state_history, request.state_history)
