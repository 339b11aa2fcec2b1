"""Time in the three simulations, as clients see it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from fake_kfp import FakeKfp, StepError
from tests.server.calling import call, container, create_run, dag, get_run, rest, workflow

START = "2024-01-01T00:00:00Z"
DIAMOND = workflow(dag("main", a=[], b=["a"], c=["a"], d=["b", "c"]), container("work"))


def status(fake: FakeKfp, run_id: str) -> str:
    text: str = get_run(fake, run_id).run.status
    return text


def terminate(fake: FakeKfp, run_id: str) -> None:
    with fake.channel() as channel:
        call(channel, "/api.RunService/TerminateRunV1", run_id=run_id)


def test_a_new_run_is_pending_until_somebody_looks(fake_kfp: FakeKfp) -> None:
    body = {"name": "r", "pipeline_spec": {"workflow_manifest": DIAMOND}}
    created = rest(fake_kfp.url, "POST", "/apis/v1beta1/runs", body)[1]["run"]
    assert created["status"] == "Pending"
    assert status(fake_kfp, created["id"]) == "Succeeded"


def test_a_list_is_a_look_too(fake_kfp: FakeKfp) -> None:
    create_run(fake_kfp)
    listed = rest(fake_kfp.url, "GET", "/apis/v1beta1/runs")[1]["runs"]
    assert [run["status"] for run in listed] == ["Succeeded"]


def test_a_list_by_status_looks_at_every_run(fake_kfp: FakeKfp) -> None:
    create_run(fake_kfp)
    wanted = json.dumps({"predicates": [{"op": 1, "key": "status", "stringValue": "Succeeded"}]})
    with fake_kfp.channel() as channel:
        assert call(channel, "/api.RunService/ListRunsV1", filter=wanted).total_size == 1


def test_a_termination_is_seen_once_before_the_run_ends(fake_kfp: FakeKfp) -> None:
    run_id = create_run(fake_kfp)
    terminate(fake_kfp, run_id)
    assert [status(fake_kfp, run_id) for _ in range(3)] == ["Terminating", "Failed", "Failed"]


def test_lists_by_status_find_a_terminated_run_under_both_statuses_in_turn(fake_kfp: FakeKfp) -> None:
    terminate(fake_kfp, create_run(fake_kfp))
    found = []
    for wanted in ("Terminating", "Failed"):
        predicate = {"op": 1, "key": "status", "stringValue": wanted}
        with fake_kfp.channel() as channel:
            listed = call(
                channel, "/api.RunService/ListRunsV1", filter=json.dumps({"predicates": [predicate]})
            )
        found.append([run.status for run in listed.runs])
    assert found == [["Terminating"], ["Failed"]]


@pytest.mark.parametrize("options", [{"step": 1}, {"speed": 0.001}, {}])
def test_with_a_clock_too_a_client_that_terminates_right_away_sees_terminating(
    fake_kfp: FakeKfp, options: dict[str, Any]
) -> None:
    fake_kfp.reset(simulation="clocked", now=START, **options)
    run_id = create_run(fake_kfp)
    terminate(fake_kfp, run_id)
    assert status(fake_kfp, run_id) == "Terminating"
    fake_kfp.clock.advance(seconds=2)
    assert status(fake_kfp, run_id) == "Failed"


def test_with_the_wall_clock_a_new_recurring_run_takes_a_moment_to_fire(fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(simulation="clocked", now=START, speed=0.001)
    job = {
        "name": "j",
        "max_concurrency": "1",
        "enabled": True,
        "pipeline_spec": {"workflow_manifest": workflow()},
    }
    assert rest(fake_kfp.url, "POST", "/apis/v1beta1/jobs", job)[0] == 200
    assert rest(fake_kfp.url, "GET", "/apis/v1beta1/runs")[1] == {}
    fake_kfp.clock.advance(seconds=2)
    assert len(rest(fake_kfp.url, "GET", "/apis/v1beta1/runs")[1]["runs"]) == 1


def test_a_task_of_three_minutes_is_over_after_three_minutes(fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(simulation="clocked", now=START)
    fake_kfp.task("main").takes(minutes=3)
    run_id = create_run(fake_kfp)
    assert status(fake_kfp, run_id) == "Running"
    fake_kfp.clock.advance(minutes=2, seconds=59)
    assert status(fake_kfp, run_id) == "Running"
    fake_kfp.clock.advance(seconds=1)
    assert status(fake_kfp, run_id) == "Succeeded"
    assert get_run(fake_kfp, run_id).run.finished_at.seconds == 1704067200 + 180


def test_a_task_takes_its_whole_time_however_late_in_a_second_it_begins(fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(simulation="clocked", now="2024-01-01T00:00:00.900000Z")
    run_id = create_run(fake_kfp)
    fake_kfp.clock.advance(0.9)
    assert status(fake_kfp, run_id) == "Running"
    fake_kfp.clock.advance(0.1)
    assert status(fake_kfp, run_id) == "Succeeded"


def test_time_passes_for_runs_that_nobody_looks_at(fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(simulation="clocked", now=START)
    run_id = create_run(fake_kfp, DIAMOND)
    fake_kfp.clock.advance(days=1)
    assert get_run(fake_kfp, run_id).run.finished_at.seconds == 1704067200 + 3


@pytest.mark.parametrize("step", [1, 5])
def test_a_clock_that_steps_shows_a_polling_client_every_status(fake_kfp: FakeKfp, step: float) -> None:
    fake_kfp.reset(simulation="clocked", step=step)
    run_id = create_run(fake_kfp)
    assert [status(fake_kfp, run_id) for _ in range(4)] == ["Pending", "Running", "Succeeded", "Succeeded"]


def test_a_clock_with_speed_follows_the_wall_clock(fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(simulation="clocked", speed=1_000_000)
    fake_kfp.task("main").takes(hours=1)
    run_id = create_run(fake_kfp)
    for _ in range(1000):
        if status(fake_kfp, run_id) == "Succeeded":
            break
    assert status(fake_kfp, run_id) == "Succeeded"


def test_terminating_a_running_run_ends_its_tasks(fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(simulation="clocked", now=START)
    fake_kfp.task("work").takes(hours=1)
    run_id = create_run(fake_kfp, DIAMOND)
    fake_kfp.clock.advance(minutes=1)
    terminate(fake_kfp, run_id)
    fake_kfp.clock.advance(seconds=1)
    assert status(fake_kfp, run_id) == "Failed"
    assert fake_kfp.runs.one().task("a").phase == "Failed"
    assert get_run(fake_kfp, run_id).run.finished_at.seconds <= 1704067200 + 61


def test_a_retry_in_instant_mode_runs_what_failed_again(fake_kfp: FakeKfp) -> None:
    fake_kfp.task("b").fails(times=1)
    run_id = create_run(fake_kfp, DIAMOND)
    assert status(fake_kfp, run_id) == "Failed"
    with fake_kfp.channel() as channel:
        call(channel, "/api.RunService/RetryRunV1", run_id=run_id)
    assert status(fake_kfp, run_id) == "Succeeded"


def test_manual_pods_move_only_when_told(fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(simulation="manual", now=START)
    run_id = create_run(fake_kfp, DIAMOND)
    fake_kfp.clock.advance(days=1)
    assert status(fake_kfp, run_id) == "Pending"
    fake_kfp.settle(run_id)
    assert status(fake_kfp, run_id) == "Running"
    for task in "abcd":
        fake_kfp.move(run_id, task, "Succeeded")
    assert status(fake_kfp, run_id) == "Succeeded"


def test_manual_steps_that_fit_nothing_say_so(fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(simulation="manual")
    run_id = create_run(fake_kfp, DIAMOND)
    with pytest.raises(StepError, match="there is no run"):
        fake_kfp.move("nobody", "a", "Succeeded")
    with pytest.raises(StepError, match="0 live pods"):
        fake_kfp.move(run_id, "d", "Succeeded")
    with pytest.raises(StepError, match="a pod's phase is one of"):
        fake_kfp.move(run_id, "a", "Done")


def test_the_clock_can_be_asked_and_never_goes_back(fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(simulation="clocked", now=START)
    start = datetime(2024, 1, 1, tzinfo=timezone.utc)
    assert fake_kfp.clock.now() == start
    assert fake_kfp.clock.advance(30, minutes=1, hours=1, days=1) == start + timedelta(seconds=90090)
    with pytest.raises(ValueError, match="can't go back"):
        fake_kfp.clock.advance(-1)


@pytest.mark.parametrize("simulation", ["instant", "clocked"])
def test_the_same_seed_gives_the_same_world(fake_kfp_factory: Any, simulation: str) -> None:
    def seen(seed: int) -> list[str]:
        fake = fake_kfp_factory(simulation=simulation, seed=seed, now=START)
        fake.task("b").fails(times=1)
        ids = [create_run(fake, DIAMOND), create_run(fake)]
        fake.clock.advance(hours=1)
        return [
            text
            for run_id in ids
            for reply in [get_run(fake, run_id)]
            for text in (reply.run.id, reply.pipeline_runtime.workflow_manifest)
        ]

    assert seen(1) == seen(1)
    assert set(seen(1)).isdisjoint(seen(2))


def test_recurring_runs_fire_as_the_clock_moves(fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(simulation="clocked", now=START)
    job = {
        "name": "hourly",
        "enabled": True,
        "max_concurrency": "10",
        "trigger": {"cron_schedule": {"cron": "0 0 * * * *"}},
        "pipeline_spec": {"workflow_manifest": workflow()},
    }
    assert rest(fake_kfp.url, "POST", "/apis/v1beta1/jobs", job)[0] == 200
    fake_kfp.clock.advance(days=1)
    assert len(fake_kfp.runs) == 24
    assert {run.status for run in fake_kfp.runs} <= {"Succeeded", "Running"}
