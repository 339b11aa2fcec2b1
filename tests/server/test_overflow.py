"""Numbers and times that are too large: a run's own problem at most, and nobody else's."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from fake_kfp import FakeKfp
from fake_kfp.golang.times import LAST_MOMENT, later, whole_seconds
from tests.server.calling import container, rest, workflow

SIZES = [
    2**63 - 1,
    2**63,
    10**12,
    999999999999,
    10**30,
    "9" * 5000,
    "9223372036854775807",
    "2540400h",
    -1,
    -(2**63),
]
LISTS = [
    "/apis/v1beta1/runs",
    "/apis/v1beta1/runs?sort_by=status",
    "/apis/v2beta1/runs",
    "/apis/v2beta1/runs?sort_by=finished_at",
]
FIELDS: dict[str, Any] = {
    "activeDeadlineSeconds of the workflow": lambda size: workflow(activeDeadlineSeconds=size),
    "activeDeadlineSeconds of a template": lambda size: workflow(
        container("main", activeDeadlineSeconds=size)
    ),
    "timeout": lambda size: workflow(container("main", timeout=str(size))),
    "suspend": lambda size: workflow({"name": "main", "suspend": {"duration": str(size)}}),
    "ttl": lambda size: workflow(ttlStrategy={"secondsAfterCompletion": size}),
    "timeoutSeconds": lambda size: workflow(
        {"name": "main", "http": {"url": "http://x", "timeoutSeconds": size}}
    ),
    "parallelism": lambda size: workflow(parallelism=size),
    "priority": lambda size: workflow(priority=size),
    "backoff": lambda size: workflow(
        container(
            "main",
            retryStrategy={
                "limit": "3",
                "backoff": {"duration": str(size), "factor": size, "maxDuration": str(size)},
            },
        )
    ),
    "retries": lambda size: workflow(container("main", retryStrategy={"limit": size})),
    "maxAge": lambda size: workflow(
        container("main", memoize={"key": "k", "maxAge": str(size), "cache": {"configMap": {"name": "c"}}})
    ),
    "sequence": lambda size: workflow(
        {"name": "main", "steps": [[{"name": "a", "template": "work", "withSequence": {"end": size}}]]},
        container("work"),
    ),
    "count": lambda size: workflow(
        {
            "name": "main",
            "steps": [[{"name": "a", "template": "work", "withSequence": {"count": str(size)}}]],
        },
        container("work"),
    ),
    "quantity": lambda size: workflow(
        {"name": "main", "container": {"image": "x", "resources": {"limits": {"cpu": str(size)}}}}
    ),
    "when": lambda size: workflow(
        {"name": "main", "steps": [[{"name": "a", "template": "work", "when": f"{size} > 1"}]]},
        container("work"),
    ),
    "expression": lambda size: workflow(
        {
            "name": "main",
            "steps": [[{"name": "a", "template": "work", "when": f"{{{{= {size} * {size} > 1 }}}}"}]],
        },
        container("work"),
    ),
}


@pytest.mark.parametrize("mode", ["instant", "clocked"])
@pytest.mark.parametrize("field", FIELDS)
def test_no_list_fails_because_of_one_run(field: str, mode: Any) -> None:
    with FakeKfp(simulation=mode, now="2024-01-01T00:00:00Z", step=100_000) as fake:
        for size in SIZES:
            run = {"name": "r", "pipeline_spec": {"workflow_manifest": FIELDS[field](size)}}
            status, reply = rest(fake.url, "POST", "/apis/v1beta1/runs", run)
            assert status in (200, 400, 500)
            assert "inside the fake itself" not in json.dumps(reply)
            for path in LISTS:
                status, reply = rest(fake.url, "GET", path)
                assert status == 200, reply
        for view in fake.runs:
            assert "cannot be walked" not in json.dumps(str(view))


@pytest.mark.parametrize(
    "options",
    [
        {"speed": 1e308},
        {"speed": 10**308},
        {"step": 1e300},
        {"step": 1.7e308},
        {"step": 1e308, "speed": 1e308, "simulation": "clocked"},
        {"now": "9999-12-31T23:59:59Z"},
        {"now": "9999-12-31T23:59:59Z", "simulation": "clocked", "speed": 1e9, "step": 1e9},
        {"now": "0001-01-01T00:00:00Z", "simulation": "clocked"},
    ],
)
def test_the_end_of_time_stops_nobody(options: dict[str, Any]) -> None:
    with FakeKfp() as fake:
        assert rest(fake.url, "POST", "/_fake_kfp/reset", options)[0] == 200
        run = {"name": "r", "pipeline_spec": {"workflow_manifest": workflow()}}
        trigger: dict[str, Any]
        for trigger in (
            {"periodic_schedule": {"interval_second": "60"}},
            {"cron_schedule": {"cron": "0 * * * * *"}},
            {"periodic_schedule": {"interval_second": str(2**63 - 1)}},
        ):
            job = {
                **run,
                "name": "j",
                "enabled": True,
                "max_concurrency": "1",
                "trigger": trigger,
                "no_catchup": True,
            }
            status, reply = rest(fake.url, "POST", "/apis/v1beta1/jobs", job)
            assert status in (200, 400), reply
        assert rest(fake.url, "POST", "/apis/v1beta1/runs", run)[0] == 200
        for path in [*LISTS, "/apis/v1beta1/jobs", "/_fake_kfp/clock", "/apis/v2beta1/recurringruns"] * 2:
            status, reply = rest(fake.url, "GET", path)
            assert status == 200, reply
        assert rest(fake.url, "POST", "/_fake_kfp/clock/advance", {"seconds": 1e300})[0] == 400
        assert rest(fake.url, "POST", "/_fake_kfp/reset")[0] == 200


@pytest.mark.parametrize("now", ["9999-12-31T23:59:59-10:00", "0001-01-01T00:00:00+10:00"])
def test_a_time_beyond_the_calendar_is_no_option(now: str) -> None:
    with FakeKfp() as fake:
        status, reply = rest(fake.url, "POST", "/_fake_kfp/reset", {"now": now})
        assert (status, list(reply)) == (400, ["error"])


def test_whole_seconds_overflow_as_gos_do() -> None:
    assert whole_seconds(90) == 90
    assert whole_seconds(2**63 - 1) == -1
    assert whole_seconds(10**12) == 3875820019.684212736


def test_moments_end_with_the_calendar() -> None:
    moment = datetime(2024, 1, 1, tzinfo=timezone.utc)
    assert later(moment, 1e300) == later(moment, float("inf")) == LAST_MOMENT
    assert later(moment, -1e300).year == 1
    assert later(moment, 1.5) - moment == timedelta(seconds=1.5)


def test_a_run_that_cannot_be_walked_is_shown_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """No input is known that does it; so the engine is made to fail on one of two runs."""
    from fake_kfp.simulator.engine.operator import Operator

    walk = Operator._walk

    def failing(self: Operator) -> None:
        if self.workflow.labels.get("bad"):
            raise ZeroDivisionError("by the test")
        walk(self)

    monkeypatch.setattr(Operator, "_walk", failing)
    with FakeKfp() as fake:
        bad = json.loads(workflow())
        bad["metadata"]["labels"] = {"bad": "yes"}
        for name, manifest in (("good", workflow()), ("bad", json.dumps(bad))):
            run = {"name": name, "pipeline_spec": {"workflow_manifest": manifest}}
            assert rest(fake.url, "POST", "/apis/v1beta1/runs", run)[0] == 200
        status, reply = rest(fake.url, "GET", "/apis/v1beta1/runs")
        assert status == 200
        assert {run["name"]: run["status"] for run in reply["runs"]} == {"good": "Succeeded", "bad": "Failed"}
        bad_id = next(run["id"] for run in reply["runs"] if run["name"] == "bad")
        _, detail = rest(fake.url, "GET", f"/apis/v1beta1/runs/{bad_id}")
        manifest = detail["pipeline_runtime"]["workflow_manifest"]
        assert "fake_kfp: this workflow cannot be walked" in json.loads(manifest)["status"]["message"]
