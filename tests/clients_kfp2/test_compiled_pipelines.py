"""Pipelines compiled by kfp 2 run to their ends through the unmodified client, and their values flow."""

from __future__ import annotations

from urllib.request import urlopen

import kfp
import pytest

from fake_kfp import FakeKfp
from fake_kfp.control.views.executions import ExecutionView
from fake_kfp.control.views.runs import RunView
from tests.clients_kfp2 import pipelines
from tests.clients_kfp2.conftest import Finish

ALL = [
    pipelines.sequential,
    pipelines.parallel,
    pipelines.conditions,
    pipelines.constant_loop,
    pipelines.fan_out,
    pipelines.loop_over_a_parameter,
    pipelines.nested_loops,
    pipelines.collected,
    pipelines.collected_artifacts,
    pipelines.cleanup,
    pipelines.artifacts,
    pipelines.imports,
    pipelines.inner,
    pipelines.outer,
    pipelines.settings,
    pipelines.container,
]


def executions(run: RunView, task: str) -> list[ExecutionView]:
    """What ran of a task, items of loops in their order."""
    found = [each for each in run.executions if task in each.names]
    return sorted(found, key=lambda each: each.iteration)


def ran(run: RunView, *tasks: str) -> set[str]:
    """Those of the tasks that were executed."""
    return {task for task in tasks if executions(run, task)}


@pytest.mark.parametrize("pipeline", ALL, ids=lambda pipeline: pipeline.name)
def test_unscripted_pipelines_succeed(finish: Finish, pipeline) -> None:
    finish(pipeline, **({"rows": 1} if pipeline is pipelines.inner else {}))


def test_values_are_handed_from_task_to_task(finish: Finish, fake_kfp: FakeKfp) -> None:
    fake_kfp.task("echo").outputs(Output="from first")

    run = finish(pipelines.sequential, greeting="hi")

    assert run.task("echo").inputs == {"text": "hi"}
    assert run.task("echo").outputs == {"Output": "from first"}
    assert run.task("echo-2").inputs == {"text": "from first"}


def test_a_failure_keeps_what_depends_on_it_from_running(
    finish: Finish, client: kfp.Client, fake_kfp: FakeKfp
) -> None:
    fake_kfp.task("echo").fails(exit_code=3, message="OOMKilled")

    run = finish(pipelines.parallel, "FAILED")

    assert run.task("echo").state == "FAILED"
    assert run.task("count").state == "SUCCEEDED"
    assert not executions(run, "greet")
    details = client.get_run(run.id).run_details.task_details
    assert {each.state for each in details if each.display_name == "greet"} == {None}, "it was omitted"


@pytest.mark.parametrize(
    ("coin", "number", "done"),
    [
        ("heads", 0, {"greet"}),
        ("tails", 2, {"count"}),
        ("tails", 3, {"count", "echo"}),
        ("edge", 0, set()),
    ],
)
def test_conditions_follow_the_scripted_outputs(
    finish: Finish, fake_kfp: FakeKfp, coin: str, number: int, done: set[str]
) -> None:
    fake_kfp.task("flip-coin").outputs(Output=coin)
    fake_kfp.task("count", optional=True).outputs(Output=number)

    run = finish(pipelines.conditions)

    assert ran(run, "greet", "count", "echo") == done


def test_a_loop_runs_once_for_each_item(finish: Finish, fake_kfp: FakeKfp) -> None:
    fake_kfp.task("list_numbers").outputs(Output=[5, 6, 7, 8])
    assert [each.inputs["number"] for each in executions(finish(pipelines.fan_out), "double")] == [5, 6, 7, 8]

    told = [each.inputs for each in executions(finish(pipelines.constant_loop), "introduce")]
    assert told == [{"who": "ann", "team": "a"}, {"who": "bob", "team": "b"}]

    run = finish(pipelines.loop_over_a_parameter, names=["cid", "dan", "eve"])
    assert [each.inputs["text"] for each in executions(run, "echo")] == ["cid", "dan", "eve"]


def test_a_loop_over_nothing_succeeds(finish: Finish, fake_kfp: FakeKfp) -> None:
    fake_kfp.task("list-numbers").outputs(Output=[])
    assert not executions(finish(pipelines.fan_out), "double")


def test_nested_loops(finish: Finish) -> None:
    given = [each.inputs for each in executions(finish(pipelines.nested_loops), "greet")]
    assert given == [{"name": name, "times": times} for times in (1, 2) for name in ("a", "b", "c")]


