"""Populations: the same for the same seed, spread over states, names and times, and made of runs like any other."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from fake_kfp import FakeKfp
from fake_kfp.control.builders.fields import BuildError
from fake_kfp.versions import V2BETA1
from tests.api.v1beta1.conftest import calling
from tests.server.calling import call, get_run, refusal, rest

NOW = datetime(2024, 6, 1, tzinfo=timezone.utc)


@pytest.fixture
def fake(fake_kfp: FakeKfp) -> FakeKfp:
    fake_kfp.reset(now=NOW)
    return fake_kfp


def shown(fake: FakeKfp) -> list[Any]:
    """All runs, as stored."""
    return [
        (
            run.id,
            run.name,
            run.state,
            run.created_at,
            run.finished_at,
            run.experiment_id,
            run.metrics,
            run.workflow_runtime_manifest,
        )
        for run in fake.deployment.world.runs
        if run.finished_at
    ]


def test_it_has_what_was_asked_for(fake: FakeKfp) -> None:
    made = fake.populate(runs=500, experiments=10, pipelines=2, jobs=3)
    assert (made.runs, len(made.experiments), len(made.pipelines), len(made.jobs)) == (500, 10, 2, 3)
    assert made.experiments[7:] == ("speech", "reviews-2", "churn-2")
    assert (len(fake.runs), len(fake.experiments), len(fake.pipelines), len(fake.jobs)) == (500, 11, 2, 3)
    assert made.states == Counter(run.state for run in fake.runs)
    assert set(made.states) == {"SUCCEEDED", "FAILED", "RUNNING", "PENDING"}
    assert len({run.experiment for run in fake.runs}) == 10
    assert {run.pipeline for run in fake.runs} == {"training", "evaluation"}
    assert len(fake.runs.all(job="hourly")) == 100


def test_it_is_the_same_for_the_same_seed(fake: FakeKfp) -> None:
    fake.populate(runs=60, seed=7)
    first = shown(fake)
    fake.reset(now=NOW)
    fake.populate(runs=60, seed=7)
    assert shown(fake) == first
    fake.reset(now=NOW)
    fake.populate(runs=60, seed=8)
    assert shown(fake) != first


def test_one_can_be_put_beside_another(fake: FakeKfp) -> None:
    assert fake.populate(runs=50, jobs=1).jobs == ("hourly",)
    assert fake.populate(runs=50, jobs=1).jobs == ("nightly",)
    runs = list(fake.runs)
    assert len({run.id for run in runs}) == len({run.workflow_name for run in runs}) == 100


def test_runs_are_spread_over_the_days_before_now(fake: FakeKfp) -> None:
    fake.populate(runs=200)
    runs = list(fake.runs)
    assert NOW - timedelta(days=90) <= runs[0].created_at < NOW - timedelta(days=89)
    assert NOW - timedelta(days=1) < runs[-1].created_at <= NOW
    for run in runs:
        if run.finished_at is not None:
            assert run.created_at <= run.finished_at <= NOW
            assert run.history[-1] == (run.finished_at, run.state)
    assert any(run.archived for run in runs)


def test_a_copy_says_of_itself_what_is_true(fake: FakeKfp) -> None:
    fake.populate(runs=100)
    for run in fake.deployment.world.runs:
        if not run.finished_at:
            continue
        manifest = json.loads(run.workflow_runtime_manifest)
        metadata, status = manifest["metadata"], manifest["status"]
        assert metadata["name"] == run.workflow_name
        assert metadata["labels"]["pipeline/runid"] == run.id
        assert metadata["annotations"]["pipelines.kubeflow.org/run_name"] == run.name
        assert "mould" not in run.workflow_runtime_manifest
        assert (
            datetime.fromisoformat(status["finishedAt"].replace("Z", "+00:00")).timestamp() == run.finished_at
        )
        assert list(status["nodes"]) == sorted(status["nodes"])
        assert all(node["id"] == id for id, node in status["nodes"].items())
        assert all(
            child in status["nodes"]
            for node in status["nodes"].values()
            for child in node.get("children", ())
        )


def test_what_was_made_by_hand_has_the_same_node_ids(fake: FakeKfp) -> None:
    """A run that goes on finds its nodes by their names."""
    fake.populate(runs=100)
    (run, *_) = fake.runs.all(pipeline="evaluation", state="FAILED")
    done = {task.name: task.nodes[0].id for task in run.tasks if task.phase == "Succeeded"}
    calling(fake.deployment, V2BETA1)("RunService.RetryRun", run_id=run.id)
    retried = fake.runs.one(id=run.id)
    assert retried.state == "SUCCEEDED"
    assert {task.name: task.nodes[0].id for task in retried.tasks}.items() >= done.items()
    assert len(retried.tasks) == 2


def test_they_show_through_both_versions_and_can_be_deleted(fake: FakeKfp) -> None:
    fake.populate(runs=100)
    v2 = calling(fake.deployment, V2BETA1)
    (run, *_) = fake.runs.all(pipeline="ingestion", state="SUCCEEDED")
    tasks = v2("RunService.GetRun", run_id=run.id)["run_details"]["task_details"]
    assert {task["display_name"] for task in tasks} == {run.workflow_name, "prepare", "train", "evaluate"}
    assert all(
        task["state_history"][0]["update_time"] == tasks[0]["state_history"][0]["update_time"]
        for task in tasks
    )
    detail = get_run(fake, run.id)
    assert detail.run.metrics[0].name == "accuracy"
    with fake.channel() as channel:
        listed = call(channel, "/api.RunService/ListRunsV1", page_size=7, sort_by="created_at desc")
        assert (len(listed.runs), listed.total_size) == (7, 100)
        call(channel, "/api.RunService/DeleteRunV1", id=run.id)
        assert refusal(channel, "/api.RunService/GetRunV1", run_id=run.id)[0] == "NOT_FOUND"


def test_what_ended_today_is_still_in_the_cluster(fake: FakeKfp) -> None:
    fake.populate(runs=500)
    for run in fake.runs:
        if run.finished_at is not None:
            young = run.finished_at > NOW - timedelta(days=1)
            assert bool(run.logs) is young


def test_the_latest_are_under_way(fake: FakeKfp) -> None:
    fake.populate(runs=500)
    assert [run.state for run in fake.runs][-10:] == ["RUNNING"] * 8 + ["PENDING"] * 2


def test_nothing_but_runs(fake: FakeKfp) -> None:
    made = fake.populate(runs=30, experiments=0, pipelines=0)
    assert (made.experiments, made.pipelines) == ((), ())
    assert {run.experiment for run in fake.runs} == {"Default"}


def test_in_multi_user_mode(fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(multi_user=True)
    fake_kfp.populate(runs=50, namespace="team")
    assert {run.namespace for run in fake_kfp.runs} == {"team"}
    with pytest.raises(BuildError, match="a population has some of its own"):
        fake_kfp.populate(runs=50, experiments=0, namespace="team")


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (
            {"run": 3},
            "a population has no 'run'; there are: runs, experiments, jobs, namespace, pipelines, seed",
        ),
        ({"runs": -1}, "runs of a population is a whole number, 0 or more, not -1"),
        ({"seed": "a"}, "seed of a population is a whole number, 0 or more, not 'a'"),
        ({"namespace": "team"}, "a server has namespaces only in multi-user mode"),
    ],
)
def test_what_cannot_be_is_refused(fake: FakeKfp, fields: Any, text: str) -> None:
    with pytest.raises(BuildError, match="^fake_kfp: " + text):
        fake.populate(**fields)


def test_over_http(fake: FakeKfp) -> None:
    status, made = rest(fake.url, "POST", "/_fake_kfp/populate", {"runs": 60, "seed": 3, "experiments": 1})
    assert (status, made["experiments"], sum(made["states"].values())) == (200, ["reviews"], 60)
    first = shown(fake)
    fake.reset(now=NOW)
    fake.populate(runs=60, seed=3, experiments=1)
    assert shown(fake) == first
