"""Sessions of all that can happen in a world, played on two fakes in step."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from fake_kfp import FakeKfp
from fake_kfp.conformance.server.doors import GrpcDoor
from fake_kfp.conformance.server.subject import Subject
from fake_kfp.control.stepping import StepError
from fake_kfp.strategies.pipelines import pipeline_texts
from fake_kfp.strategies.v2beta1.sessions import steps
from tests.simulator.engine.strategies import plays

_PLACEHOLDER = re.compile(r"\{\{(experiment|run|job)(?::(\d+))?\}\}")
_MADE = {
    "CreateRunV1": ("run", ("run", "id")),
    "CreateRun": ("run", ("run_id",)),
    "CreateExperiment": ("experiment", ("experiment_id",)),
    "CreateJob": ("job", ("id",)),
    "CreateRecurringRun": ("job", ("recurring_run_id",)),
}
_PLACED = {
    "/_fake_kfp/runs": ("run", "id"),
    "/_fake_kfp/jobs": ("job", "id"),
    "/apis/v2beta1/runs": ("run", "run_id"),
    "/apis/v2beta1/experiments": ("experiment", "experiment_id"),
}
_SYNC = {"mutex": {"name": "m"}}
_EXTRA: list[dict[str, Any]] = [
    {},
    {"activeDeadlineSeconds": 40},
    {"synchronization": _SYNC},
    {"container": {"image": "busybox", "command": ["true"]}, "activeDeadlineSeconds": 5},
    {"retryStrategy": {"limit": "3", "retryPolicy": "Always", "backoff": {"duration": "7", "factor": "2"}}},
    {"timeout": "9s"},
    {"memoize": {"key": "k", "cache": {"configMap": {"name": "c"}}}},
    {"metadata": {"labels": {"pipelines.kubeflow.org/cache_enabled": "true"}}},
]


@dataclass
class World:
    """A fake and what a session made in it."""

    fake: FakeKfp
    made: dict[str, list[str]] = field(default_factory=lambda: {"run": [], "job": [], "experiment": []})

    def __post_init__(self) -> None:
        self.subject = Subject(GrpcDoor(self.fake.channel()))
        if not self.made["experiment"]:
            self._call("CreateExperiment", {"experiment": {"display_name": "mine"}})

    def like(self, other: FakeKfp) -> World:
        """Another fake, in which the same was made."""
        return World(other, {kind: list(ids) for kind, ids in self.made.items()})

    def play(self, event: Any) -> Any:
        """Lets one thing happen; what there is to see of it."""
        return getattr(self, f"_{event[0]}")(*event[1:])

    def _call(self, rpc: str, request: Any) -> Any:
        text = _PLACEHOLDER.sub(self._id, json.dumps(request))
        reply = self.subject.call(rpc, json.loads(text))
        kind, path = _MADE.get(rpc, ("", ()))
        if reply.ok and kind:
            body = reply.body
            for key in path:
                body = getattr(body, key)
            self.made[kind].append(body)
        return reply.shown()

    def _id(self, match: re.Match[str]) -> str:
        ids = self.made[match[1]]
        return ids[int(match[2] or 0) % len(ids)] if ids else "no-such-id"

    def _advance(self, seconds: float) -> Any:
        self.fake.clock.advance(seconds)
        return None

    def _move(self, number: int, task: str, phase: str) -> Any:
        if not self.made["run"]:
            return None
        try:
            self.fake.move(self.made["run"][number % len(self.made["run"])], task, phase)
        except StepError as error:
            return str(error)
        return "moved"

    def _look(self, number: int) -> Any:
        if not self.made["run"]:
            return None
        run_id = self.made["run"][number % len(self.made["run"])]
        return [
            self._call("GetRunV1", {"run_id": run_id}),
            self._call("GetRun", {"run_id": run_id}),
            self._call("ListTasksV1", {"page_size": 50}),
        ]

    def _script(self, task: str, what: str, times: int | None) -> Any:
        getattr(self.fake.task(task, optional=True), what)(times=times)
        return None

    def _takes(self, task: str, seconds: float) -> Any:
        self.fake.task(task, optional=True).takes(seconds=seconds)
        return None

    def _fault(self, rpc: str, said: Any) -> Any:
        self.fake.fault(rpc, optional=True).fails("UNAVAILABLE", **said)
        return None

    def _rest(self, method: str, path: str, body: Any, user: str = "") -> Any:
        """A request over REST, to the API or to the control endpoints."""
        body, path = (json.loads(_PLACEHOLDER.sub(self._id, json.dumps(each))) for each in (body, path))
        headers = {"kubeflow-userid": user} if user else {}
        status, reply = self.fake._ask(method, path, body, headers)
        if (method, status) == ("POST", 200) and path in _PLACED:
            self.made[_PLACED[path][0]].append(json.loads(reply)[_PLACED[path][1]])
        return status, reply

    def _token(self, token: str, user: str | None) -> Any:
        try:
            self.fake.revoke(token) if user is None else self.fake.grant(token, user)
        except LookupError as error:
            return str(error)
        return None


def _workflow(play: Any, extra: dict[str, Any]) -> str:
    spec = play.workflow.spec
    for template in spec["templates"]:
        if "container" in template:
            template.update(extra)
    manifest = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"generateName": "w-"},
        "spec": spec,
    }
    return json.dumps(manifest)


def _of_workflow(text: str) -> Any:
    return "call", "CreateRunV1", {"run": {"name": "w", "pipeline_spec": {"workflow_manifest": text}}}


def _of_job(seconds: int, concurrency: int, manifest: str) -> Any:
    job = {
        "name": "j",
        "max_concurrency": str(concurrency),
        "enabled": True,
        "trigger": {"periodic_schedule": {"interval_second": str(seconds)}},
        "pipeline_spec": {"workflow_manifest": manifest},
    }
    return "call", "CreateJob", {"job": job}


def _of_pipeline(text: str) -> Any:
    return "call", "CreateRunV1", {"run": {"name": "p", "pipeline_spec": {"pipeline_manifest": text}}}


_TASKS = st.sampled_from(["work", "again", "t0", "t1", "s00", "*"])
_NUMBERS = st.integers(0, 3)
_MANIFESTS = st.builds(_workflow, plays(), st.sampled_from(_EXTRA))
_RUNS = st.one_of(
    _MANIFESTS.map(_of_workflow), _MANIFESTS.map(_of_workflow), pipeline_texts().map(_of_pipeline)
)
_TIME: st.SearchStrategy[Any] = st.tuples(
    st.just("advance"), st.sampled_from([0, 0.4, 1, 1, 2.5, 8, 30, 1200])
)
_LOOKS: st.SearchStrategy[Any] = st.tuples(st.just("look"), _NUMBERS)
_MOVES = st.tuples(
    st.just("move"), _NUMBERS, _TASKS, st.sampled_from(["Running", "Succeeded", "Failed", "Error"])
)
_CHANGES = st.tuples(
    st.just("call"),
    st.sampled_from(["TerminateRun", "RetryRun", "DeleteRun"]),
    st.builds(lambda number: {"run_id": f"{{{{run:{number}}}}}"}, _NUMBERS),
)
_SCRIPTS = st.one_of(
    st.tuples(
        st.just("script"),
        _TASKS,
        st.sampled_from(["fails", "hangs", "evicted", "cannot_pull_image", "errors"]),
        st.sampled_from([1, 2, None]),
    ),
    st.tuples(st.just("takes"), _TASKS, st.sampled_from([0, 0.5, 3, 50])),
    st.tuples(
        st.just("fault"),
        st.sampled_from(["GetRun*", "List*", "/apis/*"]),
        st.sampled_from(
            [
                {"every": 2, "times": 2},
                {"after": 1, "times": 1, "late": True},
                {"probability": 0.5, "seed": 3},
                {"when": {"task": "work", "state": "RUNNING"}},
                {"since": "2024-01-01T00:00:05Z", "until": "2024-01-01T00:20:00Z", "times": 3},
            ]
        ),
    ),
)
_TWO = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Workflow",
    "metadata": {"generateName": "w-"},
    "spec": {
        "entrypoint": "main",
        "templates": [
            {
                "name": "main",
                "steps": [[{"name": "work", "template": "work"}], [{"name": "t1", "template": "work"}]],
            },
            {"name": "work", "container": {"image": "busybox"}},
        ],
    },
}
_PLACES: st.SearchStrategy[Any] = st.builds(
    lambda more, manifest: (
        "rest",
        "POST",
        "/_fake_kfp/runs",
        {"name": "placed", "manifest": manifest, **more},
    ),
    st.sampled_from(
        [
            {"state": "RUNNING"},
            {"state": "RUNNING", "nodes": {"work": {"phase": "Running"}}},
            {"state": "PENDING"},
            {"state": "CANCELING"},
            {"state": "FAILED", "created": "2023-12-31", "nodes": {"work": {"exit_code": 3, "log": "x"}}},
            {"state": "SUCCEEDED", "metrics": {"a": 1}, "archived": True},
            {},
        ]
    ),
    st.just(_TWO),
)
_OVER_REST: st.SearchStrategy[Any] = st.one_of(
    st.tuples(
        st.just("rest"),
        st.just("GET"),
        st.sampled_from(
            [
                "/apis/v2beta1/runs?page_size=2&sort_by=created_at%20desc",
                "/apis/v1beta1/runs?page_size=3",
                "/apis/v2beta1/recurringruns",
                "/apis/v2beta1/runs?namespace=ns",
                "/_fake_kfp/runs",
                "/_fake_kfp/tasks",
                "/_fake_kfp/faults",
                "/_fake_kfp/unused",
            ]
        ),
        st.none(),
        st.sampled_from(["", "ann", "bob"]),
    ),
    st.tuples(
        st.just("rest"),
        st.just("POST"),
        st.just("/apis/v2beta1/experiments"),
        st.builds(
            lambda name: {"display_name": name, "namespace": "ns"}, st.sampled_from(["mine", "a", "b"])
        ),
        st.just("ann"),
    ),
    st.tuples(
        st.just("rest"),
        st.sampled_from(["POST", "DELETE"]),
        st.just("/apis/v2beta1/recurringruns/{{job}}:disable"),
        st.none(),
        st.just("ann"),
    ),
    st.tuples(st.just("token"), st.sampled_from(["secret", "fresh"]), st.sampled_from([None, "ann", "bob"])),
)
_ANYTHING: st.SearchStrategy[Any] = steps().map(lambda step: ("call", step.rpc, step.request))
_RECURRING = st.builds(_of_job, st.sampled_from([60, 900]), st.sampled_from([1, 2]), _MANIFESTS)
_EVENTS = [
    *4 * [_TIME],
    *3 * [_LOOKS],
    *3 * [_MOVES],
    _CHANGES,
    _SCRIPTS,
    _ANYTHING,
    _RECURRING,
    *2 * [_PLACES],
    *2 * [_OVER_REST],
    *2 * [_RUNS],
]


def sessions(least: int = 4, most: int = 20) -> st.SearchStrategy[list[Any]]:
    """Things that happen one after the other."""
    return st.lists(
        st.sampled_from(range(len(_EVENTS))).flatmap(_EVENTS.__getitem__), min_size=least, max_size=most
    )


def beginnings() -> st.SearchStrategy[list[Any]]:
    """The same, with runs under way."""
    begun = st.tuples(_SCRIPTS, _RUNS, _SCRIPTS, _RUNS, _LOOKS).map(list)
    return st.builds(lambda begun, more: [*begun, *more], begun, sessions())
