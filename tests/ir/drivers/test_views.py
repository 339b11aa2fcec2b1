"""What a test author sees of the tasks of a v2 run."""

from __future__ import annotations

import pytest

from fake_kfp import FakeKfp
from fake_kfp.control.views.runs import RunView
from fake_kfp.versions import V2BETA1
from tests.api.v1beta1.conftest import calling
from tests.ir.drivers.pipelines import constant, container, dag, given, output, over, pipeline, task

TRAIN = pipeline(
    {
        "make": task("comp-make", text=constant("of {{$.inputs.parameters['number']}}"), number=constant(3)),
        "inner": task("comp-inner", after=("make",), rate=output("make", "rate")),
    },
    {
        "comp-make": container(
            {"text": "STRING", "number": "NUMBER_INTEGER"},
            {"rate": "NUMBER_DOUBLE"},
            {"model": "system.Model"},
        ),
        "comp-train": container({"rate": "NUMBER_DOUBLE", "item": "STRING"}),
        "comp-body": dag(
            {"train": task("comp-train", title="Train it", rate=given("rate"), item=given("item"))},
            {"rate": "NUMBER_DOUBLE", "item": "STRING"},
        ),
        "comp-inner": dag(
            {"loop": task("comp-body", loop=over("item", '["a", "b", "c"]'), rate=given("rate"))},
            {"rate": "NUMBER_DOUBLE"},
        ),
    },
)


def run(fake_kfp: FakeKfp) -> RunView:
    """Runs the pipeline to its end."""
    calling(fake_kfp.deployment, V2BETA1)(
        "RunService.CreateRun", run={"display_name": "nightly", "pipeline_spec": TRAIN}
    )
    return fake_kfp.runs.one(name="nightly")


def test_a_task_shows_what_it_was_given_and_gave(fake_kfp: FakeKfp) -> None:
    fake_kfp.task("make").outputs(rate=0.25).writes(model=b"weights")
    task = run(fake_kfp).task("make")
    assert (task.state, task.phase, task.attempts) == ("SUCCEEDED", "Succeeded", 1)
    assert task.inputs == {"text": "of 3", "number": 3}
    assert task.outputs == {"rate": 0.25}
    model = task.executions[0].output_artifacts["model"]
    assert (model.type, model.metadata["display_name"]) == ("system.Model", "model")
    assert fake_kfp.deployment.world.objects.get(model.key) == b"weights"


def test_a_failed_task_says_why(fake_kfp: FakeKfp) -> None:
    fake_kfp.task("make").fails(exit_code=3)
    assert run(fake_kfp).task("make").message == "Error (exit code 3)"


@pytest.mark.parametrize("name", ["train", "inner.loop.train", "comp-train", "Train it"])
def test_items_of_loops_are_told_apart(fake_kfp: FakeKfp, name: str) -> None:
    fake_kfp.task(name, iteration=1).fails(message="as told")
    view = run(fake_kfp)
    assert [view.task(name, iteration=each).state for each in range(3)] == [
        "SUCCEEDED",
        "FAILED",
        "SUCCEEDED",
    ]
    assert view.task(name, iteration=2).inputs["item"] == "c"
    assert view.task(name).attempts == 3
    with pytest.raises(LookupError, match="3 items"):
        _ = view.task(name).inputs


def test_dags_and_drivers_can_be_looked_at_too(fake_kfp: FakeKfp) -> None:
    view = run(fake_kfp)
    assert view.task("inner").inputs == {"rate": 1}
    assert view.task("inner").attempts == 0
    assert view.task("train-driver").attempts == 3
    assert view.task("loop").executions[0].keys == ("inner", "loop")
    assert view.task("root").state == "SUCCEEDED"
