"""What scripts make of tasks."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from typing import Any

import pytest

from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.simulator.kubelet.mode import Mode
from fake_kfp.simulator.kubelet.outcomes import DEFAULT_SECONDS, Effect, Outcome, Outcomes, task_names
from tests.simulator.stage import Json, Stage, chain, container, node

RUN = ("nightly 7", "run-id", "flow-abcde")
Draw = Callable[..., Outcome]


@pytest.fixture
def outcomes() -> Outcomes:
    return Outcomes()


@pytest.fixture
def draw(outcomes: Outcomes) -> Draw:
    """Draws for a task, in the run RUN unless told otherwise."""

    def drawn(*names: str, run: tuple[str, ...] = RUN) -> Outcome:
        return outcomes.draw(names or ("train",), run)

    return drawn


def test_nobody_said_anything_so_it_succeeds_after_a_second(draw: Draw) -> None:
    assert draw() == Outcome(phase="Succeeded", exit_code=0, seconds=DEFAULT_SECONDS)


def test_a_failure_has_exit_code_1_unless_told(outcomes: Outcomes, draw: Draw) -> None:
    outcomes.add(Effect("train", phase="Failed"))
    assert (draw().phase, draw().exit_code) == ("Failed", 1)
    outcomes.add(Effect("train", phase="Failed", exit_code=137, message="OOMKilled"))
    assert (draw().exit_code, draw().message) == (137, "OOMKilled")


def test_what_was_said_last_goes_first_side_by_side(outcomes: Outcomes, draw: Draw) -> None:
    outcomes.add(Effect("train", phase="Failed", seconds=60, parameters={"a": "1", "b": "1"}))
    outcomes.add(Effect("train", seconds=5, parameters={"b": "2"}))
    drawn = draw()
    assert (drawn.phase, drawn.seconds, drawn.parameters) == ("Failed", 5, {"a": "1", "b": "2"})


def test_a_later_success_hides_an_earlier_failure(outcomes: Outcomes, draw: Draw) -> None:
    outcomes.add(Effect("train", phase="Failed", exit_code=3, message="no"))
    outcomes.add(Effect("train", phase="Succeeded"))
    assert draw() == Outcome()


def test_times_are_used_up_draw_by_draw(outcomes: Outcomes, draw: Draw) -> None:
    outcomes.add(Effect("train", phase="Failed", times=2))
    assert [draw().phase for _ in range(4)] == ["Failed", "Failed", "Succeeded", "Succeeded"]


def test_times_of_a_statement_that_is_hidden_are_kept(outcomes: Outcomes, draw: Draw) -> None:
    outcomes.add(Effect("train", phase="Failed", exit_code=1, times=1))
    outcomes.add(Effect("train", phase="Failed", exit_code=2, times=1))
    assert [draw().exit_code for _ in range(3)] == [2, 1, 0]


@pytest.mark.parametrize(
    ("pattern", "holds"), [("train", True), ("tr*", True), ("*", True), ("Train", False), ("rain", False)]
)
def test_tasks_are_named_by_shell_patterns(outcomes: Outcomes, draw: Draw, pattern: str, holds: bool) -> None:
    outcomes.add(Effect(pattern, phase="Failed"))
    assert (draw().phase == "Failed") is holds


@pytest.mark.parametrize(
    ("pattern", "holds"), [("nightly *", True), ("run-id", True), ("flow-*", True), ("weekly *", False)]
)
def test_runs_are_named_by_their_name_id_or_workflow(
    outcomes: Outcomes, draw: Draw, pattern: str, holds: bool
) -> None:
    outcomes.add(Effect("train", pattern, phase="Failed"))
    assert (draw().phase == "Failed") is holds


def test_a_try_or_loop_item_answers_to_its_tasks_plain_name() -> None:
    assert "train" in task_names("train(2)", "tmpl", "flow.train(2)")
    assert "train" in task_names("train(0:x)(1)", "tmpl", "flow.train(0:x)(1)")
    assert set(task_names("a", "b", "c", "d")) == {"a", "b", "c", "d"}


def test_forgetting_forgets_everything(outcomes: Outcomes, draw: Draw) -> None:
    outcomes.add(Effect("train", phase="Failed"))
    outcomes.clear()
    assert draw() == Outcome()


def walked(stage: Stage, *templates: Json, **spec: Any) -> Workflow:
    workflow = stage.create(*templates, **spec)
    stage.look(workflow)
    return workflow


def outputs(workflow: Workflow, name: str, kind: str = "parameters") -> dict[str, Any]:
    """What a node put out, by name."""
    found = (node(workflow, name).outputs or {}).get(kind) or ()
    return {each["name"]: each for each in found}


def declaring(name: str, *parameters: str, **more: Any) -> Json:
    found = [{"name": each, "valueFrom": {"path": f"/{each}"}} for each in parameters]
    return container(name, outputs={"parameters": found}, **more)


def test_declared_parameters_get_a_plausible_value() -> None:
    workflow = walked(Stage(Mode.INSTANT), chain("main", "a"), declaring("a", "x", "y"))
    assert {name: each["value"] for name, each in outputs(workflow, "a").items()} == {"x": "1", "y": "1"}


def test_scripted_parameters_have_their_value() -> None:
    stage = Stage(Mode.INSTANT).script("a", parameters={"x": "0.93"})
    workflow = walked(stage, chain("main", "a"), declaring("a", "x", "y"))
    assert {name: each["value"] for name, each in outputs(workflow, "a").items()} == {"x": "0.93", "y": "1"}


def test_kfps_prefixed_names_are_known_without_the_prefix() -> None:
    stage = Stage(Mode.INSTANT).script("a", parameters={"Output": "heads"})
    workflow = walked(stage, chain("main", "a"), declaring("a", "a-Output"))
    assert outputs(workflow, "a")["a-Output"]["value"] == "heads"


@pytest.mark.parametrize(
    ("argument", "items"),
    [("{{item}}", ["1", "2"]), ("{{item.lr}} {{item.depth}}", [{"depth": n, "lr": n} for n in ("1", "2")])],
)
def test_a_parameter_that_somebody_loops_over_is_a_list(argument: str, items: list[Any]) -> None:
    tasks = [
        {"name": "a", "template": "a"},
        {
            "name": "b",
            "template": "b",
            "dependencies": ["a"],
            "withParam": "{{tasks.a.outputs.parameters.x}}",
            "arguments": {"parameters": [{"name": "p", "value": argument}]},
        },
    ]
    consumer = container("b", inputs={"parameters": [{"name": "p"}]})
    workflow = walked(
        Stage(Mode.INSTANT), {"name": "main", "dag": {"tasks": tasks}}, declaring("a", "x"), consumer
    )
    assert json.loads(outputs(workflow, "a")["x"]["value"]) == items
    assert workflow.status.phase == "Succeeded"


def test_a_scripts_result_is_its_standard_output() -> None:
    script = {"name": "a", "script": {"image": "python", "source": "print(1)"}}
    said = walked(
        Stage(Mode.INSTANT).script("a", parameters={"result": "tails\n"}), chain("main", "a"), script
    )
    unasked = walked(Stage(Mode.INSTANT), chain("main", "a"), script)
    assert (node(said, "a").outputs or {})["result"] == "tails"
    assert "result" not in (node(unasked, "a").outputs or {})


@pytest.mark.parametrize(
    ("mention", "result"),
    [("{{tasks.a.outputs.result}}", "1"), ("{{=tasks['a'].outputs.result}}", "1"), ("nothing", None)],
)
def test_a_container_has_a_result_where_somebody_asks_for_it(mention: str, result: str | None) -> None:
    consumer: Json = {"name": "b", "template": "b", "dependencies": ["a"], "arguments": {"parameters": []}}
    consumer["arguments"]["parameters"].append({"name": "p", "value": mention})
    main = {"name": "main", "dag": {"tasks": [{"name": "a", "template": "a"}, consumer]}}
    taker = container("b", inputs={"parameters": [{"name": "p"}]})
    workflow = walked(Stage(Mode.INSTANT), main, container("a"), taker)
    assert (node(workflow, "a").outputs or {}).get("result") == result
    assert workflow.status.phase == "Succeeded"


def test_a_result_that_somebody_loops_over_is_a_list_with_all_that_is_asked_of_its_items() -> None:
    made = [[{"name": "each", "template": "a", "withItems": [1, 2, 3]}], [{"name": "list", "template": "a"}]]
    used = [
        {"name": f"use-{source}", "template": "b", "withParam": f"{{{{steps.{source}.outputs.result}}}}"}
        | {"when": "{{item.even}} == 1", "arguments": {"parameters": [{"name": "p", "value": "{{item.n}}"}]}}
        for source in ("each", "list")
    ]
    main = {"name": "main", "steps": [*made, used]}
    taker = container("b", inputs={"parameters": [{"name": "p"}]})
    workflow = walked(
        Stage(Mode.INSTANT), main, {"name": "a", "script": {"image": "x", "source": "1"}}, taker
    )
    assert (node(workflow, "each(0:1)").outputs or {})["result"] == '{"even": "1", "n": "1"}'
    assert json.loads((node(workflow, "list").outputs or {})["result"])[1] == {"even": "2", "n": "2"}
    assert workflow.status.phase == "Succeeded"


def writing(name: str, **artifact: Any) -> Json:
    return container(name, outputs={"artifacts": [{"name": "model", "path": "/model", **artifact}]})


def test_an_optional_artifact_is_written_where_somebody_takes_it() -> None:
    source = {"name": "in", "from": "{{tasks.a.outputs.artifacts.model}}"}
    consumer = {"name": "b", "template": "b", "dependencies": ["a"], "arguments": {"artifacts": [source]}}
    main = {"name": "main", "dag": {"tasks": [{"name": "a", "template": "a"}, consumer]}}
    taker = container("b", inputs={"artifacts": [{"name": "in", "path": "/in"}]})
    workflow = walked(Stage(Mode.INSTANT), main, writing("a", optional=True), taker)
    assert workflow.status.phase == "Succeeded"
    assert outputs(workflow, "a", "artifacts")


def test_an_artifact_is_stored_as_an_archive_of_one_file() -> None:
    stage = Stage(Mode.INSTANT).script("a", artifacts={"model": b"weights"})
    workflow = walked(stage, chain("main", "a"), writing("a"))
    key = outputs(workflow, "a", "artifacts")["model"]["s3"]["key"]
    assert key.startswith(f"artifacts/{workflow.name}/2024/01/01/{workflow.name}-")
    assert key.endswith("/model.tgz")
    with tarfile.open(fileobj=io.BytesIO(stage.objects.get(key) or b""), mode="r:gz") as tar:
        (member,) = tar.getmembers()
        content = tar.extractfile(member)
        assert content is not None
        assert (member.name, content.read()) == ("model", b"weights")


def test_the_same_artifact_is_the_same_bytes_at_any_time() -> None:
    def stored() -> bytes | None:
        stage = Stage(Mode.INSTANT).script("a", artifacts={"model": b"weights"})
        workflow = walked(stage, chain("main", "a"), writing("a"))
        return stage.objects.get(outputs(workflow, "a", "artifacts")["model"]["s3"]["key"])

    archive = stored()
    assert archive is not None
    assert archive == stored()
    assert int.from_bytes(archive[4:8], "little") == 0, "a time in the archive changes with the wall clock"
    assert gzip.decompress(archive)


def test_an_artifact_without_archive_is_stored_as_it_is() -> None:
    stage = Stage(Mode.INSTANT).script("a", artifacts={"model": b"weights"})
    workflow = walked(stage, chain("main", "a"), writing("a", archive={"none": {}}))
    key = outputs(workflow, "a", "artifacts")["model"]["s3"]["key"]
    assert key.endswith("/model")
    assert stage.objects.get(key) == b"weights"


def test_an_artifact_with_a_key_of_its_own_is_stored_there() -> None:
    stage = Stage(Mode.INSTANT)
    walked(stage, chain("main", "a"), writing("a", s3={"key": "mine/model.tgz"}))
    assert stage.objects.get("mine/model.tgz")


def test_optional_artifacts_are_written_only_if_scripted() -> None:
    unsaid = walked(Stage(Mode.INSTANT), chain("main", "a"), writing("a", optional=True))
    stage = Stage(Mode.INSTANT).script("a", artifacts={"model": b""})
    said = walked(stage, chain("main", "a"), writing("a", optional=True))
    assert "model" not in outputs(unsaid, "a", "artifacts")
    assert "model" in outputs(said, "a", "artifacts")


def test_metrics_are_reported_with_the_node_when_the_task_ends() -> None:
    stage = Stage().script("main", seconds=5, metrics={"accuracy": 0.93})
    workflow = stage.create(container())
    assert stage.drive(workflow).metrics == []
    stage.clock.advance(5)
    (metric,) = stage.drive(workflow).metrics
    assert (metric.name, metric.value, metric.node_id) == ("accuracy", 0.93, workflow.name)


def test_a_daemon_runs_until_nobody_needs_it() -> None:
    stage = Stage(Mode.INSTANT)
    workflow = walked(stage, chain("main", "server", "a"), container("server", daemon=True), container("a"))
    assert workflow.status.phase == "Succeeded"
    assert node(workflow, "server").phase == "Succeeded"
