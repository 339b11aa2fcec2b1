"""Mixed calls of all kinds, both versions and three doors, that leave the world about as large as they found it."""

from __future__ import annotations

import json
import time
from collections import Counter, deque
from collections.abc import Callable
from random import Random  # noqa: TID251 -- which calls are made is no business of the world's
from typing import Any

import grpc

from fake_kfp import FakeKfp
from fake_kfp.conformance.server.dialects import (
    DIALECTS,
    EXPERIMENT,
    JOB,
    PIPELINE_KIND,
    RUN,
    V1BETA1,
    V2BETA1,
    VERSION,
    Dialect,
)
from fake_kfp.conformance.server.doors import Door, GrpcDoor, Reply, RestDoor, from_json
from fake_kfp.conformance.server.plainest import MANIFEST
from fake_kfp.conformance.server.subject import filter_text, rpc
from tests.fuzz.server import OWN_FAULT

Json = dict[str, Any]

MOST = {RUN: 30, JOB: 3, PIPELINE_KIND: 5, EXPERIMENT: 5}
"""How many of each kind a version keeps; older ones are deleted."""
MOST_OBJECTS = 100

_REFUSED = frozenset(
    {"INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION", "ALREADY_EXISTS", "ABORTED", "INTERNAL"}
)
"""How calls about what is gone, or over, may be refused."""

_EVERY_MINUTE = {"periodic_schedule": {"interval_second": "60"}}
_FORM = (
    '--b\r\nContent-Disposition: form-data; name="uploadfile"; filename="f.yaml"\r\n\r\n'
    f"{MANIFEST}\r\n--b--\r\n"
).encode()


