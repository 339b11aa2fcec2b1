"""Which fields of a record can be sorted and filtered by, under which names, and how to read them.

Every record type has a :class:`Schema`, the facts of ``model/*.go``: ``APIToModelFieldMap``, ``GetFieldValue``, ``GetModelName``,
``DefaultSortField``. Both API versions share one map of names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from math import inf
from operator import attrgetter
from typing import Any, Generic, TypeVar

from fake_kfp.store.collation import sort_key
from fake_kfp.store.gojson import to_json
from fake_kfp.store.records import Experiment, Job, Pipeline, PipelineVersion, Run, StateChange, Task

R = TypeVar("R")

KEY_COLUMN = "UUID"


class Kind(Enum):
    """The type of a database column, which decides how it compares."""

    TEXT = "text"
    INTEGER = "integer"
    FLOAT = "float"


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """A column of the real database: its name there, the record's attribute that holds it, and how to read it.

    A column that is not ``pageable`` is one that ``GetFieldValue`` of the model does not know: it can be sorted by only while
    everything fits on one page. One that is not ``indexable`` is never kept in order, since its value may change unseen. One
    that has ``several`` values lists a record once for each: ``read`` gives a list.
    """

    name: str
    attribute: str
    kind: Kind
    read: Callable[[R], Any]
    pageable: bool = True
    indexable: bool = True
    several: bool = False

    def key(self, record: R) -> Any:
        """What the record sorts by in this column."""
        value = self.read(record)
        return sort_key(value) if self.kind is Kind.TEXT else value

    def keys(self, record: R) -> Sequence[Any]:
        """The keys under which an order of this column lists the record."""
        return self.read(record) if self.several else (self.key(record),)


def metric(name: str) -> Column[Run]:
    """What ``sort_by=metric:name`` orders runs by.

    The real server joins the runs with the metrics of that name (``run_store.go: addSortByRunMetricToSelect``): a run without one
    has no value, which comes before all others; one whose nodes reported several is listed for each.
    """
    wanted = sort_key(name)

    def values(run: Run) -> list[float]:
        return [metric.value for metric in run.metrics if sort_key(metric.name) == wanted] or [-inf]

    return Column(f"metric:{name}", "metrics", Kind.FLOAT, values, several=True)


def text(name: str, attribute: str, pageable: bool = True) -> Column[Any]:
    """A text column."""
    return Column(name, attribute, Kind.TEXT, attrgetter(attribute), pageable)


def integer(name: str, attribute: str, pageable: bool = True) -> Column[Any]:
    """A column of whole numbers, such as times in seconds."""
    return Column(name, attribute, Kind.INTEGER, attrgetter(attribute), pageable)


def _history_text(record: Run | Task) -> str:
    return to_json([_change_json(change) for change in record.state_history])


def _change_json(change: StateChange) -> dict[str, Any]:
    pairs = {"UpdateTimeInSec": change.at, "State": change.state}
    return {name: value for name, value in pairs.items() if value}


STATE_HISTORY: Column[Any] = Column(
    "StateHistory", "state_history", Kind.TEXT, _history_text, pageable=False, indexable=False
)


@dataclass(frozen=True)
class Schema(Generic[R]):
    """What listing needs to know of a record type.

    ``type_name`` is the Go type in error texts; ``prefix`` stands before column names in filters and page tokens;
    ``fields`` maps the API's names to column names; ``columns`` are all columns by name, among them some that only
    ``where`` uses.
    """

    type_name: str
    prefix: str
    default_sort: str
    fields: Mapping[str, str]
    columns: Mapping[str, Column[R]]
    has_metrics: bool = False
    by_attribute: Mapping[str, Column[R]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "by_attribute", {column.attribute: column for column in self.columns.values()}
        )

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
) -> Schema[Any]:
    return Schema(
        type_name, prefix, default_sort, fields, {column.name: column for column in columns}, has_metrics
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
        text("Namespace", "namespace"),
        text("StorageState", "storage_state"),
    ],
)

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
        text("StorageState", "storage_state"),
        text("Conditions", "conditions"),
        text("Namespace", "namespace"),
        text("ExperimentUUID", "experiment_id", pageable=False),
        text("State", "state"),
        STATE_HISTORY,
        text("PipelineRuntimeManifest", "pipeline_runtime_manifest"),
        text("JobUUID", "job_id", pageable=False),
        text("Name", "workflow_name"),
    ],
    has_metrics=True,
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
        text("Description", "description"),
        text("Namespace", "namespace"),
        text("Status", "status"),
    ],
)

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
        text("Status", "status"),
        text("Description", "description"),
        text("PipelineSpec", "manifest"),
        text("PipelineId", "pipeline_id"),
    ],
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
        text("Namespace", "namespace"),
        text("ExperimentUUID", "experiment_id"),
        text("Name", "workflow_name"),
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
        text("Namespace", "namespace"),
        text("PipelineName", "pipeline_name"),
        text("RunUUID", "run_id", pageable=False),
        text("Name", "name"),
        text("MLMDExecutionID", "execution_id"),
        integer("CreatedTimestamp", "created_at"),
        integer("StartedTimestamp", "started_at", pageable=False),
        integer("FinishedTimestamp", "finished_at"),
        text("Fingerprint", "fingerprint"),
        text("State", "state"),
        STATE_HISTORY,
        text("ParentTaskUUID", "parent_task_id", pageable=False),
        text("PodName", "pod_name"),
    ],
    default_sort="CreatedTimestamp",
)
