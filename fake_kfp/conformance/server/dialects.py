"""What each version of the API calls things: the one place where the rules' own words meet those of the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from fake_kfp.conformance.server.plainest import MANIFEST, NEVER, PIPELINE

Json = dict[str, Any]
Facts = Mapping[str, Any]
"""A record by the names of its fields: texts, or seconds since 1970."""

EXPERIMENT, RUN, JOB, PIPELINE_KIND, VERSION = "experiment", "run", "job", "pipeline", "version"

_STATES = MappingProxyType(
    {
        "Pending": "PENDING",
        "Running": "RUNNING",
        "Terminating": "CANCELING",
        "Succeeded": "SUCCEEDED",
        "Failed": "FAILED",
    }
)
"""What v2beta1 calls the states of a run that v1beta1 has words for."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record: the noun of its RPCs, the fields of its request and lists, that of its id, and what restricts a list."""

    noun: str
    singular: str
    plural: str
    id: str
    suffix: str = ""
    archived: int = 2
    """The number of the storage state of what is archived."""


@dataclass(frozen=True, eq=False)
class Dialect:
    """One version of the API. Its records are made and read here, and nowhere else by names of a version."""

    version: str
    package: str
    kinds: Mapping[str, Kind]
    ids_of_calls: Mapping[str, str] = field(default_factory=dict)
    """Where an RPC calls the id it is asked about otherwise than the record does."""
    operation: str = "op"
    """The field of a predicate that says what it does."""
    modes: tuple[str, str] = ("ENABLED", "DISABLED")

    def __str__(self) -> str:
        return self.version

    @property
    def path(self) -> str:
        """What all paths of its REST side begin with."""
        return f"/apis/{self.version}"

    def rpc(self, verb: str, kind: str) -> str:
        """The short name of an RPC: ``ListRunsV1`` for ``List`` and ``run``."""
        of = self.kinds[kind]
        return f"{verb}{of.noun}{'s' if verb == 'List' else ''}{of.suffix}"

    def about(self, verb: str, kind: str, id: str) -> Json:
        """The request of an RPC about one record."""
        name = self.ids_of_calls.get(self.rpc(verb, kind), self.kinds[kind].id)
        # the pipeline of a version has to be there, and is not looked at
        more = {"pipeline_id": "any"} if kind == VERSION and self.version == "v2beta1" else {}
        return {**more, name: id}

    def inner(self, kind: str, reply: Any) -> Any:
        """The record in the reply of a call that makes or reads one."""
        return reply.run if kind == RUN and self.version == "v1beta1" else reply

    def id_of(self, kind: str, record: Any) -> str:
        """The id of a record."""
        return str(getattr(record, self.kinds[kind].id))

    def listed(self, kind: str, reply: Any) -> list[Any]:
        """The records of a page."""
        return list(getattr(reply, self.kinds[kind].plural))

    def within(self, experiment: str) -> Json:
        """What restricts a list to an experiment."""
        if self.version == "v1beta1":
            return {"resource_reference_key": {"type": "EXPERIMENT", "id": experiment}}
        return {"experiment_id": experiment}

    def belonging(self, experiment: str) -> Json:
        """What makes a run or recurring run belong to an experiment."""
        if self.version == "v1beta1":
            return {
                "resource_references": [
                    {"key": {"type": "EXPERIMENT", "id": experiment}, "relationship": "OWNER"}
                ]
            }
        return {"experiment_id": experiment}

    def named(self, name: str, description: str = "") -> Json:
        """The fields that hold name and description."""
        return {"name" if self.version == "v1beta1" else "display_name": name, "description": description}

    @property
    def source(self) -> Json:
        """The plainest pipeline there is, as a run or recurring run is given it."""
        if self.version == "v1beta1":
            return {"pipeline_spec": {"workflow_manifest": MANIFEST}}
        return {"pipeline_spec": PIPELINE}

    def run(self, experiment: str, name: str = "run", description: str = "") -> Json:
        """The plainest request for a run."""
        return self.named(name, description) | self.source | self.belonging(experiment)

    def job(self, experiment: str, name: str = "job", description: str = "", enabled: bool = False) -> Json:
        """The plainest request for a recurring run, which would not run even where it is enabled."""
        plain: Json = {"max_concurrency": "1", "mode": self.modes[not enabled], "trigger": NEVER}
        if self.version == "v1beta1":
            plain["enabled"] = enabled
        return plain | self.run(experiment, name, description)

    def filter(self, found: Json) -> Json:
        """A filter in its words."""
        return {
            "predicates": [
                {self.operation if key == "op" else key: value for key, value in each.items()}
                for each in found.get("predicates", ())
            ]
        }

    def is_archived(self, kind: str, record: Any) -> bool:
        """Whether a record is archived."""
        return bool(record.storage_state == self.kinds[kind].archived)

    def is_enabled(self, job: Any) -> bool:
        """Whether a recurring run is enabled."""
        return bool(job.enabled) if self.version == "v1beta1" else job.status == 1

    def state(self, run: Any) -> str:
        """The state of a run, in the words of v2beta1; empty where it is none that a run can be in."""
        if self.version == "v1beta1":
            return _STATES.get(run.status, "")
        name: str = run.DESCRIPTOR.fields_by_name["state"].enum_type.values_by_number[run.state].name
        return "" if name == "RUNTIME_STATE_UNSPECIFIED" else name

    def experiment_of(self, run: Any) -> str:
        """The experiment that a run or recurring run belongs to."""
        if self.version == "v2beta1":
            return str(run.experiment_id)
        return next((str(each.key.id) for each in run.resource_references if each.key.type == 1), "")

    def version_of(self, run: Any) -> str:
        """The pipeline version that a run was made from."""
        if self.version == "v2beta1":
            return str(run.pipeline_version_reference.pipeline_version_id)
        return next((str(each.key.id) for each in run.resource_references if each.key.type == 4), "")

    def facts(self, kind: str, record: Any) -> Facts:
        """What filters and orders can be about, by the names of both versions, since either knows all of them."""
        id = self.id_of(kind, record)
        name = record.name if self.version == "v1beta1" else record.display_name
        facts: dict[str, Any] = {"id": id, V2BETA1.kinds[kind].id: id, "name": name, "display_name": name}
        facts |= {"description": record.description, "created_at": record.created_at.seconds}
        if kind == PIPELINE_KIND:
            facts["name"] = record.name
        if kind in (RUN, EXPERIMENT):
            facts["storage_state"] = "ARCHIVED" if self.is_archived(kind, record) else "AVAILABLE"
        if kind == RUN:
            facts |= {"scheduled_at": record.scheduled_at.seconds, "finished_at": record.finished_at.seconds}
            facts |= {"state": self.state(record), "experiment_id": self.experiment_of(record)}
        return facts | ({"updated_at": record.updated_at.seconds} if kind == JOB else {})

    def filter_text(self, found: Json) -> str:
        """A filter as its text."""
        return json.dumps(self.filter(found), ensure_ascii=False)


