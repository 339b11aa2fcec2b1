"""The records of a world: what the real server keeps in its database, one class a table.

Times are whole seconds since 1970, 0 where unset. Texts that the real server stores as JSON are kept as the text it stores, so that
filters and sorting see the same. Field names are ours; ``store/schemas.py`` maps the API's filter and sort keys to them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class StorageState(str, Enum):
    """Whether a run or experiment is archived; the value is the word the database holds."""

    UNSPECIFIED = "STORAGE_STATE_UNSPECIFIED"
    AVAILABLE = "AVAILABLE"
    ARCHIVED = "ARCHIVED"


@dataclass(slots=True)
class Experiment:
    """A group of runs and jobs."""

    id: str
    name: str
    description: str = ""
    namespace: str = ""
    created_at: int = 0
    last_run_created_at: int = 0
    storage_state: StorageState = StorageState.AVAILABLE


@dataclass(frozen=True, slots=True)
class PipelineSpec:
    """What a run or job executes (``model/pipeline_spec.go``).

    ``parameters`` is the v1 list as JSON text, ``runtime_parameters`` the v2 map as JSON text; each is empty where not given.
    """

    pipeline_id: str = ""
    pipeline_version_id: str = ""
    pipeline_name: str = ""
    pipeline_manifest: str = ""
    workflow_manifest: str = ""
    parameters: str = ""
    runtime_parameters: str = ""
    pipeline_root: str = ""


@dataclass(slots=True)
class RunMetric:
    """One number that a node reported; ``format`` is the API's word (UNSPECIFIED, RAW, PERCENTAGE)."""

    run_id: str
    node_id: str
    name: str
    value: float
    format: str = "UNSPECIFIED"


@dataclass(frozen=True, slots=True)
class StateChange:
    """One entry of a run's state history, a state of the v2 API and when it was entered."""

    at: int
    state: str


class _Late:
    """A record some of whose fields may be unset until somebody reads the first of them: ``complete`` sets them then, and is gone."""

    __slots__ = ("complete",)

    complete: Callable[[], None]

    def __getattr__(self, name: str) -> Any:
        """Asked for what is not set."""
        if name not in LATE_FIELDS:
            raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")
        self.complete()
        return object.__getattribute__(self, name)


@dataclass(slots=True)
class Run(_Late):
    """A run. ``conditions`` is its v1 status word (Pending), ``state`` the v2 one (PENDING); both are stored and filtered on.

    ``plugins_input`` is what it tells the server's plugins, as JSON.
    """

    id: str
    name: str
    workflow_name: str = ""
    description: str = ""
    namespace: str = ""
    experiment_id: str = ""
    job_id: str = ""
    storage_state: StorageState = StorageState.AVAILABLE
    service_account: str = ""
    spec: PipelineSpec = PipelineSpec()
    created_at: int = 0
    scheduled_at: int = 0
    finished_at: int = 0
    conditions: str = ""
    state: str = ""
    state_history: list[StateChange] = field(default_factory=list)
    workflow_runtime_manifest: str = ""
    pipeline_runtime_manifest: str = ""
    metrics: list[RunMetric] = field(default_factory=list)
    plugins_input: str = ""


LATE_FIELDS = (
    "spec",
    "finished_at",
    "conditions",
    "state",
    "state_history",
    "workflow_runtime_manifest",
    "metrics",
)
"""What of a run may be unset until somebody reads it."""


@dataclass(slots=True)
class Pipeline:
    """A pipeline; ``status`` is READY unless its creation went wrong half way."""

    id: str
    name: str
    display_name: str = ""
    description: str = ""
    namespace: str = ""
    created_at: int = 0
    status: str = "READY"
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class PipelineVersion:
    """One version of a pipeline: ``manifest`` is the template as stored, ``parameters`` the JSON list of its parameters."""

    id: str
    pipeline_id: str
    name: str
    display_name: str = ""
    description: str = ""
    created_at: int = 0
    status: str = "READY"
    parameters: str = "[]"
    code_source_url: str = ""
    package_url: str = ""
    manifest: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trigger:
    """When a job fires: a cron line or an interval in seconds (None where absent), within optional times in seconds since 1970."""

    cron: str | None = None
    cron_start: int | None = None
    cron_end: int | None = None
    interval_seconds: int | None = None
    periodic_start: int | None = None
    periodic_end: int | None = None


@dataclass(slots=True)
class Job:
    """A recurring run. ``conditions`` is the status word that scheduled-workflow reports set.

    ``workflow_name`` is the name of its scheduled workflow as last reported, ``schedule_name`` the one it was made with in the cluster.
    ``last_index`` counts the runs it has made, ``last_due_at`` is the time for which the last of them was due.
    """

    id: str
    name: str
    workflow_name: str = ""
    schedule_name: str = ""
    description: str = ""
    namespace: str = ""
    experiment_id: str = ""
    service_account: str = ""
    enabled: bool = False
    no_catchup: bool = False
    max_concurrency: int = 1
    trigger: Trigger = Trigger()
    spec: PipelineSpec = PipelineSpec()
    created_at: int = 0
    updated_at: int = 0
    conditions: str = "STATUS_UNSPECIFIED"
    last_index: int = 0
    last_due_at: int | None = None
    plugins_input: str = ""


@dataclass(slots=True)
class Task:
    """A task of a run: a node of its workflow, or what a driver recorded. ``children`` are ids of nodes."""

    id: str
    namespace: str = ""
    pipeline_name: str = ""
    run_id: str = ""
    pod_name: str = ""
    execution_id: str = ""
    created_at: int = 0
    started_at: int = 0
    finished_at: int = 0
    fingerprint: str = ""
    name: str = ""
    parent_task_id: str = ""
    state: str = ""
    state_history: list[StateChange] = field(default_factory=list)
    children: list[str] = field(default_factory=list)
