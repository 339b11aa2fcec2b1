"""The lists of the API in one shape: how their records are made, read and listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fake_kfp.conformance.models.predicates import Facts
from fake_kfp.conformance.server.subject import Workspace, filter_text
from fake_kfp.strategies import FIELDS

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """One list of the API, seen from within a workspace. ``fields`` are those that do not change by themselves."""

    kind: str
    rpc: str
    fields: Mapping[str, str]
    create: Callable[[Workspace, str, str], str]
    delete: str
    read: Callable[[Any], Facts]
    archive: str = ""

    def page(self, own: Workspace, request: Json) -> Any:
        """The reply to a list call about this workspace's records; may be refused (ContractError)."""
        return own.subject.must(self.rpc, self.request(own, request))

    def request(self, own: Workspace, request: Json) -> Json:
        """A list request, restricted to the records of this workspace; its filter is JSON still."""
        asked = {key: value for key, value in request.items() if key != "filter"}
        found = request.get("filter") or {}
        if self.kind == "experiments":
            mine = {"op": "IS_SUBSTRING", "key": "name", "string_value": own.tag + "/"}
            found = {"predicates": [*found.get("predicates", ()), mine]}
        else:
            asked |= own.key
        return asked | ({"filter": filter_text(found)} if found else {})

    def records(self, reply: Any) -> list[Any]:
        """The records of a page."""
        return list(getattr(reply, self.kind))

    def everything(self, own: Workspace) -> list[Facts]:
        """The facts of all records of this workspace (up to 200)."""
        return [self.read(record) for record in self.records(self.page(own, {"page_size": 200}))]


def _common(record: Any) -> dict[str, Any]:
    return {
        "id": record.id,
        "name": record.name,
        "description": record.description,
        "created_at": record.created_at.seconds,
    }


def _run_facts(run: Any) -> Facts:
    state = "ARCHIVED" if run.storage_state == 1 else "AVAILABLE"
    times = {"scheduled_at": run.scheduled_at.seconds, "finished_at": run.finished_at.seconds}
    return _common(run) | times | {"storage_state": state, "status": run.status}


def _experiment_facts(experiment: Any) -> Facts:
    return _common(experiment) | {
        "storage_state": "ARCHIVED" if experiment.storage_state == 2 else "AVAILABLE"
    }


def _job_facts(job: Any) -> Facts:
    return _common(job) | {"updated_at": job.updated_at.seconds}


_CHANGING = frozenset({"status", "finished_at"})


def _steady(kind: str) -> Mapping[str, str]:
    return {name: value for name, value in FIELDS[kind].items() if name not in _CHANGING}


RUNS = Listing(
    "runs",
    "ListRunsV1",
    _steady("runs"),
    lambda own, name, text: str(own.create_run(own.run(name=name, description=text)).run.id),
    "DeleteRunV1",
    _run_facts,
    "ArchiveRunV1",
)
EXPERIMENTS = Listing(
    "experiments",
    "ListExperimentsV1",
    _steady("experiments"),
    # names are unique, and lists of experiments are restricted by a part of the name
    lambda own, name, text: str(
        own.create_experiment({"name": f"{name}/{own.number()}{own.tag}/", "description": text}).id
    ),
    "DeleteExperimentV1",
    _experiment_facts,
    "ArchiveExperimentV1",
)
JOBS = Listing(
    "jobs",
    "ListJobs",
    _steady("jobs"),
    lambda own, name, text: str(own.create_job(own.job(name=name, description=text)).id),
    "DeleteJob",
    _job_facts,
)

LISTINGS = (RUNS, EXPERIMENTS, JOBS)
