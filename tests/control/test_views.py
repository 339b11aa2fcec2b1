"""What is looked up is a snapshot: it neither changes with the world nor changes it."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, fields, is_dataclass
from datetime import datetime, timezone
from typing import Any

import pytest

from fake_kfp import FakeKfp
from tests.server.calling import call, container, create_run, dag, get_run, rest, workflow

START = "2024-01-01T00:00:00Z"
NOON = datetime(2024, 1, 1, tzinfo=timezone.utc)
TWO_TASKS = workflow(dag("main", left=[], right=["left"]), container("work"))
GIVER = container(
    "give",
    outputs={
        "parameters": [{"name": "accuracy", "valueFrom": {"path": "/accuracy"}}],
        "artifacts": [{"name": "model", "path": "/model"}],
    },
)


@pytest.fixture
def manual(fake_kfp: FakeKfp) -> FakeKfp:
    fake_kfp.reset(simulation="manual", now=START)
    return fake_kfp


def test_a_view_stays_as_it_was_when_the_world_moves_on(manual: FakeKfp) -> None:
    run_id = create_run(manual, TWO_TASKS)
    manual.settle(run_id)
    before = manual.runs.one()
    manual.move(run_id, "left", "Failed", exit_code=3)
    assert [node.phase for node in before.nodes] == ["Running", "Pending"]
    assert before.task("left").nodes[0].outputs.exit_code is None
    assert before.nodes[0].children == (before.nodes[1].id,)
    after = manual.runs.one()
    assert (after.task("left").phase, after.task("left").nodes[0].outputs.exit_code) == ("Failed", 3)
    assert after != before


def test_two_looks_at_an_unchanged_world_are_equal(fake_kfp: FakeKfp) -> None:
    create_run(fake_kfp, TWO_TASKS)
    assert fake_kfp.runs.one() == fake_kfp.runs.one()


def values_of(view: Any) -> list[Any]:
    """A view and all views inside it."""
    found = [view]
    for field in fields(view):
        inside = getattr(view, field.name)
        for each in inside if isinstance(inside, tuple) else [inside]:
            found += values_of(each) if is_dataclass(each) else []
    return found


def test_nothing_of_a_view_can_be_changed(fake_kfp: FakeKfp) -> None:
    create_run(fake_kfp, workflow(GIVER, entrypoint="give"))
    run = fake_kfp.runs.one()
    for view in values_of(run):
        for field in fields(view):
            with pytest.raises(FrozenInstanceError):
                setattr(view, field.name, "Banana")
            assert not isinstance(getattr(view, field.name), (dict, list, set))
    assert {type(view).__name__ for view in values_of(run)} == {"RunView", "NodeView", "ValuesView"}
    with pytest.raises(TypeError):
        run.nodes[0].outputs.parameters["accuracy"] = "1"  # type: ignore[index]  # what mypy, too, refuses
    assert (
        json.loads(get_run(fake_kfp, run.id).pipeline_runtime.workflow_manifest)["status"]["phase"]
        != "Banana"
    )


def test_a_node_shows_what_it_took_and_gave(fake_kfp: FakeKfp) -> None:
    fake_kfp.task("give").outputs(accuracy="0.9")
    use = container("use", inputs={"parameters": [{"name": "p"}], "artifacts": [{"name": "m", "path": "/m"}]})
    arguments = {
        "parameters": [{"name": "p", "value": "{{tasks.give.outputs.parameters.accuracy}}"}],
        "artifacts": [{"name": "m", "from": "{{tasks.give.outputs.artifacts.model}}"}],
    }
    tasks = [
        {"name": "give", "template": "give"},
        {"name": "use", "template": "use", "dependencies": ["give"], "arguments": arguments},
    ]
    create_run(fake_kfp, workflow({"name": "main", "dag": {"tasks": tasks}}, GIVER, use))
    run = fake_kfp.runs.one()
    given, taken = run.task("give").nodes[0].outputs, run.task("use").nodes[0].inputs
    assert (given.parameters, taken.parameters) == ({"accuracy": "0.9"}, {"p": "0.9"})
    assert given.artifacts["model"].key == taken.artifacts["m"].key != ""
    assert (given.artifacts["model"].path, taken.artifacts["m"].path) == ("/model", "/m")
    assert (given.exit_code, taken.exit_code) == (0, None)


def test_a_parameter_without_a_value_is_left_out(manual: FakeKfp) -> None:
    run_id = create_run(manual, workflow(GIVER, entrypoint="give"))
    manual.settle(run_id)
    assert manual.runs.one().nodes[0].outputs.parameters == {}


def test_a_run_shows_what_its_record_holds(manual: FakeKfp) -> None:
    spec = {
        "workflow_manifest": workflow(arguments={"parameters": [{"name": "rate"}]}),
        "parameters": [{"name": "rate", "value": "0.1"}],
    }
    _, experiment = rest(manual.url, "POST", "/apis/v1beta1/experiments", {"name": "mine"})
    owner = {"key": {"type": "EXPERIMENT", "id": experiment["id"]}, "relationship": "OWNER"}
    body = {"name": "nightly", "pipeline_spec": spec, "resource_references": [owner]}
    _, made = rest(manual.url, "POST", "/apis/v1beta1/runs", body)
    run = manual.runs.one(id=made["run"]["id"])
    assert (run.name, run.experiment_id, run.experiment) == ("nightly", experiment["id"], "mine")
    assert (run.parameters, run.metrics, run.archived, run.recurring_run_id) == (
        {"rate": "0.1"},
        {},
        False,
        "",
    )
    assert (run.created_at, run.finished_at, run.nodes) == (NOON, None, ())
    manual.settle(run.id)
    manual.move(run.id, manual.runs.one().nodes[0].name, "Succeeded")
    done = manual.runs.one()
    assert (done.status, done.state, done.finished_at) == ("Succeeded", "SUCCEEDED", NOON)


def test_metrics_and_the_archive_show(fake_kfp: FakeKfp) -> None:
    fake_kfp.task("main").reports(accuracy=0.5)
    run_id = create_run(fake_kfp)
    with fake_kfp.channel() as channel:
        call(channel, "/api.RunService/ArchiveRunV1", id=run_id)
    run = fake_kfp.runs.one()
    assert (run.metrics, run.archived) == ({"accuracy": 0.5}, True)


def test_runs_of_a_recurring_run_name_it(fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(now=START)
    job = {
        "name": "hourly",
        "enabled": True,
        "max_concurrency": "1",
        "trigger": {"periodic_schedule": {"interval_second": "3600"}},
        "pipeline_spec": {"workflow_manifest": workflow()},
    }
    _, made = rest(fake_kfp.url, "POST", "/apis/v1beta1/jobs", job)
    fake_kfp.clock.advance(hours=1)
    assert [run.recurring_run_id for run in fake_kfp.runs] == [made["id"]]
