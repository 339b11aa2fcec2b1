"""Where runs of v2 pipelines go: conditions, loops, exit handlers, nested pipelines, by the values that flow through them."""

from __future__ import annotations

import json

import pytest

from fake_kfp.golang.json_text import Json
from tests.ir.drivers.conftest import Stage
from tests.ir.drivers.pipelines import (
    constant,
    container,
    dag,
    given,
    output,
    over,
    over_items,
    pipeline,
    task,
)

FLIP = container(outputs={"Output": "STRING"})
PRINT = container({"text": "STRING"})
IS_HEADS = "inputs.parameter_values['face'] == 'heads'"


def flipping() -> Json:
    """Prints if a coin shows heads."""
    guarded = dag({"print": task("comp-print", text=given("face"))}, {"face": "STRING"})
    return pipeline(
        {
            "flip": task("comp-flip"),
            "condition-1": task("comp-guarded", after=("flip",), when=IS_HEADS, face=output("flip")),
        },
        {"comp-flip": container(outputs={"Output": "STRING"}), "comp-print": PRINT, "comp-guarded": guarded},
    )


@pytest.mark.parametrize(("face", "phase"), [("heads", "Succeeded"), ("tails", "Skipped")])
def test_a_condition_goes_where_the_scripted_output_says(stage: Stage, face: str, phase: str) -> None:
    stage.task("flip").outputs(Output=face)
    played = stage.play(flipping())
    assert played.state == "SUCCEEDED"
    assert played.phases()["root.condition-1"] == phase
    assert ("root.condition-1.print" in played.phases()) == (face == "heads")
    if face == "heads":
        assert played.inputs("print") == {"text": "heads"}


def test_a_task_that_is_not_triggered_is_skipped_itself(stage: Stage) -> None:
    spec = pipeline(
        {"print": task("comp-print", when="inputs.parameter_values['text'] == 'b'", text=constant("a"))},
        {"comp-print": PRINT},
    )
    played = stage.play(spec)
    assert played.phases()["root.print"] == "Skipped"
    assert [each.state for each in played.executions("print")] == ["CANCELED"]


def test_a_condition_that_cannot_be_evaluated_fails_its_driver(stage: Stage) -> None:
    spec = pipeline(
        {"print": task("comp-print", when="int(inputs.parameter_values['text']) > 1", text=constant("a"))},
        {"comp-print": PRINT},
    )
    played = stage.play(spec)
    assert played.state == "FAILED"
    assert played.message("root.print-driver").startswith(
        "KFP driver: driver.Container(pipelineName=small, runID="
    )
    assert played.message("root.print-driver").endswith(
        "failed: evaluation error: type conversion error from 'string' to 'int'"
    )


def looping() -> Json:
    """Doubles each item of a list that a task gives, and adds up what comes of it."""
    body = dag(
        {"double": task("comp-double", number=given("item"))},
        {"item": "NUMBER_INTEGER", "numbers": "LIST"},
        outputs={"doubled": ("double", "Output")},
        output_types={"doubled": "LIST"},
    )
    return pipeline(
        {
            "make": task("comp-make"),
            "loop": task(
                "comp-body", after=("make",), loop=over_items("item", "numbers"), numbers=output("make")
            ),
            "add": task("comp-add", after=("loop",), numbers=output("loop", "doubled")),
        },
        {
            "comp-make": container(outputs={"Output": "LIST"}),
            "comp-double": container({"number": "NUMBER_INTEGER"}, {"Output": "NUMBER_INTEGER"}),
            "comp-add": container({"numbers": "LIST"}),
            "comp-body": body,
        },
    )


def test_a_loop_has_as_many_items_as_the_list_and_collects_what_they_gave(stage: Stage) -> None:
    stage.task("make").outputs(Output=[3, 5, 8])
    for index, doubled in enumerate((6, 10, 16)):
        stage.task("double", iteration=index).outputs(Output=doubled)
    played = stage.play(looping())
    assert played.state == "SUCCEEDED"
    assert [each.inputs["number"] for each in played.executions("double")] == [3, 5, 8]
    assert played.inputs("add") == {"numbers": [6, 10, 16]}


def test_an_unscripted_list_has_items_of_the_type_that_is_looped_over(stage: Stage) -> None:
    played = stage.play(looping())
    assert played.state == "SUCCEEDED"
    assert played.outputs("make") == {"Output": [1, 2]}


def test_one_item_fails_alone(stage: Stage) -> None:
    stage.task("double", iteration=1).fails(exit_code=3)
    played = stage.play(looping())
    assert played.state == "FAILED"
    executors = {name: phase for name, phase in played.phases().items() if name.endswith("double.executor")}
    assert sorted(executors.values()) == ["Failed", "Succeeded"]
    (failed,) = [name for name, phase in executors.items() if phase == "Failed"]
    assert "(1:1)" in failed