class Load:
    """Makes calls, drawn from a seed. ``answers`` counts them by name and code, ``seconds`` are what the latest ones took."""

    def __init__(self, fake: FakeKfp, seed: int = 1) -> None:
        self.answers: Counter[tuple[str, str]] = Counter()
        self.seconds: list[float] = []
        self._fake = fake
        self._random = Random(seed)
        self._rest = RestDoor(fake.url)
        in_process = GrpcDoor(fake.channel(), "in process")
        self._doors: list[Door] = [self._rest, GrpcDoor(grpc.insecure_channel(fake.target)), in_process]
        self._count = 0
        self._ids: dict[tuple[Dialect, str], deque[str]] = {
            (dialect, kind): deque() for dialect in DIALECTS for kind in MOST
        }
        self._homes = {
            dialect: self._create(dialect, EXPERIMENT, dialect.named(f"home of {dialect}"))
            for dialect in DIALECTS
        }
        self._actions = list(_ACTIONS)
        self._weights = list(_ACTIONS.values())

    def step(self) -> None:
        """One thing that a client does, in one call or a few. Raises AssertionError where it is answered as it must not be."""
        action = self._random.choices(self._actions, self._weights)[0]
        action(self, self._random.choice(DIALECTS))

    def close(self) -> None:
        """Closes the connections."""
        for door in self._doors:
            door.close()

    def create_run(self, dialect: Dialect) -> None:
        """A run; the oldest goes, too, where there are many."""
        made = self._create(dialect, RUN, dialect.run(self._homes[dialect], self._name("run")))
        self._keep(dialect, RUN, made)

    def get_run(self, dialect: Dialect) -> None:
        """A run that may be gone."""
        self._about(dialect, "Get", RUN)

    def list_runs(self, dialect: Dialect) -> None:
        """A page, filtered and ordered; what it shows is known from then on."""
        found = (
            {"predicates": [self._random.choice(self._predicates())]} if self._random.random() < 0.5 else {}
        )
        order = self._random.choice(["", "created_at", "created_at desc", "name"])
        request = {"page_size": 20, "sort_by": order, "filter": filter_text(found, dialect)}
        self._call(dialect.rpc("List", RUN), {**request, **dialect.within(self._homes[dialect])})

    def terminate_and_retry(self, dialect: Dialect) -> None:
        """A run is stopped, and made to go on once it has."""
        id = self._about(dialect, "Terminate", RUN)
        self._advance(5)
        self._about(dialect, "Retry", RUN, id)

    def archive(self, dialect: Dialect) -> None:
        """A run is put away, and mostly fetched back."""
        id = self._about(dialect, "Archive", RUN)
        if self._random.random() < 0.7:
            self._about(dialect, "Unarchive", RUN, id)

    def delete_run(self, dialect: Dialect) -> None:
        """A run goes, whatever it is doing."""
        id = self._about(dialect, "Delete", RUN)
        if id in self._ids[dialect, RUN]:
            self._ids[dialect, RUN].remove(id)

    def create_job(self, dialect: Dialect) -> None:
        """A recurring run, which makes a run a minute until it is deleted."""
        job = dialect.job(self._homes[dialect], self._name("job"), enabled=True)
        self._keep(dialect, JOB, self._create(dialect, JOB, {**job, "trigger": _EVERY_MINUTE}))

    def switch_job(self, dialect: Dialect) -> None:
        """A recurring run is disabled and enabled again."""
        id = self._about(dialect, "Disable", JOB)
        self._about(dialect, "Enable", JOB, id)

    def create_experiment(self, dialect: Dialect) -> None:
        """An experiment beside the one where runs are."""
        made = self._create(dialect, EXPERIMENT, dialect.named(self._name("experiment")))
        self._keep(dialect, EXPERIMENT, made)

    def upload(self, dialect: Dialect) -> None:
        """A pipeline, and another version of it."""
        made = self._upload(dialect, "upload", f"name={self._name('pipeline')}")
        id = made[dialect.kinds[PIPELINE_KIND].id]
        self._upload(dialect, "upload_version", f"name={self._name('version')}&pipelineid={id}")
        self._keep(dialect, PIPELINE_KIND, id)

    def report(self, dialect: Dialect) -> None:
        """What a run's workflow is by now, as the persistence agent sends it, and a metric."""
        id = self._some(dialect, RUN)
        reply = self._call("GetRunV1", {"run_id": id})
        if reply.ok and reply.body.pipeline_runtime.workflow_manifest:
            self._call("ReportWorkflowV1", {"workflow": reply.body.pipeline_runtime.workflow_manifest})
        metric = {"name": "accuracy", "node_id": "main", "number_value": self._random.random()}
        self._call("ReportRunMetricsV1", {"run_id": id, "metrics": [metric]})

    def time_passes(self, dialect: Dialect) -> None:
        """Runs go on, recurring runs make others, of which the oldest are deleted."""
        self._advance(self._random.uniform(1, 90))
        home = dialect.within(self._homes[dialect])
        reply = self._call(dialect.rpc("List", RUN), {"page_size": 200, "sort_by": "created_at", **home})
        shown = [dialect.id_of(RUN, run) for run in dialect.listed(RUN, reply.body)]
        self._ids[dialect, RUN] = deque(shown)
        self._thin_out(dialect, RUN)
        self._thin_out_objects()

    def _advance(self, seconds: float) -> None:
        self._fake.clock.advance(seconds)

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"{kind}-{self._count}"

    def _some(self, dialect: Dialect, kind: str) -> str:
        ids = self._ids[dialect, kind]
        return self._random.choice(ids) if ids else "nobody"

    def _predicates(self) -> list[Json]:
        near = f"-{self._count % 1000}"
        return [
            {"key": "name", "op": "IS_SUBSTRING", "string_value": near},
            {"key": "name", "op": "EQUALS", "string_value": f"run{near}"},
            {"key": "status", "op": "EQUALS", "string_value": "Succeeded"},
            {"key": "created_at", "op": "GREATER_THAN", "timestamp_value": "2024-01-01T01:00:00Z"},
        ]

    def _create(self, dialect: Dialect, kind: str, record: Json) -> str:
        reply = self._call(dialect.rpc("Create", kind), {dialect.kinds[kind].singular: record})
        assert reply.ok, f"a {kind} is refused: {reply.code} {reply.message}"
        return dialect.id_of(kind, dialect.inner(kind, reply.body))

    def _keep(self, dialect: Dialect, kind: str, id: str) -> None:
        self._ids[dialect, kind].append(id)
        self._thin_out(dialect, kind)

    def _thin_out(self, dialect: Dialect, kind: str) -> None:
        ids = self._ids[dialect, kind]
        while len(ids) > MOST[kind]:
            id = ids.popleft()
            if kind == PIPELINE_KIND:
                self._delete_versions(id)
            self._about(dialect, "Delete", kind, id)

    def _thin_out_objects(self) -> None:
        """What runs wrote outlives them, as on a real server, where the bucket has a rule for it."""
        with self._fake.deployment.visit(step=False) as deployment:
            objects = deployment.world.objects
            for key in objects.keys()[MOST_OBJECTS:]:
                objects.delete(key)

    def _delete_versions(self, pipeline: str) -> None:
        reply = self._call("ListPipelineVersions", {"pipeline_id": pipeline, "page_size": 200})
        for version in V2BETA1.listed(VERSION, reply.body):
            self._about(V1BETA1, "Delete", VERSION, V2BETA1.id_of(VERSION, version))

    def _about(self, dialect: Dialect, verb: str, kind: str, id: str = "") -> str:
        """Calls an RPC about a record, any if none is named; gives its id."""
        id = id or self._some(dialect, kind)
        self._call(dialect.rpc(verb, kind), dialect.about(verb, kind, id))
        return id

    def _call(self, name: str, request: Json) -> Reply:
        method = rpc(name)
        asked = from_json(request, method.input_class)
        door = self._random.choice([door for door in self._doors if door.expresses(method, asked)])
        reply = self._timed(name, lambda: door.send(method, asked))
        self.answers[name, reply.code] += 1
        whole = reply.code in _REFUSED and OWN_FAULT not in reply.message
        assert reply.ok or whole, f"{name} {request}: {reply.code} {reply.message}"
        return reply

    def _upload(self, dialect: Dialect, what: str, query: str) -> Json:
        path = f"{dialect.path}/pipelines/{what}?{query}"
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        status, body = self._timed(what, lambda: self._rest.exchange("POST", path, _FORM, headers))
        self.answers[what, str(status)] += 1
        assert status == 200, f"{path}: {status} {body!r}"
        made: Json = json.loads(body)
        return made

    def _timed(self, name: str, call: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        try:
            return call()
        finally:
            self.seconds.append(time.perf_counter() - start)


_ACTIONS: dict[Callable[[Load, Dialect], None], int] = {
    Load.create_run: 20,
    Load.get_run: 20,
    Load.list_runs: 15,
    Load.time_passes: 8,
    Load.terminate_and_retry: 5,
    Load.archive: 5,
    Load.delete_run: 5,
    Load.report: 5,
    Load.upload: 3,
    Load.create_job: 2,
    Load.switch_job: 2,
    Load.create_experiment: 2,
}
"""What clients do, and how often."""
