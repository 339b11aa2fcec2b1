"""The server under test, as the rules see it: calls by name, and a workspace of their own that leaves nothing behind."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
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
from fake_kfp.conformance.server.dialects import (
    EXPERIMENT,
    JOB,
    PIPELINE_KIND,
    RUN,
    V1BETA1,
    V2BETA1,
    VERSION,
    Dialect,
)
from fake_kfp.conformance.server.doors import Door, Reply, RestDoor, from_json
from fake_kfp.conformance.server.namespaces import placed
from fake_kfp.conformance.server.targets import Target
from fake_kfp.versions import Dialect as Release
from fake_kfp.versions import dialect_of

Json = dict[str, Any]

FIRST_JUDGED = "2.14"
"""The release that a server is taken for where none is named or found."""

_ORDER = (RUN, JOB, VERSION, PIPELINE_KIND, EXPERIMENT)
"""In which records can be deleted."""


@cache
def rpc(name: str) -> Method:
    """The RPC of this short name (``GetRunV1``, ``GetRun``); of two versions that call theirs alike, v1beta1's. Raises KeyError."""
    return _by_short_name()[name]


@cache
def _by_short_name() -> Mapping[str, Method]:
    methods = descriptors.methods()
    of_version = {
        dialect: {
            path.rpartition("/")[2]: methods[path]
            for path in methods
            if path.startswith(f"/{dialect.package}.")
        }
        for dialect in (V2BETA1, V1BETA1)
    }
    return of_version[V2BETA1] | of_version[V1BETA1]


class Subject:
    """A server under test, called through one ``door`` of those it has.

    ``control`` reaches the fake's control endpoints where they may be used: then the server is the suite's alone, may be reset, and
    runs a manual simulation. ``namespace`` is that in which all is done on a multi-user server. ``dialect`` is the version of the API
    that rules speak, ``release`` the server's own. ``calls`` counts the calls of each RPC.
    """

    def __init__(
        self,
        door: Door,
        doors: Mapping[str, Door] | None = None,
        control: Target | None = None,
        namespace: str = "",
        dialect: Dialect = V1BETA1,
    ) -> None:
        self.door = door
        self.doors = doors or {door.name: door}
        self.control = control
        self.namespace = namespace
        self.dialect = dialect
        self.release = FIRST_JUDGED
        self.calls: Counter[str] = Counter()

    def through(self, door: Door) -> Subject:
        """The same server, called through another of its doors; the calls are counted here."""
        return self._like(door, self.dialect)

    def speaking(self, dialect: Dialect) -> Subject:
        """The same server, called in the words of a version; the calls are counted here."""
        return self._like(self.door, dialect)

    def _like(self, door: Door, dialect: Dialect) -> Subject:
        other = Subject(door, self.doors, self.control, self.namespace, dialect)
        other.calls, other.release = self.calls, self.release
        return other

    @property
    def answers(self) -> Release:
        """What the server's release answers otherwise than others."""
        return dialect_of(self.release)

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

    def get(self, kind: str, id: str) -> Any:
        """A record, which must be there."""
        return self.dialect.inner(kind, self.do("Get", kind, id))

    def do(self, verb: str, kind: str, id: str) -> Any:
        """The body of the reply of a call about one record that may not be refused."""
        return self.must(self.dialect.rpc(verb, kind), self.dialect.about(verb, kind, id))

    def refuses(self, verb: str, kind: str, id: str, *codes: str) -> Reply:
        """The refusal of a call about one record that must be refused with one of these codes."""
        return self.refused(self.dialect.rpc(verb, kind), self.dialect.about(verb, kind, id), *codes)

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


def filter_text(found: Json, dialect: Dialect = V1BETA1) -> str:
    """A filter as requests carry it: the server decodes its percent signs once more."""
    return quote(dialect.filter_text(found), safe="") if found else ""


class Workspace:
    """An experiment of a rule's own, and all that is made in it; on leaving, everything is deleted again."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.tag = f"conformance-{uuid4().hex[:12]}"
        self.experiment = ""
        self._made: list[tuple[str, str]] = []
        self._numbers = count(1)

    def __enter__(self) -> Workspace:
        self.experiment = self.new(EXPERIMENT, name=self.tag)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for made, id in sorted(self._made, key=lambda made: _ORDER.index(made[0])):
            if made == EXPERIMENT:
                self._delete_runs_of(id)
            # whatever it was made through
            self.subject.call(V1BETA1.rpc("Delete", made), V1BETA1.about("Delete", made, id))

    def _delete_runs_of(self, experiment: str) -> None:
        """Whoever made them there, such as a recurring run; without their experiment nobody could delete them any more."""
        reply = self.subject.call("ListRunsV1", {"page_size": 200, **V1BETA1.within(experiment)})
        for run in reply.body.runs if reply.ok else ():
            self.subject.call("DeleteRunV1", {"id": run.id})

    def number(self) -> int:
        """The next number, to tell names apart."""
        return next(self._numbers)

    def made(self, kind: str, id: str) -> None:
        """Notes a record that is to be deleted in the end; ``kind`` is run, job, version, pipeline or experiment."""
        self._made.append((kind, id))

    def create(self, kind: str, record: Json) -> Any:
        """Makes a record of what a request says of it; the names of experiments and pipelines have to be unique by themselves."""
        dialect = self.subject.dialect
        reply = self.subject.must(dialect.rpc("Create", kind), {dialect.kinds[kind].singular: record})
        created = dialect.inner(kind, reply)
        self.made(kind, dialect.id_of(kind, created))
        return created

    def new(self, kind: str, **fields: Any) -> str:
        """Makes the plainest record of a kind, with these fields changed; gives its id."""
        plain: dict[str, Callable[..., Json]] = {RUN: self.run, JOB: self.job}
        record = plain.get(kind, self.subject.dialect.named)(**fields)
        return self.subject.dialect.id_of(kind, self.create(kind, record))

    def run(self, **fields: Any) -> Json:
        """The plainest request for a run in this experiment."""
        return self.subject.dialect.run(self.experiment, **fields)

    def job(self, **fields: Any) -> Json:
        """The plainest request for a recurring run in this experiment; it is disabled, and would not run even if it were not."""
        return self.subject.dialect.job(self.experiment, **fields)

    @property
    def key(self) -> Json:
        """What restricts a list to this experiment."""
        return self.subject.dialect.within(self.experiment)

    @property
    def belonging(self) -> Json:
        """What makes a run or recurring run belong to this experiment."""
        return self.subject.dialect.belonging(self.experiment)

    def listed(self, kind: str = RUN, **request: Any) -> list[Any]:
        """All runs (or recurring runs) of this experiment, up to 200."""
        dialect = self.subject.dialect
        reply = self.subject.must(dialect.rpc("List", kind), {"page_size": 200, **self.key, **request})
        return dialect.listed(kind, reply)

    def listed_ids(self, kind: str = RUN) -> list[str]:
        """Their ids."""
        return [self.subject.dialect.id_of(kind, record) for record in self.listed(kind)]
