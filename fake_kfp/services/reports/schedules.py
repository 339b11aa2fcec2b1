"""Scheduled workflows as reports carry them (``report_server.go: validateReportScheduledWorkflowRequest``)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fake_kfp.errors import ForeignError, KfpError, internal_error, invalid_input
from fake_kfp.golang.json_text import Json, SyntaxFault, dumps, loads
from fake_kfp.services.reports.printed_objects import printed_metadata, printed_schedule
from fake_kfp.simulator import manifests
from fake_kfp.simulator.cluster.status import parse_time
from fake_kfp.simulator.manifests.errors import ManifestError
from fake_kfp.store.records import Job, PipelineSpec, Trigger
from fake_kfp.versions import UNNAMED, Dialect

# The types of conditions that mean a v2 status (``model/job.go: StatusState.ToV2``), in capitals.
_STATUS = {
    "ENABLED": "ENABLED",
    "READY": "ENABLED",
    "DONE": "ENABLED",
    "RUNNING": "ENABLED",
    "SUCCEEDED": "ENABLED",
    "DISABLED": "DISABLED",
}
STATUS_UNSPECIFIED = "STATUS_UNSPECIFIED"

_V1 = "kubeflow.org/v1beta1"
_V2 = "kubeflow.org/v2beta1"
_KIND = "ScheduledWorkflow"

_GO_TYPE = "v1beta1.ScheduledWorkflow"


@dataclass(frozen=True, slots=True)
class ReportedSchedule:
    """What a report says about a scheduled workflow, the Kubernetes side of a recurring run."""

    fields: Json

    @property
    def name(self) -> str:
        return str(self._metadata.get("name") or "")

    @property
    def namespace(self) -> str:
        return str(self._metadata.get("namespace") or "")

    @property
    def job_id(self) -> str:
        return str(self._metadata.get("uid") or "")

    def changes(self, job: Job, now: int) -> Json:
        """The attributes of the job that the report overwrites (``job_store.go: UpdateJob``); what is absent is cleared."""
        return {
            "workflow_name": self.name,
            "enabled": bool(self._spec.get("enabled")),
            "conditions": self._status(),
            "max_concurrency": self._spec.get("maxConcurrency") or 0,
            "no_catchup": bool(self._spec.get("noCatchup")),
            "trigger": self._trigger(),
            "updated_at": now,
            **self._parameter_changes(job),
        }

    def _status(self) -> str:
        """The last condition counts, by its type, even if it is not true."""
        conditions = (self.fields.get("status") or {}).get("conditions") or []
        word = str(conditions[-1].get("type", "")) if conditions else ""
        return _STATUS.get(word.upper(), STATUS_UNSPECIFIED)

    def _trigger(self) -> Trigger:
        trigger = self._spec.get("trigger") or {}
        cron, periodic = trigger.get("cronSchedule") or {}, trigger.get("periodicSchedule") or {}
        return Trigger(
            cron=cron.get("cron", ""),
            cron_start=_seconds(cron.get("startTime")),
            cron_end=_seconds(cron.get("endTime")),
            interval_seconds=periodic.get("intervalSecond", 0),
            periodic_start=_seconds(periodic.get("startTime")),
            periodic_end=_seconds(periodic.get("endTime")),
        )

    def _parameter_changes(self, job: Job) -> Json:
        """``scheduled_workflow.go: ParametersAsString``."""
        workflow = self._spec.get("workflow")
        if workflow is None:
            return {}
        parameters = workflow.get("parameters")
        kind, version = str(self.fields.get("kind") or ""), str(self.fields.get("apiVersion") or "")
        if kind == _KIND and version.startswith(_V1):
            return {
                "spec": _with(job, parameters=dumps(parameters and [_parameter(each) for each in parameters]))
            }
        if kind == _KIND and version.startswith(_V2):
            return {"spec": _with(job, runtime_parameters=dumps(_values(parameters or ())))}
        raise self._unusable_kind(kind, version)

    def _unusable_kind(self, kind: str, version: str) -> KfpError:
        if kind or version:
            return internal_error(
                invalid_input(f"ScheduledWorkflow has invalid type metadata: {{{kind} {version}}}"),
                f"Failed to serialize parameters as string for ScheduledWorkflow {printed_metadata(self._metadata)}",
            )
        return invalid_input(
            "Found a ScheduledWorkflow with empty type metadata. ScheduledWorkflow must have valid APIVersion and Kind."
            f" ObjectMeta: {printed_metadata(self._metadata)}"
        )

    @property
    def _metadata(self) -> Json:
        return self.fields.get("metadata") or {}

    @property
    def _spec(self) -> Json:
        return self.fields.get("spec") or {}


def read_schedule(text: str, dialect: Dialect = UNNAMED) -> ReportedSchedule:
    """Reads a reported scheduled workflow. Raises INVALID_ARGUMENT where it can't be, or lacks name, namespace or uid."""
    try:
        loads(text)
        schedule = ReportedSchedule(manifests.decode(json.loads(text), _GO_TYPE))
    except SyntaxFault as fault:
        raise invalid_input(f"Could not unmarshal scheduled workflow: {fault}: {text}") from None
    except ManifestError as error:
        raise invalid_input(f"Could not unmarshal scheduled workflow: {error.text}: {text}") from None
    for word in ("name", "namespace"):
        if not getattr(schedule, word):
            raise invalid_input(
                f"The resource must have a {word}: {printed_schedule(schedule.fields, dialect)}"
            )
    if not schedule.job_id:
        raise invalid_input("The resource must have a UID: ")
    return schedule


def _with(job: Job, **changes: str) -> PipelineSpec:
    return replace(job.spec, **changes)


def _values(parameters: Sequence[Json]) -> Json:
    """The values of v2 parameters, each of them JSON. Raises the error of Go's JSON decoder where one is not."""
    try:
        values = {parameter.get("name", ""): loads(parameter.get("value", "")) for parameter in parameters}
    except SyntaxFault as fault:
        raise ForeignError(str(fault)) from None
    return dict(sorted(values.items()))


def _parameter(parameter: Json) -> Json:
    return {key: parameter[key] for key in ("name", "value") if parameter.get(key)}


def _seconds(text: str | None) -> int | None:
    moment = parse_time(text)
    return None if moment is None else int(moment.timestamp())
