"""Waiting for runs and moments: from event to event, with timeouts in simulated time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from fake_kfp import FakeKfp
from tests.server.calling import call, container, create_run, dag, get_run, rest, workflow

START = "2024-01-01T00:00:00Z"
DIAMOND = workflow(dag("main", a=[], b=["a"], c=["a"], d=["b", "c"]), container("work"))
SUSPENDED = workflow(
    {"name": "main", "steps": [[{"name": "pause", "template": "pause"}]]}, {"name": "pause", "suspend": {}}
)


@pytest.fixture
def fake(fake_kfp: FakeKfp) -> FakeKfp:
    fake_kfp.reset(simulation="clocked", now=START)
    return fake_kfp


def passed(fake: FakeKfp) -> float:
    """Seconds since the start."""
    return (fake.clock.now() - datetime(2024, 1, 1, tzinfo=timezone.utc)).total_seconds()


def hourly(fake: FakeKfp) -> None:
    job = {
        "name": "hourly",
        "enabled": True,
        "max_concurrency": "10",
        "trigger": {"cron_schedule": {"cron": "0 0 * * * *"}},
        "pipeline_spec": {"workflow_manifest": workflow()},
    }
    assert rest(fake.url, "POST", "/apis/v1beta1/jobs", job)[0] == 200


def test_a_wait_ends_with_the_run(fake: FakeKfp) -> None:
    fake.task("b").takes(minutes=90)
    run_id = create_run(fake, DIAMOND)
    other = create_run(fake, DIAMOND)
    fake.task("d", run="later").takes(hours=24)
    create_run(fake, DIAMOND, name="later")
    assert fake.wait(run_id).state == "SUCCEEDED"
    assert passed(fake) == 90 * 60 + 2
    assert fake.wait(fake.runs.one(id=other)).finished_at == fake.clock.now()


@pytest.mark.parametrize("timeout", [600, timedelta(minutes=10)])
def test_a_run_that_takes_longer_is_a_timeout(fake: FakeKfp, timeout: Any) -> None:
    fake.task("c").takes(minutes=90)
    run_id = create_run(fake, DIAMOND)
    with pytest.raises(TimeoutError) as caught:
        fake.wait(run_id, timeout=timeout)
    text = str(caught.value)
    assert text.startswith(
        f"600 seconds have passed: run 'a run' ({run_id}) is RUNNING at 2024-01-01T00:10:00Z"
    )
    assert "c: Running, until 2024-01-01T01:30:01Z" in text
    assert "b: " not in text
    assert "└─● c" in text.splitlines()[-1], "its tree"
    assert passed(fake) == 600
    assert fake.wait(run_id, timeout=2 * 3600).state == "SUCCEEDED"


@pytest.mark.parametrize(
    ("manifest", "waits"),
    [(DIAMOND, "a: Running, until somebody ends it"), (SUSPENDED, "pause: Running")],
)
@pytest.mark.parametrize("timeout", [None, 600])
def test_a_run_that_hangs_is_a_timeout_at_once_whatever_else_goes_on(
    fake: FakeKfp, manifest: str, waits: str, timeout: float | None
) -> None:
    hourly(fake)
    fake.task("a", optional=True).hangs()
    run_id = create_run(fake, manifest)
    with pytest.raises(TimeoutError, match=f"nothing more will happen in it: run .*\n.*{waits}"):
        fake.wait(run_id, timeout=timeout)
    assert passed(fake) == (timeout or 0)


def test_a_retry_that_waits_says_when_it_goes_on(fake: FakeKfp) -> None:
    retried = container("main", retryStrategy={"limit": "3", "backoff": {"duration": "1h"}})
    fake.task("main").fails(times=1)
    run_id = create_run(fake, workflow(retried))
    with pytest.raises(TimeoutError, match=r"goes on at 2024-01-01T01:00:0[12]Z; nothing in it is under way"):
        fake.wait(run_id, timeout=60)
    assert fake.wait(run_id).state == "SUCCEEDED"


def test_a_terminated_run_and_an_instant_one_are_waited_for_as_well(fake: FakeKfp) -> None:
    fake.task("a").hangs()
    run_id = create_run(fake, DIAMOND)
    fake.clock.advance(1)
    with fake.channel() as channel:
        call(channel, "/api.RunService/TerminateRunV1", run_id=run_id)
    assert fake.wait(run_id).state == "FAILED"
    fake.reset(now=START)
    assert fake.wait(create_run(fake, DIAMOND)).state == "SUCCEEDED"


def test_in_a_manual_simulation_somebody_has_to_move_the_pods(fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(simulation="manual")
    run_id = create_run(fake_kfp)
    fake_kfp.settle(run_id)
    with pytest.raises(TimeoutError, match="main: Pending, until somebody moves it"):
        fake_kfp.wait(run_id)
    fake_kfp.move(run_id, "main", "Succeeded")
    assert fake_kfp.wait(run_id).state == "SUCCEEDED"


def test_nonsense_is_refused(fake: FakeKfp) -> None:
    with pytest.raises(LookupError, match="there is no run 'nobody'"):
        fake.wait("nobody")
    with pytest.raises(ValueError, match="a timeout is 0 or more seconds, not -1"):
        fake.wait("nobody", timeout=-1)
    with pytest.raises(ValueError, match="a moment is a time such as 2024-01-01T00:00:00Z, not 'soon'"):
        fake.clock.run_until("soon")


def test_the_clock_runs_until_a_moment(fake: FakeKfp) -> None:
    hourly(fake)
    moment = datetime(2024, 1, 1, 3, 30, tzinfo=timezone.utc)
    assert fake.clock.run_until("2024-01-01T03:30:00Z") == moment == fake.clock.run_until(moment)
    assert [run.state for run in fake.runs] == ["SUCCEEDED"] * 3
    assert fake.clock.run_until(datetime(2024, 1, 1)) == moment, "that is over"
    with pytest.raises(TimeoutError, match="60 seconds have passed, and it is not 2024-01-02T00:00:00Z yet"):
        fake.clock.run_until("2024-01-02", timeout=60)
    assert fake.clock.now() == moment + timedelta(minutes=1)


def test_the_clock_runs_until_a_function_says_so(fake: FakeKfp) -> None:
    asked = []
    fake.task("b").takes(minutes=5)
    run_id = create_run(fake, DIAMOND)

    def is_at_b() -> bool:
        asked.append(passed(fake))
        tasks = [node.display_name for node in fake.runs.one(id=run_id).nodes]
        return "b" in tasks and rest(fake.url, "GET", f"/apis/v1beta1/runs/{run_id}")[0] == 200

    fake.clock.run_until(is_at_b)
    assert asked == [0, 1]
    hourly(fake)
    assert fake.clock.run_until(lambda: len(fake.runs) == 3).hour == 2
    with pytest.raises(TimeoutError, match="60 seconds have passed, or nothing more was due"):
        fake.clock.run_until(lambda: False, timeout=60)


def test_where_nothing_is_due_no_function_is_asked_for_ever(fake: FakeKfp) -> None:
    fake.task("a").hangs()
    create_run(fake, DIAMOND)
    with pytest.raises(
        TimeoutError, match=r"nothing more is due, .* 1 of 1 runs are not over\nrun .*\n.*a: Running"
    ):
        fake.clock.run_until(lambda: False)


def test_who_waits_lets_others_in(fake: FakeKfp) -> None:
    hourly(fake)
    seen = threading.Event()

    def look() -> None:
        get_run(fake, create_run(fake))
        seen.set()

    looker = threading.Thread(target=look)

    def has_looked() -> bool:
        if not looker.ident:
            looker.start()
        return seen.wait(60)

    fake.clock.run_until(has_looked)
    looker.join()


@pytest.mark.parametrize("speed", [0, 1])
def test_the_clock_is_at_the_moment_of_an_event_and_not_before(
    fake_kfp_factory: Callable[..., FakeKfp], speed: float
) -> None:
    fake = fake_kfp_factory(simulation="clocked", now="2024-01-01T00:00:00.123457Z", speed=speed)
    fake.task("main").takes(seconds=0.1)
    for _ in range(20):
        run = fake.wait(create_run(fake))
        assert run.finished_at is not None
        assert run.finished_at <= fake.clock.now()


def post(fake: FakeKfp, path: str, **body: Any) -> tuple[int, Any]:
    return rest(fake.url, "POST", f"/_fake_kfp/{path}", body)


def test_over_http_runs_are_waited_for_too(fake: FakeKfp) -> None:
    fake.task("b").takes(minutes=90)
    run_id = create_run(fake, DIAMOND)
    status, late = post(fake, f"runs/{run_id}/wait", timeout=60)
    assert (status, late["error"].startswith("60 seconds have passed: run")) == (409, True)
    over = {"state": "SUCCEEDED", "status": "Succeeded", "now": "2024-01-01T01:30:02Z"}
    assert post(fake, f"runs/{run_id}/wait") == (200, over)
    assert post(fake, "runs/nobody/wait") == (404, {"error": "there is no run 'nobody'"})


def test_over_http_the_clock_runs_until_a_moment_or_a_state(fake: FakeKfp) -> None:
    fake.task("b").takes(minutes=5)
    create_run(fake, DIAMOND, name="nightly-1")
    until = "clock/run_until"
    at_b = {"run": "nightly-*", "task": "b", "state": "RUNNING"}
    assert post(fake, until, **at_b) == (200, {"now": "2024-01-01T00:00:01Z"})
    assert post(fake, until, task="d") == (200, {"now": "2024-01-01T00:05:01Z"})
    assert post(fake, until, state="SUCCEEDED") == (200, {"now": "2024-01-01T00:05:02Z"})
    assert post(fake, until, moment="2024-01-02T00:00:00Z") == (200, {"now": "2024-01-02T00:00:00Z"})
    status, never = post(fake, until, **at_b, timeout=60)
    assert (status, "0 of 1 runs are not over" in never["error"]) == (409, True)
    for nonsense in ({}, {"moment": "2024-01-02T00:00:00Z", "state": "FAILED"}, {"moment": "soon"}):
        assert post(fake, until, **nonsense)[0] == 400


def test_over_http_pollers_sleep_as_in_python(fake: FakeKfp) -> None:
    fake.task("main").takes(seconds=95)
    create_run(fake)
    assert post(fake, "clock/sleep", seconds=10) == (200, {"now": "2024-01-01T00:01:40Z", "due": True})
    assert post(fake, "clock/sleep", seconds=10) == (200, {"now": "2024-01-01T00:01:50Z", "due": False})
    assert post(fake, "clock/sleep")[0] == 400