def test_one_item_fails(finish: Finish, fake_kfp: FakeKfp) -> None:
    fake_kfp.task("list-numbers").outputs(Output=[1, 2, 3])
    fake_kfp.task("double", iteration=1).fails()
    run = finish(pipelines.fan_out, "FAILED")
    assert [run.task("double", iteration=item).state for item in range(3)] == [
        "SUCCEEDED",
        "FAILED",
        "SUCCEEDED",
    ]


def test_what_a_loop_gave_is_collected(finish: Finish, fake_kfp: FakeKfp) -> None:
    for item in range(3):
        fake_kfp.task("double", iteration=item).outputs(Output=10 * item)
    assert finish(pipelines.collected).task("add-up").inputs == {"numbers": [0, 10, 20]}

    (comparison,) = executions(finish(pipelines.collected_artifacts), "compare")
    models = comparison.input_artifacts["models"]
    assert [model.type for model in models] == ["system.Model"] * 2
    assert len({model.uri for model in models}) == 2


@pytest.mark.parametrize(
    ("fails", "state", "told_state"), [(True, "FAILED", "FAILED"), (False, "SUCCEEDED", "COMPLETE")]
)
def test_the_exit_handler_is_told_how_it_ended(
    finish: Finish, fake_kfp: FakeKfp, fails: bool, state: str, told_state: str
) -> None:
    """In the words of ML Metadata, which is where the driver reads it."""
    if fails:
        fake_kfp.task("flip-coin").fails()

    run = finish(pipelines.cleanup, state, greeting="so long")

    told = run.task("tell").inputs
    assert told["greeting"] == "so long"
    assert told["status"]["state"] == told_state
    assert run.task("tell").state == "SUCCEEDED"


def test_artifacts_go_from_task_to_task(finish: Finish, fake_kfp: FakeKfp) -> None:
    fake_kfp.task("train").writes(model=b"weights").outputs(accuracy=0.93)

    run = finish(pipelines.artifacts, rows=7)

    assert run.task("make-data").inputs == {"rows": 7}
    assert run.task("train").inputs["epochs"] == 3
    assert run.task("train").outputs["accuracy"] == 0.93
    (training,), (evaluation,) = executions(run, "train"), executions(run, "evaluate")
    model = training.output_artifacts["model"]
    assert evaluation.input_artifacts["model"] == (model,)
    with urlopen(f"{fake_kfp.url}/_fake_kfp/objects/{model.key}") as written:
        assert written.read() == b"weights"
    assert ran(run, "echo") == {"echo"}, "the model is good"

    fake_kfp.task("train").outputs(accuracy=0.5)
    assert not ran(finish(pipelines.artifacts, rows=8), "echo")


def test_artifacts_are_imported(finish: Finish) -> None:
    (fetched,) = executions(finish(pipelines.imports), "fetch")
    (source,) = fetched.input_artifacts["source"]
    assert (source.type, source.uri, source.metadata["rows"]) == ("system.Dataset", "gs://bucket/data", 1)


def test_pipelines_inside_of_pipelines(finish: Finish, fake_kfp: FakeKfp) -> None:
    fake_kfp.task("inner.echo").outputs(Output="said")

    run = finish(pipelines.outer)

    assert run.task("inner.echo").inputs == {"text": "from inside"}
    assert run.task("inner-2.echo").inputs == {"text": "said"}
    (evaluation,) = executions(run, "evaluate")
    (training,) = executions(run, "inner.train")
    assert evaluation.input_artifacts["model"] == (training.output_artifacts["model"],)


def test_retries_stop_at_their_limit(finish: Finish, fake_kfp: FakeKfp) -> None:
    fake_kfp.task("echo").fails(times=2)
    finish(pipelines.settings)

    fake_kfp.task("echo").fails()
    run = finish(pipelines.settings, "FAILED")
    tries = [node for node in run.nodes if node.display_name.startswith("executor(")]
    assert len(tries) == 3


def test_the_same_task_is_not_run_twice_unless_told(finish: Finish) -> None:
    def states(pipeline, **arguments: str) -> list[str]:
        run = finish(pipeline, **arguments)
        return [each.state for name in ("echo", "echo-2") for each in executions(run, name)]

    assert states(pipelines.sequential) == ["COMPLETE", "COMPLETE"]
    assert states(pipelines.sequential) == ["CACHED", "CACHED"]
    assert states(pipelines.sequential, greeting="other")[0] == "COMPLETE"
    assert states(pipelines.settings) == states(pipelines.settings) == ["COMPLETE"]
