"""Which fields of a record can be sorted and filtered by, under which names, and how to read them.

Every record type has a :class:`Schema`, the facts of ``model/*.go``: ``APIToModelFieldMap``, ``GetFieldValue``, ``GetModelName``,
``DefaultSortField``. Both API versions share one map of names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from math import inf
from operator import attrgetter
from typing import Any, Generic, TypeVar

from fake_kfp.golang.json_text import dumps
from fake_kfp.store.collation import sort_key
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

    ``key`` is what a record sorts by. A column that is not ``pageable`` is one that ``GetFieldValue`` of the model does not know:
    it can be sorted by only while everything fits on one page. One that is not ``indexable`` is never kept in order, since its
    value may change unseen. For one that has ``several`` values, ``key`` gives a list, and a record is listed for each.
    """

    name: str
    attribute: str
    kind: Kind
    read: Callable[[R], Any]
    key: Callable[[R], Any]
    pageable: bool = True
    indexable: bool = True
    several: bool = False

    def keys(self, record: R) -> Sequence[Any]:
        """The keys under which an order of this column lists the record."""
        return self.key(record) if self.several else (self.key(record),)

    def entries(self, records: Mapping[str, R], ids: Iterable[str]) -> list[tuple[Any, str]]:
        """The places of these records in an order of this column, in no order."""
        key = self.key
        if self.several:
            return [(value, id) for id in ids for value in key(records[id])]
        return [(key(records[id]), id) for id in ids]


_shared_key = lru_cache(maxsize=4096)(sort_key)


def metric(name: str) -> Column[Run]:
    """What ``sort_by=metric:name`` orders runs by.

    The real server joins the runs with the metrics of that name (``run_store.go: addSortByRunMetricToSelect``): a run without one
    has no value, which comes before all others; one whose nodes reported several is listed for each.
    """
    wanted = sort_key(name)

    def values(run: Run) -> list[float]:
        return [metric.value for metric in run.metrics if sort_key(metric.name) == wanted] or [-inf]

    return Column(f"metric:{name}", "metrics", Kind.FLOAT, values, values, several=True)


def text(name: str, attribute: str, pageable: bool = True) -> Column[Any]:
    """A text column whose values mostly differ."""
    read = attrgetter(attribute)
    return Column(name, attribute, Kind.TEXT, read, lambda record: sort_key(read(record)), pageable)


def word(name: str, attribute: str, pageable: bool = True) -> Column[Any]:
    """A text column where few values stand in many records, which share their sort keys."""
    read = attrgetter(attribute)
    return Column(name, attribute, Kind.TEXT, read, lambda record: _shared_key(read(record)), pageable)


def integer(name: str, attribute: str, pageable: bool = True) -> Column[Any]:
    """A column of whole numbers, such as times in seconds."""
    read = attrgetter(attribute)
    return Column(name, attribute, Kind.INTEGER, read, read, pageable)


def _history_text(record: Run | Task) -> str:
    return dumps([_change_json(change) for change in record.state_history])


def _change_json(change: StateChange) -> dict[str, Any]:
    pairs = {"UpdateTimeInSec": change.at, "State": change.state}
    return {name: value for name, value in pairs.items() if value}


STATE_HISTORY: Column[Any] = Column(
    "StateHistory",
    "state_history",
    Kind.TEXT,
    _history_text,
    lambda record: sort_key(_history_text(record)),
    pageable=False,
    indexable=False,
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
        word("Namespace", "namespace"),
        word("StorageState", "storage_state"),
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
        word("StorageState", "storage_state"),
        word("Conditions", "conditions"),
        word("Namespace", "namespace"),
        word("ExperimentUUID", "experiment_id", pageable=False),
        word("State", "state"),
        STATE_HISTORY,
        text("PipelineRuntimeManifest", "pipeline_runtime_manifest"),
        word("JobUUID", "job_id", pageable=False),
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
        word("Namespace", "namespace"),
        word("Status", "status"),
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
        word("Status", "status"),
        text("Description", "description"),
        text("PipelineSpec", "manifest"),
        word("PipelineId", "pipeline_id"),
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
        word("Namespace", "namespace"),
        word("ExperimentUUID", "experiment_id"),
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