def test_a_loop_over_what_is_no_list_fails(stage: Stage) -> None:
    body = dag(
        {"print": task("comp-print", text=given("item"))}, {"item": "STRING", "numbers": "NUMBER_INTEGER"}
    )
    spec = pipeline(
        {"loop": task("comp-body", loop=over_items("item", "numbers"), numbers=constant(1))},
        {"comp-print": PRINT, "comp-body": body},
    )
    assert "value of type *structpb.Value_NumberValue cannot be iterated" in stage.play(spec).message(
        "root.loop.iteration-driver"
    )


def nested(for_print: Json, for_inner: Json) -> Json:
    """Prints the names of the outer items with the numbers of the inner ones."""
    inner = dag(
        {"print": task("comp-print", text=for_print, number=given("inner"))},
        {"inner": "NUMBER_INTEGER", "outer": "STRING"},
    )
    body = dag(
        {"inner": task("comp-inner", loop=over("inner", "[1, 2]"), outer=for_inner)}, {"item": "STRUCT"}
    )
    return pipeline(
        {"outer": task("comp-body", loop=over("item", json.dumps([{"name": "a"}, {"name": "b"}])))},
        {
            "comp-print": container({"text": "STRING", "number": "NUMBER_INTEGER"}),
            "comp-inner": inner,
            "comp-body": body,
        },
    )


def test_loops_in_loops_know_their_items(stage: Stage) -> None:
    stage.task("print", iteration=(1, 0)).fails()
    played = stage.play(nested(given("outer", part="name"), given("item")))
    assert played.state == "FAILED"
    failed = [each for each in played.executions("print") if each.state == "FAILED"]
    assert [each.inputs for each in failed] == [{"text": "b", "number": 1}]
    printed = [(each.inputs["text"], each.inputs["number"]) for each in played.executions("print")]
    assert sorted(printed) == [("a", 1), ("a", 2), ("b", 1), ("b", 2)]


def test_a_loop_that_takes_a_part_takes_it_once_more_for_each_item_and_fails(stage: Stage) -> None:
    played = stage.play(nested(given("outer"), given("item", part="name")))
    assert played.state == "FAILED"
    assert "failed to unmarshal JSON" in played.message(
        "root.outer.iteration-iterations(0:0).iteration-item.inner.iteration-iterations(0:0).iteration-item-driver"
    )


def test_one_of_several_branches_gives_the_output(stage: Stage) -> None:
    def branch() -> Json:
        return dag(
            {"say": task("comp-say", text=given("face"))}, {"face": "STRING"}, {"said": ("say", "Output")}
        )

    branches = dag(
        {
            "condition-2": task("comp-heads", when=IS_HEADS, face=given("face")),
            "condition-3": task("comp-tails", when=f"!({IS_HEADS})", face=given("face")),
        },
        {"face": "STRING"},
        {"said": [("condition-2", "said"), ("condition-3", "said")]},
    )
    spec = pipeline(
        {
            "flip": task("comp-flip"),
            "branches": task("comp-branches", after=("flip",), face=output("flip")),
            "print": task("comp-print", after=("branches",), text=output("branches", "said")),
        },
        {
            "comp-flip": FLIP,
            "comp-print": PRINT,
            "comp-say": container({"text": "STRING"}, {"Output": "STRING"}),
            "comp-heads": branch(),
            "comp-tails": branch(),
            "comp-branches": branches,
        },
    )
    stage.task("condition-3.say").outputs(Output="never said")
    stage.task("*condition-2.say").outputs(Output="a head")
    stage.task("flip").outputs(Output="heads")
    played = stage.play(spec)
    assert played.state == "SUCCEEDED"
    assert played.inputs("print") == {"text": "a head"}


@pytest.mark.parametrize("fails", [False, True])
def test_an_exit_task_is_told_how_it_ended(stage: Stage, fails: bool) -> None:
    guarded = dag({"work": task("comp-work")})
    notify = task("comp-notify", after=("guard",), at_the_end=True, status={"taskFinalStatus": {}})
    notify["inputs"]["parameters"]["status"] = {"taskFinalStatus": {"producerTask": "guard"}}
    spec = pipeline(
        {"guard": task("comp-guarded"), "notify": notify},
        {
            "comp-work": container(),
            "comp-notify": container({"status": "TASK_FINAL_STATUS"}),
            "comp-guarded": guarded,
        },
    )
    if fails:
        stage.task("work").fails()
    played = stage.play(spec)
    assert played.state == ("FAILED" if fails else "SUCCEEDED")
    assert played.inputs("notify")["status"] == {
        "state": "FAILED" if fails else "COMPLETE",
        "error": {},
        "pipelineJobResourceName": played.workflow.name,
        "pipelineTaskName": "guard",
    }


@pytest.mark.parametrize(
    ("version", "fails", "state"),
    [
        ("2.16", False, "RUNNING"),
        ("2.16", True, "RUNNING"),
        ("2.17", False, "COMPLETE"),
        ("2.17", True, "FAILED"),
    ],
)
def test_an_exit_task_is_told_of_what_ended_further_in(version: str, fails: bool, state: str) -> None:
    stage = Stage(version=version)
    looped = dag({"work": task("comp-print", text=given("text"))}, {"text": "STRING"})
    loop = task("comp-looped", loop=over("text", '["a", "b", "c"]'))
    notify = task("comp-notify", after=("guard",), at_the_end=True, status={"taskFinalStatus": {}})
    notify["inputs"]["parameters"]["status"] = {"taskFinalStatus": {"producerTask": "guard"}}
    spec = pipeline(
        {"guard": task("comp-guarded"), "notify": notify},
        {
            "comp-print": PRINT,
            "comp-looped": looped,
            "comp-guarded": dag({"loop": loop}),
            "comp-notify": container({"status": "TASK_FINAL_STATUS"}),
        },
    )
    if fails:
        stage.task("work", iteration=1).fails()
    played = stage.play(spec)
    assert played.inputs("notify")["status"]["state"] == state


