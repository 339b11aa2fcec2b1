"""Pipelines compiled by kfp 1.8 run to their ends through the unmodified client."""

from __future__ import annotations

import kfp
import pytest

from fake_kfp import FakeKfp
from tests.clients_kfp18 import pipelines


def _run(client: kfp.Client, pipeline, **arguments: str) -> str:
    result = client.create_run_from_pipeline_func(pipeline, arguments=arguments, run_name="the run")
    return client.wait_for_run_completion(result.run_id, timeout=60).run.status


@pytest.mark.parametrize(
    "pipeline",
    [
        pipelines.sequential,
        pipelines.parallel,
        pipelines.conditions,
        pipelines.fan_out,
        pipelines.constants,
        pipelines.cleanup,
        pipelines.retries,
        pipelines.recursion,
    ],
    ids=lambda pipeline: pipeline.__name__,
)
def test_unscripted_pipelines_succeed(client: kfp.Client, pipeline) -> None:
    assert _run(client, pipeline) == "Succeeded"


def test_values_are_handed_from_task_to_task(client: kfp.Client, fake_kfp: FakeKfp) -> None:
    fake_kfp.task("first").outputs(Output="from first")

    assert _run(client, pipelines.sequential, greeting="hi") == "Succeeded"

    second = fake_kfp.runs.one().task("second").nodes[0]
    assert list(second.inputs.parameters.values()) == ["from first"]


def test_a_failure_keeps_what_depends_on_it_from_running(client: kfp.Client, fake_kfp: FakeKfp) -> None:
    fake_kfp.task("left").fails(exit_code=3)

    assert _run(client, pipelines.parallel) == "Failed"

    run = fake_kfp.runs.one()
    assert run.task("left").message == "Error (exit code 3)"
    assert run.task("join").phase == "Omitted"


@pytest.mark.parametrize(
    ("coin", "taken", "left_out"),
    [("heads", "when-heads", "condition-2"), ("tails", "when-tails", "condition-1")],
)
def test_conditions_follow_the_scripted_output(
    client, fake_kfp: FakeKfp, coin: str, taken: str, left_out: str
) -> None:
    fake_kfp.task("coin").outputs(Output=coin)

    assert _run(client, pipelines.conditions) == "Succeeded"

    run = fake_kfp.runs.one()
    assert run.task(taken).phase == "Succeeded"
    assert run.task(left_out).phase == "Skipped"


def test_a_loop_runs_once_for_each_scripted_item(client: kfp.Client, fake_kfp: FakeKfp) -> None:
    fake_kfp.task("numbers").outputs(Output="[5, 6, 7, 8]")

    assert _run(client, pipelines.fan_out) == "Succeeded"

    assert fake_kfp.runs.one().task("work").attempts == 4


def test_the_exit_handler_runs_after_a_failure(client: kfp.Client, fake_kfp: FakeKfp) -> None:
    fake_kfp.task("work").fails()

    assert _run(client, pipelines.cleanup) == "Failed"

    run = fake_kfp.runs.one()
    assert run.task("work").phase == "Failed"
    assert any(node.hooked and node.phase == "Succeeded" for node in run.nodes)


def test_retries_stop_at_their_limit(client: kfp.Client, fake_kfp: FakeKfp) -> None:
    fake_kfp.task("try").fails(times=1)
    assert _run(client, pipelines.retries) == "Succeeded"
    assert fake_kfp.runs.one().task("try").attempts == 2

    fake_kfp.reset()
    fake_kfp.task("try").fails()
    assert _run(client, pipelines.retries) == "Failed"
    assert fake_kfp.runs.one().task("try").attempts == 3


def test_recursion_goes_on_until_its_condition_is_false(client: kfp.Client, fake_kfp: FakeKfp) -> None:
    fake_kfp.task("flip-first").outputs(Output="heads")
    fake_kfp.task("flip-again").outputs(Output="tails")

    assert _run(client, pipelines.recursion) == "Succeeded"

    assert fake_kfp.runs.one().task("flip-again").attempts == 1
