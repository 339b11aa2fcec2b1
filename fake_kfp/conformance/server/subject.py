"""The server under test, as the rules see it: calls by name, and a workspace of their own that leaves nothing behind."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from functools import cache
from itertools import count
from types import TracebackType
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from google.protobuf import json_format

from fake_kfp.api import descriptors
from fake_kfp.api.dispatch import Method
from fake_kfp.conformance.errors import ContractError
from fake_kfp.conformance.server.doors import Door, Reply, RestDoor, from_json
from fake_kfp.conformance.server.namespaces import placed
from fake_kfp.conformance.server.targets import Target

Json = dict[str, Any]

_DELETE = {
    "run": ("DeleteRunV1", "id"),
    "job": ("DeleteJob", "id"),
    "version": ("DeletePipelineVersionV1", "version_id"),
    "pipeline": ("DeletePipelineV1", "id"),
    "experiment": ("DeleteExperimentV1", "id"),
}


@cache
def rpc(name: str) -> Method:
    """The v1beta1 RPC of this short name (``GetRunV1``). Raises KeyError."""
    by_name = {
        path.rpartition("/")[2]: method
        for path, method in descriptors.methods().items()
        if path.startswith("/api.")
    }
    return by_name[name]


class Subject:
    """A server under test, called through one ``door`` of those it has.

    ``control`` reaches the fake's control endpoints where they may be used: then the server is the suite's alone, may be reset, and
    runs a manual simulation. ``namespace`` is that in which all is done on a multi-user server. ``calls`` counts the calls of each
    RPC.
    """

    def __init__(
        self,
        door: Door,
        doors: Mapping[str, Door] | None = None,
        control: Target | None = None,
        namespace: str = "",
    ) -> None:
        self.door = door
        self.doors = doors or {door.name: door}
        self.control = control
        self.namespace = namespace
        self.calls: Counter[str] = Counter()

    def through(self, door: Door) -> Subject:
        """The same server, called through another of its doors; the calls are counted here."""
        other = Subject(door, self.doors, self.control, self.namespace)
        other.calls = self.calls
        return other

    @property
    def rest(self) -> RestDoor | None:
        """The REST side, whichever door is under test."""
        return next((door for door in self.doors.values() if isinstance(door, RestDoor)), None)

    def call(self, name: str, request: Json | None = None, door: Door | None = None) -> Reply:
        """Calls an RPC by its short name with a JSON-shaped request."""
        method = rpc(name)
        self.calls[name] += 1
        return (door or self.door).send(
            method, from_json(self._placed(name, request or {}), method.input_class)
        )

    def _placed(self, name: str, request: Json) -> Json:
        return placed(name, request, self.namespace) if self.namespace else request

    def must(self, name: str, request: Json | None = None) -> Any:
        """The body of the reply of a call that may not be refused."""
        reply = self.call(name, request)
        if not reply.ok:
            raise ContractError(f"{name} {_short(request)} is refused: {reply.code} {reply.message}")
        return reply.body

    def refused(self, name: str, request: Json, *codes: str) -> Reply:
        """The refusal of a call that must be refused with one of these codes (any, if none is given)."""
        reply = self.call(name, request)
        if reply.ok or (codes and reply.code not in codes):
            wanted = " or ".join(codes) or "a refusal"
            raise ContractError(
                f"{name} {_short(request)}: wanted {wanted}, got {reply.code} {reply.message}"
            )
        return reply

    def expresses(self, name: str, request: Json, door: Door | None = None) -> bool:
        """Whether a door (the one under test, if none is named) can send this request."""
        try:
            asked = from_json(self._placed(name, request), rpc(name).input_class)
        except json_format.ParseError:
            return False
        return (door or self.door).expresses(rpc(name), asked)

    def second(self) -> None:
        """Lets the fake's clock move on, where there is one to move."""
        if self.control:
            self.control.second()


