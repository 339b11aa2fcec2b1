"""The tasks of a run, of either version: which there are, and what each took, gave, wrote and logged."""

from __future__ import annotations

from typing import Any

import pytest

from fake_kfp import FakeKfp
from tests.ir.drivers.pipelines import constant, dag, output, over, pipeline, task
from tests.ir.drivers.pipelines import container as component
from tests.server.calling import container, rest, workflow

NOW = "2024-06-01T00:00:00Z"
LOOP = {
    "name": "main",
    "steps": [
        [{"name": "each", "template": "work", "withItems": ["a", "b"]}],
        [{"name": "last", "template": "work"}],
    ],
}
WRITER = container(
    "work",
    outputs={
        "artifacts": [{"name": "model", "path": "/model"}],
        "parameters": [{"name": "loss", "valueFrom": {"path": "/loss"}}],
    },
)


@pytest.fixture
def fake(fake_kfp: FakeKfp) -> FakeKfp:
    fake_kfp.reset(now=NOW)
    return fake_kfp


def shown(run: Any) -> list[tuple[str, str, int]]:
    return [(each.name, each.phase, each.attempts) for each in run.tasks]


def test_the_only_task_is_called_like_its_template(fake: FakeKfp) -> None:
    assert shown(fake.add_run("plain", state="FAILED")) == [("main", "Failed", 1)]
    retried = workflow(container("main", retryStrategy={"limit": "1"}), container("bye"), onExit="bye")
    run = fake.add_run("retried", manifest=retried, nodes={"main": {"attempts": 2}})
    assert shown(run) == [("main", "Succeeded", 2), ("bye", "Succeeded", 1)]


def test_items_of_a_loop_are_one_task(fake: FakeKfp) -> None:
    run = fake.add_run("loop", state="SUCCEEDED", manifest=workflow(LOOP, container("work")))
    assert shown(run) == [("each", "Succeeded", 2), ("last", "Succeeded", 1)]
    assert run.task("each", iteration=1).attempts == 1


def test_a_task_wrote_and_logged(fake: FakeKfp) -> None:
    manifest = workflow({"name": "main", "dag": {"tasks": [{"name": "train", "template": "work"}]}}, WRITER)
    said: Any = {"log": "epoch 1\n", "artifacts": {"model": "weights"}, "outputs": {"loss": 0.5}}
    run = fake.add_run("old", manifest=manifest, nodes={"train": said})
    train = run.tasks[0]
    assert (train.log, train.outputs, train.run, train.run_id) == (
        "epoch 1\n",
        {"loss": "0.5"},
        "old",
        run.id,
    )
    model = train.artifacts["model"]
    assert model.task == "train"
    assert model.content == fake.deployment.world.objects.get(model.key) != b""
    assert model in run.artifacts
    assert list(run.logs.values()) == ["epoch 1\n"]


def test_a_run_gives_what_its_entrypoint_gives(fake: FakeKfp) -> None:
    run = fake.add_run(
        "old", manifest=workflow(WRITER, entrypoint="work"), nodes={"work": {"outputs": {"loss": 0.5}}}
    )
    assert run.outputs == {"loss": "0.5"}


def test_what_was_stored_shows_when_the_workflow_is_gone(fake: FakeKfp) -> None:
    manifest = workflow({"name": "main", "dag": {"tasks": [{"name": "train", "template": "work"}]}}, WRITER)
    run = fake.add_run("old", manifest=manifest, state="SUCCEEDED", created="2024-05-01")
    assert shown(run) == [("train", "Succeeded", 1)]
    assert run.logs == {}


COMPONENTS = {
    "comp-train": component(
        {"rate": "NUMBER_DOUBLE", "epochs": "NUMBER_INTEGER?", "note": "STRING?"},
        {"loss": "NUMBER_DOUBLE"},
        {"model": "system.Model"},
    ),
    "comp-inner": dag(
        {"train": task("comp-train", rate=constant(1))},
        {"rate": "NUMBER_DOUBLE"},
        {"best": ("train", "loss")},
        output_types={"best": "NUMBER_DOUBLE"},
    ),
    "comp-body": dag({"use": task("comp-use")}, {"item": "STRING"}),
    "comp-use": component({}),
}
for name, default in (("epochs", 3), ("note", "rate {{$.inputs.parameters['rate']}}")):
    COMPONENTS["comp-train"]["inputDefinitions"]["parameters"][name]["defaultValue"] = default
PIPELINE = pipeline(
    {
        "train": task("comp-train", rate=constant(0.5)),
        "inner": task("comp-inner", after=("train",), rate=output("train", "loss")),
        "loop": task("comp-body", loop=over("item", '["a", "b"]')),
    },
    COMPONENTS,
)
PIPELINE["root"]["dag"]["outputs"] = {
    "parameters": {"loss": {"valueFromParameter": {"producerSubtask": "inner", "outputParameterKey": "best"}}}
}
PIPELINE["root"]["outputDefinitions"] = {"parameters": {"loss": {"parameterType": "NUMBER_DOUBLE"}}}


def test_tasks_of_a_pipeline(fake: FakeKfp) -> None:
    run = fake.add_run("old", state="SUCCEEDED", manifest=PIPELINE)
    assert sorted(shown(run)) == [
        ("inner", "Succeeded", 0),
        ("inner.train", "Succeeded", 1),
        ("loop", "Succeeded", 0),
        ("train", "Succeeded", 1),
        ("use", "Succeeded", 2),
    ]


def test_inputs_are_shown_with_the_defaults_of_the_component(fake: FakeKfp) -> None:
    run = fake.add_run("old", state="SUCCEEDED", manifest=PIPELINE)
    inner = run.task("inner.train")
    assert inner.inputs == {"rate": 1, "epochs": 3, "note": "rate 1"}
    model = inner.artifacts["model"]
    assert (model.type, model.task) == ("system.Model", "inner.train")
    assert model.uri.endswith("/model")


def test_dags_and_the_run_give_what_their_tasks_gave(fake: FakeKfp) -> None:
    run = fake.add_run("old", manifest=PIPELINE, nodes={"inner.train": {"outputs": {"loss": 0.25}}})
    assert run.task("inner").outputs == {"best": 0.25}
    assert run.outputs == {"loss": 0.25}


def test_tasks_of_all_runs_are_shown_over_http(fake_kfp: FakeKfp) -> None:
    for name in ("a", "b"):
        fake_kfp.add_run(name, state="FAILED")
    place = "/_fake_kfp/runs/-/tasks"
    _, shown = rest(fake_kfp.url, "GET", f"{place}?limit=1&phase=Failed")
    _, others = rest(fake_kfp.url, "GET", f"{place}?offset=1")
    assert [(len(each["tasks"]), each["more"]) for each in (shown, others)] == [(1, True), (1, False)]
    runs = {each.run for each in fake_kfp.tasks.all(phase="Failed")}
    assert {each["run"] for each in [*shown["tasks"], *others["tasks"]]} == runs == {"a", "b"}


def test_runs_whose_tasks_are_not_asked_for_are_not_looked_at(fake_kfp: FakeKfp) -> None:
    pace, steps = fake_kfp.deployment.cluster.pace, []
    for number in range(20):
        fake_kfp.add_run(f"r{number}", state="SUCCEEDED")
        before = pace._left  # looking at a node is a step
        _, shown = rest(fake_kfp.url, "GET", "/_fake_kfp/runs/-/tasks?offset=1&limit=2")
        steps.append(before - pace._left)
    assert [each["run"] for each in shown["tasks"]] == ["r1", "r2"]
    assert 0 < steps[0] < steps[3]
    assert set(steps[3:]) == {steps[3]}
