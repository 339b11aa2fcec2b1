"""Nothing is said in vain: scripts that fit no task, faults that meet no call, moves that mean no pod."""

from __future__ import annotations

from typing import Any

import pytest

from fake_kfp import FakeKfp, StepError
from tests.server.calling import call, container, create_run, dag, rest, workflow

TASKS = workflow(dag("main", train=[], evaluate=["train"]), container("work"))


@pytest.fixture
def fake() -> FakeKfp:
    """One that the fixture's own check does not look at."""
    return FakeKfp()


def test_a_script_that_fits_no_task_is_named_with_the_tasks_that_ran(fake: FakeKfp) -> None:
    fake.task("train").fails().takes(seconds=5)
    fake.task("trian").fails().takes(seconds=5)
    fake.task("train", run="nightly").fails()
    create_run(fake, TASKS)
    assert fake.unused() == [
        "'trian' fitted no task; there were: train",
        "'train' of run 'nightly' fitted no task; there were: train",
    ]
    create_run(fake, workflow(dag("main", trian=[]), container("work")), name="nightly")
    assert fake.unused() == ["'train' of run 'nightly' fitted no task; there were: train, trian"]


def test_what_others_overruled_was_heard_all_the_same(fake: FakeKfp) -> None:
    fake.task("t*").fails()
    fake.task("train").succeeds()
    fake.task("nobody", optional=True).fails()
    create_run(fake, TASKS)
    assert fake.unused() == []


def test_nothing_ran(fake: FakeKfp) -> None:
    fake.task("train").fails()
    assert fake.unused() == ["'train' fitted no task; there were: none"]


def test_a_fault_that_happened_to_no_call_is_named(fake: FakeKfp) -> None:
    fake.fault("ListRuns*").fails("ABORTED", after=2)
    fake.fault("GetRun*").fails("ABORTED")
    fake.fault("GetRun*", optional=True).resets()
    call(fake.channel(), "/api.RunService/ListRunsV1")
    assert fake.unused() == [
        "the fault of 'ListRuns*' happened to none of 1 calls",
        "the fault of 'GetRun*' met no call",
    ]


def test_it_is_told_over_http(fake_kfp: FakeKfp) -> None:
    rest(fake_kfp.url, "POST", "/_fake_kfp/faults", {"call": "GetRun*", "resets": True})
    told = rest(fake_kfp.url, "GET", "/_fake_kfp/unused")
    fake_kfp.faults.clear()
    assert told == (200, {"unused": ["the fault of 'GetRun*' met no call"]})


@pytest.mark.parametrize(
    "nonsense",
    [
        lambda fake: fake.task("t").takes(),
        lambda fake: fake.task(""),
        lambda fake: fake.task("t", run=""),
        lambda fake: fake.task("t").fails(exit_code=0),
    ],
)
def test_what_cannot_be_meant_is_refused(fake: FakeKfp, nonsense: Any) -> None:
    with pytest.raises(
        ValueError, match=r"a script is about|takes\(\) wants a time|another exit code than 0"
    ):
        nonsense(fake)


def test_no_time_at_all_is_a_time(fake: FakeKfp) -> None:
    fake.task("main").takes(seconds=0)
    create_run(fake)
    assert fake.unused() == []


def test_a_move_names_the_pods_that_there_are_and_knows_tries() -> None:
    retried = container("main", retryStrategy={"limit": 2})
    fake = FakeKfp(simulation="manual")
    run_id = create_run(fake, workflow(retried))
    with pytest.raises(
        StepError, match=r"0 live pods of run .* are called 'mian', not one; there are: .*\(0\)"
    ):
        fake.move(run_id, "mian", "Running")
    fake.move(run_id, "main", "Failed", exit_code=1)
    fake.move(run_id, "main", "Succeeded")
    assert fake.runs.one().status == "Succeeded"