def _short(request: Json | None) -> str:
    return json.dumps(request, ensure_ascii=False)[:400]


def filter_text(found: Json) -> str:
    """A filter as requests carry it: the server decodes its percent signs once more."""
    return quote(json.dumps(found, ensure_ascii=False), safe="") if found else ""


# Without a trigger an enabled job would run once, at once.
_NEVER = {"cron_schedule": {"cron": "0 0 0 1 1 *", "start_time": "2999-01-01T00:00:00Z"}}


class Workspace:
    """An experiment of a rule's own, and all that is made in it; on leaving, everything is deleted again."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.tag = f"conformance-{uuid4().hex[:12]}"
        self.experiment = ""
        self._made: list[tuple[str, str]] = []
        self._numbers = count(1)

    def __enter__(self) -> Workspace:
        self.experiment = self.create_experiment({"name": self.tag}).id
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        order = list(_DELETE)
        for made, id in sorted(self._made, key=lambda made: order.index(made[0])):
            if made == "experiment":
                self._delete_runs_of(id)
            name, field = _DELETE[made]
            self.subject.call(name, {field: id})

    def _delete_runs_of(self, experiment: str) -> None:
        """Whoever made them there, such as a job; without their experiment nobody could delete them any more."""
        key = {"type": "EXPERIMENT", "id": experiment}
        reply = self.subject.call("ListRunsV1", {"page_size": 200, "resource_reference_key": key})
        for run in reply.body.runs if reply.ok else ():
            self.subject.call("DeleteRunV1", {"id": run.id})

    def number(self) -> int:
        """The next number, to tell names apart."""
        return next(self._numbers)

    def made(self, kind: str, id: str) -> None:
        """Notes a record that is to be deleted in the end; ``kind`` is run, job, version, pipeline or experiment."""
        self._made.append((kind, id))

    def create_experiment(self, experiment: Json) -> Any:
        """Makes an experiment; its name has to be unique by itself."""
        created = self.subject.must("CreateExperimentV1", {"experiment": experiment})
        self.made("experiment", created.id)
        return created

    def create_run(self, run: Json) -> Any:
        """Makes a run; gives its detail."""
        detail = self.subject.must("CreateRunV1", {"run": run})
        self.made("run", detail.run.id)
        return detail

    def create_job(self, job: Json) -> Any:
        """Makes a recurring run."""
        created = self.subject.must("CreateJob", {"job": job})
        self.made("job", created.id)
        return created

    def run(self, **fields: Any) -> Json:
        """The plainest request for a run in this experiment, with these fields changed."""
        return {
            "name": "run",
            "pipeline_spec": {"workflow_manifest": MANIFEST},
            "resource_references": self.references,
        } | fields

    def job(self, **fields: Any) -> Json:
        """The plainest request for a recurring run in this experiment; it is disabled, and would not run even if it were not."""
        plain = {"name": "job", "max_concurrency": "1", "mode": "DISABLED", "trigger": _NEVER}
        return (
            plain
            | {"pipeline_spec": {"workflow_manifest": MANIFEST}, "resource_references": self.references}
            | fields
        )

    @property
    def references(self) -> list[Json]:
        """What makes a run or job belong to this experiment."""
        return [{"key": {"type": "EXPERIMENT", "id": self.experiment}, "relationship": "OWNER"}]

    @property
    def key(self) -> Json:
        """What restricts a list to this experiment."""
        return {"resource_reference_key": {"type": "EXPERIMENT", "id": self.experiment}}

    def listed_runs(self) -> list[Any]:
        """All runs of this experiment (up to 200)."""
        return list(self.subject.must("ListRunsV1", {"page_size": 200, **self.key}).runs)


MANIFEST = json.dumps(
    {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"generateName": "conformance-"},
        "spec": {
            "entrypoint": "main",
            "templates": [{"name": "main", "container": {"image": "busybox", "command": ["true"]}}],
        },
    }
)
"""The plainest pipeline: one container."""
