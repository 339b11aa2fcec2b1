"""Which fields of a record can be sorted and filtered by, and under which names.

Every record type has a :class:`Schema`, the facts of ``model/*.go``: ``APIToModelFieldMap``, ``GetFieldValue``, ``GetModelName``,
``DefaultSortField``. Both API versions share one map of names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, Generic, TypeVar

from fake_kfp.store.mariadb.collation import sort_key
from fake_kfp.store.records import Experiment, Job, Pipeline, PipelineVersion, Run, Task
from fake_kfp.store.rows.columns import STATE_HISTORY, Column, Kind, integer, long_text, text, word

R = TypeVar("R")


@dataclass(frozen=True)
class Schema(Generic[R]):
    """What listing needs to know of a record type.

    ``type_name`` is the Go type in error texts; ``prefix`` stands before column names in filters and page tokens;
    ``fields`` maps the API's names to column names; ``columns`` are all columns by name, among them some that only
    ``where`` uses. ``joined``: the real server joins them with a table whose columns are called the same, so that a column without
    its prefix is ambiguous. ``table`` is the database's name for where they lie.
    """

    type_name: str
    prefix: str
    default_sort: str
    fields: Mapping[str, str]
    columns: Mapping[str, Column[R]]
    has_metrics: bool = False
    joined: bool = False
    table: str = ""
    by_attribute: Mapping[str, Column[R]] = field(init=False)
    texts: tuple[Column[R], ...] = field(init=False)
    """The columns that hold texts, in the order of their names."""
    short_texts: tuple[Column[R], ...] = field(init=False)
    long_texts: tuple[Column[R], ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "by_attribute", {column.attribute: column for column in self.columns.values()}
        )
        texts = [column for column in self.columns.values() if column.kind is Kind.TEXT]
        object.__setattr__(self, "texts", tuple(sorted(texts, key=attrgetter("name"))))
        object.__setattr__(self, "short_texts", tuple(column for column in texts if not column.long))
        object.__setattr__(self, "long_texts", tuple(column for column in texts if column.long))

    @property
    def plural(self) -> str:
        """What the records are called in error texts."""
        return self.prefix.removesuffix(".") or "runs"


def _schema(
    type_name: str,
    prefix: str,
    fields: dict[str, str],
    columns: list[Column[Any]],
    default_sort: str = "CreatedAtInSec",
    has_metrics: bool = False,
    joined: bool = False,
    table: str = "",
) -> Schema[Any]:
    by_name = {column.name: column for column in columns}
    return Schema(
        type_name,
        prefix,
        default_sort,
        fields,
        by_name,
        has_metrics,
        joined,
        table or prefix.removesuffix("."),
    )


EXPERIMENTS: Schema[Experiment] = _schema(
    "Experiment",
    "experiments.",
    {
        "id": "UUID",
        "experiment_id": "UUID",
        "name": "Name",
        "display_name": "Name",
        "created_at": "CreatedAtInSec",
        "last_run_created_at": "LastRunCreatedAtInSec",
        "description": "Description",
        "namespace": "Namespace",
        "storage_state": "StorageState",
    },
    [
        text("UUID", "id"),
        text("Name", "name"),
        integer("CreatedAtInSec", "created_at"),
        integer("LastRunCreatedAtInSec", "last_run_created_at"),
        text("Description", "description"),
        word("Namespace", "namespace"),
        word("StorageState", "storage_state"),
    ],
)

_WHAT_IS_RUN: tuple[Column[Any], ...] = (
    text("PipelineName", "spec.pipeline_name", pageable=False),
    long_text("PipelineSpecManifest", "spec.pipeline_manifest"),
    long_text("WorkflowSpecManifest", "spec.workflow_manifest"),
    long_text("Parameters", "spec.parameters"),
    long_text("RuntimeParameters", "spec.runtime_parameters"),
    long_text("PipelineRoot", "spec.pipeline_root"),
)
"""Columns that runs and jobs share (``model/pipeline_spec.go``)."""

RUNS: Schema[Run] = _schema(
    "Run",
    "",
    {
        "run_id": "UUID",
        "id": "UUID",
        "display_name": "DisplayName",
        "name": "DisplayName",
        "created_at": "CreatedAtInSec",
        "finished_at": "FinishedAtInSec",
        "description": "Description",
        "scheduled_at": "ScheduledAtInSec",
        "storage_state": "StorageState",
        "status": "Conditions",
        "namespace": "Namespace",
        "experiment_id": "ExperimentUUID",
        "state": "State",
        "state_history": "StateHistory",
        "runtime_details": "PipelineRuntimeManifest",
        "recurring_run_id": "JobUUID",
    },
    [
        text("UUID", "id"),
        text("DisplayName", "name"),
        integer("CreatedAtInSec", "created_at"),
        integer("FinishedAtInSec", "finished_at"),
        text("Description", "description"),
        integer("ScheduledAtInSec", "scheduled_at"),
        word("StorageState", "storage_state"),
        word("Conditions", "conditions"),
        word("Namespace", "namespace"),
        word("ExperimentUUID", "experiment_id", pageable=False),
        word("State", "state"),
        STATE_HISTORY,
        long_text("PipelineRuntimeManifest", "pipeline_runtime_manifest", pageable=True),
        word("JobUUID", "job_id", pageable=False),
        text("Name", "workflow_name"),
        text("ServiceAccount", "service_account", pageable=False),
        long_text("WorkflowRuntimeManifest", "workflow_runtime_manifest"),
        text("PipelineId", "spec.pipeline_id", pageable=False),
        text("PipelineVersionId", "spec.pipeline_version_id", pageable=False),
        *_WHAT_IS_RUN,
    ],
    has_metrics=True,
    table="run_details",
)

PIPELINES: Schema[Pipeline] = _schema(
    "Pipeline",
    "pipelines.",
    {
        "id": "UUID",
        "pipeline_id": "UUID",
        "name": "Name",
        "display_name": "DisplayName",
        "created_at": "CreatedAtInSec",
        "description": "Description",
        "namespace": "Namespace",
    },
    [
        text("UUID", "id"),
        text("Name", "name"),
        text("DisplayName", "display_name"),
        integer("CreatedAtInSec", "created_at"),
        text("Description", "description", long=True),
        word("Namespace", "namespace"),
        word("Status", "status"),
    ],
    joined=True,
)

PIPELINES_ALONE = replace(PIPELINES, joined=False)
"""The same as v2beta1 lists them: without their versions."""

PIPELINE_VERSIONS: Schema[PipelineVersion] = _schema(
    "PipelineVersion",
    "pipeline_versions.",
    {
        "id": "UUID",
        "pipeline_version_id": "UUID",
        "name": "Name",
        "display_name": "DisplayName",
        "created_at": "CreatedAtInSec",
        "status": "Status",
        "description": "Description",
        "pipeline_spec": "PipelineSpec",
    },
    [
        text("UUID", "id"),
        text("Name", "name"),
        text("DisplayName", "display_name"),
        integer("CreatedAtInSec", "created_at"),
        word("Status", "status"),
        text("Description", "description", long=True),
        long_text("PipelineSpec", "manifest", pageable=True),
        word("PipelineId", "pipeline_id"),
        long_text("Parameters", "parameters"),
        text("CodeSourceUrl", "code_source_url", pageable=False),
        long_text("PipelineSpecURI", "package_url"),
    ],
)

_SCHEDULE: Column[Any] = Column(
    "Schedule",
    "trigger",
    Kind.TEXT,
    lambda job: job.trigger.cron or "",
    lambda job: sort_key(job.trigger.cron or ""),
    pageable=False,
)

JOBS: Schema[Job] = _schema(
    "Job",
    "jobs.",
    {
        "id": "UUID",
        "recurring_run_id": "UUID",
        "name": "DisplayName",
        "display_name": "DisplayName",
        "created_at": "CreatedAtInSec",
        "updated_at": "UpdatedAtInSec",
        "description": "Description",
    },
    [
        text("UUID", "id"),
        text("DisplayName", "name"),
        integer("CreatedAtInSec", "created_at"),
        integer("UpdatedAtInSec", "updated_at"),
        text("Description", "description"),
        word("Namespace", "namespace"),
        word("ExperimentUUID", "experiment_id"),
        text("Name", "workflow_name"),
        text("ServiceAccount", "service_account", pageable=False),
        _SCHEDULE,
        *_WHAT_IS_RUN,
    ],
)

TASKS: Schema[Task] = _schema(
    "Task",
    "tasks.",
    {
        "task_id": "UUID",
        "id": "UUID",
        "namespace": "Namespace",
        "pipeline_name": "PipelineName",
        "pipelineName": "PipelineName",
        "run_id": "RunUUID",
        "runId": "RunUUID",
        "display_name": "Name",
        "execution_id": "MLMDExecutionID",
        "create_time": "CreatedTimestamp",
        "start_time": "StartedTimestamp",
        "end_time": "FinishedTimestamp",
        "fingerprint": "Fingerprint",
        "state": "State",
        "state_history": "StateHistory",
        "parent_task_id": "ParentTaskUUID",
        "mlmdExecutionID": "MLMDExecutionID",
        "created_at": "CreatedTimestamp",
        "finished_at": "FinishedTimestamp",
    },
    [
        text("UUID", "id"),
        word("Namespace", "namespace"),
        word("PipelineName", "pipeline_name"),
        word("RunUUID", "run_id", pageable=False),
        text("Name", "name"),
        text("MLMDExecutionID", "execution_id"),
        integer("CreatedTimestamp", "created_at"),
        integer("StartedTimestamp", "started_at", pageable=False),
        integer("FinishedTimestamp", "finished_at"),
        text("Fingerprint", "fingerprint"),
        word("State", "state"),
        STATE_HISTORY,
        text("ParentTaskUUID", "parent_task_id", pageable=False),
        text("PodName", "pod_name"),
    ],
    default_sort="CreatedTimestamp",
)
