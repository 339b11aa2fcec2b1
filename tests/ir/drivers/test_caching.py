"""The cache: the same component with the same inputs runs once."""

from __future__ import annotations

import pytest

from fake_kfp.golang.json_text import Json
from tests.ir.drivers.conftest import Stage
from tests.ir.drivers.pipelines import constant, container, output, output_artifact, pipeline, task


def training(number: int = 1, cache: bool = True) -> Json:
    """Makes a model and evaluates it."""
    return pipeline(
        {
            "make": task("comp-make", cache=cache, number=constant(number)),
            "judge": task(
                "comp-judge",
                after=("make",),
                cache=cache,
                rate=output("make", "rate"),
                artifacts={"model": output_artifact("make", "model")},
            ),
        },
        {
            "comp-make": container(
                {"number": "NUMBER_INTEGER"}, {"rate": "NUMBER_DOUBLE"}, {"model": "system.Model"}
            ),
            "comp-judge": container({"rate": "NUMBER_DOUBLE"}, input_artifacts={"model": "system.Model"}),
        },
    )


def test_the_second_run_takes_the_first_ones_outputs(stage: Stage) -> None:
    stage.task("make").outputs(rate=0.5)
    first = stage.play(training())
    stage.task("*").fails()
    second = stage.play(training())
    assert (first.state, second.state) == ("SUCCEEDED", "SUCCEEDED")
    assert second.phases()["root.make.executor"] == "Skipped"
    assert second.outputs("make") == {"rate": 0.5}
    assert [each.state for each in second.executions("judge")] == ["CACHED"]
    assert (
        second.executions("make")[0].output_artifacts["model"]
        is first.executions("make")[0].output_artifacts["model"]
    )


@pytest.mark.parametrize("other", [training(number=2), training(cache=False)])
def test_other_inputs_and_tasks_without_caching_run(stage: Stage, other: Json) -> None:
    stage.play(training())
    assert stage.play(other).phases()["root.make.executor"] == "Succeeded"


def test_what_failed_is_not_in_the_cache(stage: Stage) -> None:
    stage.task("make").fails(times=1)
    assert stage.play(training()).state == "FAILED"
    assert stage.play(training()).phases()["root.make.executor"] == "Succeeded"


def test_successes_are_seen_through_the_tasks_api_and_go_with_their_run(stage: Stage) -> None:
    first = stage.play(training())
    tasks = [each for each in stage.deployment.world.tasks if each.fingerprint]
    assert [(each.run_id, each.pipeline_name) for each in tasks] == [(first.id, "pipeline/small")] * 2
    assert [each.execution_id for each in tasks] == [
        str(first.executions(name)[0].id) for name in ("make", "judge")
    ]
    stage.call("RunService.DeleteRun", run_id=first.id)
    assert stage.play(training()).phases()["root.make.executor"] == "Succeeded"


def test_a_retried_run_goes_on_with_what_its_drivers_resolved(stage: Stage) -> None:
    stage.task("judge").fails(times=1)
    played = stage.play(training(cache=False))
    assert played.state == "FAILED"
    stage.call("RunService.RetryRun", run_id=played.id)
    assert stage.call("RunService.GetRun", run_id=played.id)["state"] == "SUCCEEDED"
    assert [each.state for each in played.executions("judge")] == ["COMPLETE"]


def test_a_server_without_caching_runs_everything() -> None:
    stage = Stage(caching=False)
    stage.play(training())
    assert stage.play(training()).phases()["root.make.executor"] == "Succeeded"