def test_placeholders_are_filled_in(stage: Stage) -> None:
    names = ("job_name", "job_resource_name", "job_uuid", "task_name", "task_uuid")
    values = {name: constant(f"{{{{$.pipeline_{name}}}}}") for name in names}
    spec = pipeline(
        {"print": {**task("comp-print"), "inputs": {"parameters": values}}},
        {"comp-print": container(dict.fromkeys(names, "STRING"))},
    )
    played = stage.play(spec)
    assert played.inputs("print") == {
        "job_name": "a run",
        "job_resource_name": played.workflow.name,
        "job_uuid": played.id,
        "task_name": "print",
        "task_uuid": "1",
    }


def test_optional_inputs_of_nested_pipelines_are_their_defaults_or_missing(stage: Stage) -> None:
    inner = dag(
        {"print": task("comp-print", text=given("text"), number=given("number"))},
        {"text": "STRING?", "number": "NUMBER_INTEGER?"},
    )
    inner["inputDefinitions"]["parameters"]["number"]["defaultValue"] = 7
    spec = pipeline(
        {"inner": task("comp-inner")},
        {"comp-print": container({"text": "STRING?", "number": "NUMBER_INTEGER?"}), "comp-inner": inner},
    )
    played = stage.play(spec)
    assert played.state == "SUCCEEDED"
    assert played.inputs("inner") == {"text": None, "number": 7}
    assert played.inputs("print") == {"number": 7}


@pytest.mark.parametrize(
    ("value", "type", "becomes"),
    [
        (1.5, "STRING", "1.5"),
        (3, "STRING", "3"),
        (True, "STRING", "true"),
        ([1, "a"], "STRING", '[1,"a"]'),
        ({"b": 1, "a": None}, "STRING", '{"a":null,"b":1}'),
        (3, "NUMBER_DOUBLE", 3),
    ],
)
def test_any_value_can_be_taken_as_a_text(stage: Stage, value: object, type: str, becomes: object) -> None:
    spec = pipeline({"print": task("comp-print", x=constant(value))}, {"comp-print": container({"x": type})})
    assert stage.play(spec).inputs("print") == {"x": becomes}


@pytest.mark.parametrize(
    ("value", "type", "text"),
    [
        ("a", "NUMBER_INTEGER", 'input parameter "x" type mismatch: expect NUMBER_INTEGER, got string'),
        (1, "BOOLEAN", 'input parameter "x" type mismatch: expect BOOLEAN, got number'),
        ([1], "STRUCT", 'input parameter "x" type mismatch: expect STRUCT, got list'),
        (None, "LIST", 'got null for input parameter "x"'),
    ],
)
def test_values_of_other_types_fail_the_driver(stage: Stage, value: object, type: str, text: str) -> None:
    spec = pipeline({"print": task("comp-print", x=constant(value))}, {"comp-print": container({"x": type})})
    assert stage.play(spec).message("root.print-driver").endswith(f"failed to resolve inputs: {text}")


def test_a_scripted_output_of_the_wrong_type_fails_the_task(stage: Stage) -> None:
    stage.task("make").outputs(Output="three")
    spec = pipeline(
        {"make": task("comp-make")}, {"comp-make": container(outputs={"Output": "NUMBER_INTEGER"})}
    )
    played = stage.play(spec)
    assert played.state == "FAILED"
    assert played.message("root.make.executor").endswith(
        'TextToPbValue(text="three", type="NUMBER_INTEGER") failed: strconv.ParseInt: parsing "three": invalid syntax'
    )
    assert [each.state for each in played.executions("make")] == ["FAILED"]


def test_drivers_listen_to_their_own_names_alone(stage: Stage) -> None:
    stage.task("*").fails()
    assert stage.play(flipping()).phases()["root.flip-driver"] == "Succeeded"
    stage.task("flip-driver").fails(message="no driver")
    played = stage.play(flipping())
    assert played.phases()["root.flip-driver"] == "Failed"
    assert played.message("root.flip-driver") == "no driver"


@pytest.mark.parametrize("name", ["print", "condition-1.print", "comp-print", "A title", "pri*"])
def test_a_task_goes_by_all_its_names(stage: Stage, name: str) -> None:
    spec = flipping()
    spec["components"]["comp-guarded"]["dag"]["tasks"]["print"]["taskInfo"] = {"name": "A title"}
    stage.task("flip").outputs(Output="heads")
    stage.task(name).fails(message="as told")
    assert stage.play(spec).message("root.condition-1.print.executor").startswith("as told")
