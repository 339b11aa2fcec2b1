"""Runs that are placed as a test wants them, through Python and HTTP, and what becomes of them by the rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timezone
from typing import Any

import pytest

from fake_kfp import FakeKfp, RunView
from fake_kfp.control.builders.fields import BuildError
from fake_kfp.versions import V2BETA1
from tests.api.v1beta1.conftest import calling
from tests.ir.drivers.pipelines import container as container_of_v2
from tests.ir.drivers.pipelines import pipeline, task
from tests.ir.drivers.test_views import TRAIN
from tests.server.calling import call, container, dag, get_run, rest, workflow

NOW = "2024-06-01T00:00:00Z"
MAY = datetime(2024, 5, 1, tzinfo=timezone.utc)
STEPS = workflow(dag("main", prepare=[], train=["prepare"], deploy=["train"]), container("work"))
RETRIED = workflow(
    {"name": "main", "dag": {"tasks": [{"name": "train", "template": "work"}]}},
    container("work", retryStrategy={"limit": "2"}),
)
Place = Callable[..., RunView]


@pytest.fixture(params=["instant", "clocked", "manual"])
def fake(request: pytest.FixtureRequest, fake_kfp: FakeKfp) -> FakeKfp:
    """A world in each simulation: what is placed is the same in all of them."""
    fake_kfp.reset(simulation=request.param, now=NOW, seed=1)
    return fake_kfp


@pytest.fixture
def world(fake_kfp: FakeKfp) -> FakeKfp:
    fake_kfp.reset(now=NOW, seed=1)
    return fake_kfp


def api(fake: FakeKfp, run_id: str) -> tuple[str, str]:
    """The state of a run in the words of both API versions, asked for twice: it stays what it is."""
    for _ in range(2):
        of_v2 = calling(fake.deployment, V2BETA1)("RunService.GetRun", run_id=run_id)["state"]
        of_v1 = get_run(fake, run_id).run.status
    return of_v1, of_v2


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("SUCCEEDED", ("Succeeded", "SUCCEEDED")),
        ("FAILED", ("Failed", "FAILED")),
        ("error", ("Failed", "FAILED")),
        ("Running", ("Running", "RUNNING")),
        ("PENDING", ("Pending", "PENDING")),
    ],
)
@pytest.mark.parametrize("manifest", [None, STEPS, TRAIN], ids=["plain", "workflow", "pipeline"])
def test_a_run_is_in_the_state_that_is_wanted_and_stays_there(
    fake: FakeKfp, state: str, shown: tuple[str, str], manifest: Any
) -> None:
    fields: Any = {} if manifest is None else {"manifest": manifest}
    run = fake.add_run("old", state=state, created="2024-05-01", **fields)
    assert (run.status, run.state) == shown
    assert api(fake, run.id) == shown
    assert run.created_at == MAY
    assert (run.finished_at is None) is (shown[1] in ("RUNNING", "PENDING"))


def test_one_that_is_terminated_is_over_after_a_look(world: FakeKfp) -> None:
    run = world.add_run("old", state="CANCELING")
    assert (run.status, run.state) == ("Terminating", "CANCELING")
    assert [get_run(world, run.id).run.status for _ in range(2)] == ["Terminating", "Failed"]


def test_one_without_a_state_goes_on_by_the_rules(world: FakeKfp) -> None:
    run = world.add_run("new", manifest=STEPS)
    assert (run.state, run.nodes) == ("PENDING", ())
    assert world.runs.one(id=run.id).state == "SUCCEEDED"


def test_nodes_did_what_is_said(fake: FakeKfp) -> None:
    run = fake.add_run(
        "old",
        state="FAILED",
        manifest=STEPS,
        created="2024-05-01",
        nodes={
            "prepare": {"seconds": 60, "metrics": {"rows": 3}},
            "train": {"exit_code": 137, "message": "OOMKilled"},
        },
    )
    assert [run.task(name).phase for name in ("prepare", "train", "deploy")] == [
        "Succeeded",
        "Failed",
        "Omitted",
    ]
    assert run.task("train").message == "OOMKilled"
    started = run.task("train").nodes[0].started_at
    assert started is not None
    assert (started - MAY).total_seconds() == 60
    assert run.metrics == {"rows": 3}


def test_exit_handlers_of_what_failed_went_well(world: FakeKfp) -> None:
    handled = workflow(dag("main", train=[]), container("work"), onExit="work")
    run = world.add_run("old", state="FAILED", manifest=handled)
    assert [(task.name, task.phase) for task in run.tasks] == [("train", "Failed"), ("work", "Succeeded")]
    work = container_of_v2()
    exiting = pipeline(
        {"train": task("comp-work"), "notify": task("comp-work", after=("train",), at_the_end=True)},
        {"comp-work": work},
    )
    run = world.add_run("old", state="FAILED", manifest=exiting)
    assert {task.name: task.phase for task in run.tasks} == {"train": "Failed", "notify": "Succeeded"}


def test_nodes_alone_say_how_a_run_ended(world: FakeKfp) -> None:
    assert world.add_run("a", manifest=STEPS, nodes={"deploy": "FAILED"}).state == "FAILED"
    assert world.add_run("b", manifest=STEPS, nodes={"deploy": "Running"}).state == "RUNNING"
    assert world.add_run("c", manifest=STEPS, nodes={"deploy": {"log": "done"}}).state == "SUCCEEDED"


def test_a_task_had_so_many_tries(world: FakeKfp) -> None:
    run = world.add_run("old", state="SUCCEEDED", manifest=RETRIED, nodes={"train": {"attempts": 3}})
    assert (run.task("train").attempts, run.task("train").phase) == (3, "Succeeded")


def test_tasks_of_a_pipeline_gave_what_is_said(world: FakeKfp) -> None:
    nodes: Any = {"make": {"outputs": {"rate": 0.25}, "artifacts": {"model": "weights"}}}
    run = world.add_run("old", manifest=TRAIN, nodes=nodes)
    make = run.task("make").executions[0]
    assert make.outputs == {"rate": 0.25}
    assert run.task("train", iteration=0).inputs["rate"] == 0.25
    assert world.deployment.world.objects.get(make.output_artifacts["model"].key) == b"weights"


def test_no_task_of_a_placed_run_is_taken_from_the_cache(world: FakeKfp) -> None:
    cached = pipeline({"work": task("comp-work", cache=True)}, {"comp-work": container_of_v2()})
    world.add_run("first", state="SUCCEEDED", manifest=cached)
    assert world.add_run("second", state="FAILED", manifest=cached).state == "FAILED"
    world.add_run("third", manifest=cached)
    assert world.runs.one(name="third").task("work").executions[0].state == "CACHED"


def test_times_inside_are_stretched(fake: FakeKfp) -> None:
    run = fake.add_run(
        "old", state="SUCCEEDED", manifest=STEPS, created=date(2024, 5, 1), finished="2024-05-01T03:00:00Z"
    )
    times = [run.task(name).nodes[0] for name in ("prepare", "train", "deploy")]
    assert [(each.started_at, each.finished_at) for each in times] == [
        (MAY.replace(hour=hour), MAY.replace(hour=hour + 1)) for hour in range(3)
    ]
    assert run.finished_at == MAY.replace(hour=3)
    assert run.history == ((MAY, "PENDING"), (MAY, "RUNNING"), (MAY.replace(hour=3), "SUCCEEDED"))


def test_finished_alone_says_roughly_when_it_began(world: FakeKfp) -> None:
    run = world.add_run("old", state="SUCCEEDED", finished=MAY)
    assert (run.finished_at, run.created_at) == (MAY, datetime(2024, 4, 30, 23, 59, tzinfo=timezone.utc))


@pytest.mark.parametrize("fields", [{}, {"created": NOW}], ids=["a minute ago", "now"])
def test_no_run_ended_later_than_now(fake: FakeKfp, fields: Any) -> None:
    now = datetime(2024, 6, 1, tzinfo=timezone.utc)
    run = fake.add_run("old", state="SUCCEEDED", manifest=STEPS, nodes={"train": {"seconds": 3600}}, **fields)
    assert run.finished_at == now
    assert all(node.finished_at is not None and node.finished_at <= now for node in run.nodes)


def test_everything_that_can_be_said(world: FakeKfp) -> None:
    training = world.add_pipeline("training", manifest=workflow(arguments={"parameters": [{"name": "rate"}]}))
    job = world.add_job("hourly", pipeline=training, every=3600)
    run = world.add_run(
        "old",
        id="run-1",
        description="an old one",
        state="SUCCEEDED",
        created=MAY.timestamp(),
        scheduled="2024-04-30",
        experiment="reviews",
        pipeline="training",
        version="training",
        parameters={"rate": 0.5},
        service_account="robot",
        job=job,
        metrics={"accuracy": 0.9},
        archived=True,
    )
    assert (run.id, run.description, run.experiment, run.pipeline, run.version) == (
        "run-1",
        "an old one",
        "reviews",
        "training",
        "training",
    )
    assert (run.recurring_run_id, run.service_account, run.archived) == (job.id, "robot", True)
    assert (run.parameters, run.metrics) == ({"rate": "0.5"}, {"accuracy": 0.9})
    assert run.scheduled_at == datetime(2024, 4, 30, tzinfo=timezone.utc)
    assert world.deployment.world.experiments.get(run.experiment_id) is not None


def test_parameters_of_a_run_without_a_manifest_are_declared(world: FakeKfp) -> None:
    assert world.add_run("old", parameters={"rate": 1, "name": "x"}).parameters == {"rate": "1", "name": "x"}


def test_it_can_be_retried_archived_and_deleted(fake: FakeKfp) -> None:
    old = fake.add_run("old", state="FAILED", manifest=STEPS, created="2024-05-01")
    young = fake.add_run("young", state="FAILED", manifest=STEPS)
    v2 = calling(fake.deployment, V2BETA1)
    for run in (old, young):
        v2("RunService.RetryRun", run_id=run.id)
        assert fake.runs.one(id=run.id).state in ("RUNNING", "SUCCEEDED")
        v2("RunService.ArchiveRun", run_id=run.id)
        assert fake.runs.one(id=run.id).archived
        v2("RunService.DeleteRun", run_id=run.id)
    assert len(fake.runs) == 0


def test_its_log_can_be_read_as_long_as_its_workflow_is_there(world: FakeKfp) -> None:
    run = world.add_run("old", state="SUCCEEDED", nodes={"main": {"log": "epoch 1"}})
    place = f"/apis/v1alpha1/runs/{run.id}/nodes/{run.nodes[0].id}/log"
    assert rest(world.url, "GET", place) == (200, b"epoch 1")


def test_what_runs_can_be_moved_by_hand(fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(simulation="manual", now=NOW)
    run = fake_kfp.add_run("now", state="RUNNING", manifest=STEPS)
    fake_kfp.move(run.id, "prepare", "Failed", message="no")
    assert fake_kfp.runs.one().state == "FAILED"


def test_an_older_run_does_not_make_an_experiment_s_last_run_older(world: FakeKfp) -> None:
    for month in (5, 2):
        world.add_run(f"of {month}", created=f"2024-0{month}-01", experiment="e", state="SUCCEEDED")
    experiments = {each.name: each for each in world.deployment.world.experiments}
    assert experiments["e"].last_run_created_at == MAY.timestamp()


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"stat": "FAILED"}, "a run has no 'stat'; there are: state, archived, created"),
    (
        {"state": "LOST"},
        "no run is ever 'LOST'; there are: PENDING, RUNNING, CANCELING, SUCCEEDED, FAILED, ERROR",
    ),
    ({"state": 3}, "state of a run is a text, not 3"),
    ({"created": "soon"}, "created of a run is a time such as 2024-05-01"),
    ({"created": "2025-01-01"}, "created is later than the fake's clock, which shows 2024-06-01T00:00:00Z"),
    ({"state": "FAILED", "finished": "2025-01-01"}, "finished is later than the fake's clock"),
    (
        {"state": "FAILED", "finished": "2024-01-01", "created": "2024-02-01"},
        "finished is earlier than created",
    ),
    ({"finished": "2024-01-01"}, "finished is for a run that is over"),
    ({"state": "RUNNING", "finished": "2024-01-01"}, "finished is for a run that is over"),
    (
        {"state": "PENDING", "nodes": {"main": "Failed"}},
        "the tasks of a run that is PENDING have done nothing yet",
    ),
    (
        {"state": "FAILED", "nodes": {"main": "Succeeded"}},
        "a run of this pipeline whose tasks do that is SUCCEEDED, not FAILED",
    ),
    ({"nodes": {"mian": "Failed"}}, "nodes: 'mian' fitted no task; there were: main-"),
    ({"nodes": {"main": "Lost"}}, "phase of node 'main' is none of a node's; there are: Succeeded,"),
    ({"nodes": {"main": {"phas": "Failed"}}}, "a node has no 'phas'; there are: phase, "),
    (
        {"nodes": {"main": {"phase": "Succeeded", "exit_code": 1}}},
        "node 'main' has an exit code other than 0",
    ),
    ({"nodes": {"main": 3}}, "node 'main' is a phase or an object, not 3"),
    ({"nodes": {"main": {"attempts": 0}}}, "attempts of node 'main' is a whole number, 1 or more, not 0"),
    (
        {"manifest": STEPS, "nodes": {"prepare": "Failed", "train": "Succeeded"}},
        "node 'train' would be Omitted, not Succeeded",
    ),
    ({"pipeline": "trainin", "experiment": "new"}, "no pipeline named 'trainin'; there are: training"),
    ({"version": "v7"}, "no pipeline version named 'v7'; there are: training"),
    (
        {"pipeline": "training", "manifest": STEPS},
        "what is run is a manifest or a pipeline's version, not both",
    ),
    ({"job": "hourly"}, "no recurring run named 'hourly'; there are none"),
    ({"manifest": "nonsense", "experiment": "new"}, "the server refuses this run: "),
    ({"pipeline": "training", "parameters": {"rate": 1}}, "Unrecognized input parameter: rate"),
    ({"metrics": {"1": 2}}, "the server refuses the metric '1': invalid"),
    ({"metrics": {"a": "high"}}, "metrics of a run is an object of numbers"),
    ({"namespace": "team"}, "a server has namespaces only in multi-user mode"),
    ({"id": "taken"}, "there is a run with the id 'taken' already"),
]


@pytest.mark.parametrize(("fields", "text"), REFUSED, ids=[text[:30] for _, text in REFUSED])
def test_what_cannot_be_is_refused_and_leaves_nothing(
    world: FakeKfp, fields: dict[str, Any], text: str
) -> None:
    world.add_pipeline("training")
    world.add_run("there", id="taken", state="SUCCEEDED")
    before = all_there_is(world)
    with pytest.raises(BuildError, match=r"^fake_kfp: ") as caught:
        world.add_run("bad", **fields)
    assert text in str(caught.value)
    assert all_there_is(world) == before


def all_there_is(fake: FakeKfp) -> list[int]:
    """How much there is of what a run may leave behind."""
    world, cluster = fake.deployment.world, fake.deployment.cluster
    counts = [len(world.runs), len(world.experiments), len(world.tasks)]
    return [*counts, len(world.objects.keys()), len(cluster._workflows)]


def test_over_http(world: FakeKfp) -> None:
    body = {
        "name": "old",
        "state": "FAILED",
        "created": "2024-05-01",
        "experiment": "e",
        "manifest": json.loads(STEPS),
        "nodes": {"train": {"exit_code": 137}},
    }
    status, run = rest(world.url, "POST", "/_fake_kfp/runs", body)
    assert status == 200
    assert (run["state"], run["experiment"], run["created_at"]) == ("FAILED", "e", "2024-05-01T00:00:00Z")
    with world.channel() as channel:
        assert call(channel, "/api.RunService/GetRunV1", run_id=run["id"]).run.status == "Failed"
    status, refused = rest(world.url, "POST", "/_fake_kfp/runs", {**body, "state": "LOST"})
    assert (status, refused["error"][:37]) == (400, "fake_kfp: no run is ever 'LOST'; ther")
    assert rest(world.url, "POST", "/_fake_kfp/runs", {})[0] == 400