V1BETA1 = Dialect(
    "v1beta1",
    "api",
    {
        EXPERIMENT: Kind("Experiment", "experiment", "experiments", "id", "V1"),
        RUN: Kind("Run", "run", "runs", "id", "V1", archived=1),
        JOB: Kind("Job", "job", "jobs", "id"),
        PIPELINE_KIND: Kind("Pipeline", "pipeline", "pipelines", "id", "V1"),
        VERSION: Kind("PipelineVersion", "version", "versions", "id", "V1"),
    },
    {
        **dict.fromkeys(("GetRunV1", "TerminateRunV1", "RetryRunV1"), "run_id"),
        **dict.fromkeys(("GetPipelineVersionV1", "DeletePipelineVersionV1"), "version_id"),
    },
)

V2BETA1 = Dialect(
    "v2beta1",
    "kubeflow.pipelines.backend.api.v2beta1",
    {
        EXPERIMENT: Kind("Experiment", "experiment", "experiments", "experiment_id"),
        RUN: Kind("Run", "run", "runs", "run_id"),
        JOB: Kind("RecurringRun", "recurring_run", "recurringRuns", "recurring_run_id"),
        PIPELINE_KIND: Kind("Pipeline", "pipeline", "pipelines", "pipeline_id"),
        VERSION: Kind("PipelineVersion", "pipeline_version", "pipeline_versions", "pipeline_version_id"),
    },
    operation="operation",
    modes=("ENABLE", "DISABLE"),
)

DIALECTS = (V1BETA1, V2BETA1)
