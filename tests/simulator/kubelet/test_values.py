"""Values that nobody scripted: such that whatever looks at them goes on, and the workflow ends well."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.simulator.cluster.workflow import Pod, Workflow
from fake_kfp.simulator.kubelet.consumers import called
from fake_kfp.simulator.kubelet.mode import Mode
from fake_kfp.simulator.kubelet.uses import Uses
from tests.simulator.stage import Json, Stage, container, node

FLIP = {"name": "flip", "script": {"image": "x", "source": "x"}}


def walk(*templates: Json, stage: Stage | None = None, **spec: Any) -> Workflow:
    stage = stage or Stage(Mode.INSTANT)
    workflow = stage.create(*templates, **spec)
    stage.look(workflow)
    return workflow


def step(name: str, template: str = "flip", **more: Any) -> list[Json]:
    parameters = more.pop("parameters", {})
    arguments = {"parameters": [{"name": key, "value": value} for key, value in parameters.items()]}
    return [{"name": name, "template": template, "arguments": arguments, **more}]


def steps(*groups: list[Json], name: str = "main", **more: Any) -> Json:
    return {"name": name, "steps": list(groups), **more}


def taking(name: str, *inputs: str, **more: Any) -> Json:
    return container(name, inputs={"parameters": [{"name": each} for each in inputs]}, **more)


def ran(workflow: Workflow, name: str) -> bool:
    return node(workflow, name).phase == "Succeeded"


@pytest.mark.parametrize(
    "condition",
    [
        "{{steps.a.outputs.result}} == heads",
        "heads == {{steps.a.outputs.result}}",
        '"{{steps.a.outputs.result}}" == "heads"',
        "'{{steps.a.outputs.result}}' =~ '^hea'",
        "{{steps.a.outputs.result}} =~ hea",
        "{{steps.a.outputs.result}} in (heads, tails)",
        "{{steps.a.outputs.result}} > 7",
        "{{steps.a.outputs.result}} <= -3",
        "7 < {{steps.a.outputs.result}}",
        "{{steps.a.outputs.result}} >= 5 && {{steps.a.outputs.result}} < 9",
        "{{=steps.a.outputs.result == 'heads'}}",
        "{{=steps['a'].outputs.result in ['x', 'y']}}",
        "{{=asInt(steps.a.outputs.result) > 100}}",
        "{{=steps.a.outputs.result contains 'ead'}}",
        "{{=steps.a.outputs.result startsWith 'he'}}",
        "{{=jsonpath(steps.a.outputs.result, '$.score') == '5'}}",
        "{{=fromJSON(steps.a.outputs.result).best.score == '5'}}",
        "{{steps.a.outputs.result}} == {{workflow.parameters.side}}",
    ],
)
def test_a_condition_is_met_where_it_can_be(condition: str) -> None:
    arguments = {"parameters": [{"name": "side", "value": "edge"}]}
    workflow = walk(steps(step("a"), step("b", when=condition)), FLIP, arguments=arguments)
    assert workflow.status.phase == "Succeeded", workflow.status.message
    if ">= 5" not in condition:
        assert ran(workflow, "b"), node(workflow, "a").outputs


def test_one_branch_is_taken_where_an_output_asks_which() -> None:
    asked = "steps['a'].outputs.result == 'tails' ? steps.t.outputs.result : steps.h.outputs.result"
    branches = step("h", when="{{steps.a.outputs.result}} == heads") + step(
        "t", when="{{steps.a.outputs.result}} == tails"
    )
    outputs = {"parameters": [{"name": "side", "valueFrom": {"expression": asked}}]}
    workflow = walk(steps(step("a"), branches, outputs=outputs), FLIP)
    assert workflow.status.phase == "Succeeded"
    assert ran(workflow, "h") != ran(workflow, "t")


def test_values_are_followed_through_arguments_and_outputs_of_called_templates() -> None:
    inner = steps(
        step("b", when="{{inputs.parameters.side}} == heads"),
        name="inner",
        inputs={"parameters": [{"name": "side"}]},
    )
    parameter = "{{steps.a.outputs.parameters.said}}"
    made = steps(
        step("a", "say"),
        name="made",
        outputs={"parameters": [{"name": "it", "valueFrom": {"parameter": parameter}}]},
    )
    say = container("say", outputs={"parameters": [{"name": "said", "valueFrom": {"path": "/x"}}]})
    main = steps(
        step("m", "made"), step("i", "inner", parameters={"side": "{{steps.m.outputs.parameters.it}}"})
    )
    assert ran(walk(main, made, inner, say, FLIP), "b")


@pytest.mark.parametrize(
    ("end", "again"),
    [("== heads", "== tails"), ("!= more", "== more"), ("> 5", "<= 5")],
)
def test_conditions_that_lead_back_come_to_an_end(end: str, again: str) -> None:
    result = "{{steps.a.outputs.result}}"
    branches = step("on", "main", when=f"{result} {again}") + step("done", when=f"{result} {end}")
    workflow = walk(steps(step("a"), branches), FLIP)
    assert workflow.status.phase == "Succeeded"
    assert ran(workflow, "done")


def test_a_counter_reaches_its_limit() -> None:
    passed = {"limit": "{{inputs.parameters.limit}}", "n": "{{steps.count.outputs.result}}"}
    condition = "{{steps.count.outputs.result}} < {{inputs.parameters.limit}}"
    loop = steps(step("count"), step("on", "loop", when=condition, parameters=passed), name="loop")
    loop["inputs"] = {"parameters": [{"name": "n"}, {"name": "limit"}]}
    main = steps(step("begin", "loop", parameters={"n": "0", "limit": "10"}))
    assert walk(main, loop, FLIP).status.phase == "Succeeded"


def test_lists_of_lists_are_looped_over() -> None:
    inner = steps(
        step("each", "take", withParam="{{inputs.parameters.row}}", parameters={"it": "{{item}}"}),
        name="inner",
    )
    inner["inputs"] = {"parameters": [{"name": "row"}]}
    main = steps(
        step("a"),
        step("rows", "inner", withParam="{{steps.a.outputs.result}}", parameters={"row": "{{item}}"}),
    )
    workflow = walk(main, inner, taking("take", "it"), FLIP)
    assert workflow.status.phase == "Succeeded"
    made = json.loads((node(workflow, "a").outputs or {})["result"])
    assert all(isinstance(row, list) for row in made)


def test_lists_of_maps_have_what_is_asked_of_their_items() -> None:
    inner = steps(
        step("each", "take", withParam="{{inputs.parameters.row}}", parameters={"it": "{{item.name}}"}),
        name="inner",
    )
    inner["inputs"] = {"parameters": [{"name": "row"}]}
    loop = step("rows", "inner", withParam="{{steps.a.outputs.result}}", when="{{item.kind}} == big")
    loop[0]["arguments"]["parameters"].append({"name": "row", "value": "{{item.members}}"})
    workflow = walk(steps(step("a"), loop), inner, taking("take", "it"), FLIP)
    assert workflow.status.phase == "Succeeded"
    first = json.loads((node(workflow, "a").outputs or {})["result"])[0]
    assert (first["kind"], sorted(first["members"][0])) == ("big", ["name"])


def test_what_a_loop_collects_fits_the_next_one() -> None:
    said = [{"name": name, "valueFrom": {"path": f"/{name}"}} for name in ("num", "evenness")]
    first = step("a", "say", withItems=[1, 2, 3])
    second = step("b", withParam="{{steps.a.outputs.parameters}}", when="{{item.evenness}} == even")
    third = step("c", "take", withParam="{{steps.b.outputs.result}}", parameters={"it": "{{item}}"})
    workflow = walk(
        steps(first, second, third),
        container("say", outputs={"parameters": said}),
        taking("take", "it"),
        FLIP,
    )
    assert workflow.status.phase == "Succeeded"
    assert any(each.display_name.startswith("c(") for each in workflow.status.nodes.values())


def test_a_sequence_can_be_counted() -> None:
    workflow = walk(steps(step("a"), step("b", withSequence={"count": "{{steps.a.outputs.result}}"})), FLIP)
    assert ran(workflow, "b(0:0)")


def test_values_go_with_those_that_were_scripted() -> None:
    asked = "steps.h.outputs.result + steps.t.outputs.result"
    result = "{{steps.a.outputs.result}}{{steps.c.outputs.result}}"
    branches = step("h", when=f"{result} != xy") + step("t", when="{{steps.c.outputs.result}} == y")
    outputs = {"parameters": [{"name": "both", "valueFrom": {"expression": asked}}]}
    stage = Stage(Mode.INSTANT).script("a", parameters={"result": "x"})
    workflow = walk(steps(step("a") + step("c"), branches, outputs=outputs), FLIP, stage=stage)
    assert (node(workflow, "a").outputs or {})["result"] == "x"


def test_what_cannot_be_served_is_named(caplog: pytest.LogCaptureFixture) -> None:
    loop = step("b", withParam="{{=steps.a.outputs.result + ']]'}}")
    with caplog.at_level(logging.WARNING, logger="fake_kfp"):
        workflow = walk(steps(step("a"), loop), FLIP)
    assert workflow.status.phase == "Failed"
    assert "no outputs were found" in caplog.text
    assert "[1]" in caplog.text


def test_the_same_workflow_has_the_same_values() -> None:
    templates = [steps(step("a"), step("b", when="{{steps.a.outputs.result}} == heads")), FLIP]
    results = {(node(walk(*templates), "a").outputs or {})["result"] for _ in range(3)}
    assert results == {"heads"}


SIDES = st.lists(st.sampled_from(["heads", "tails", "edge", "7", "x y"]), min_size=1, max_size=4, unique=True)


@given(SIDES, st.booleans())
def test_of_several_sides_one_comes_up(sides: list[str], in_dag: bool) -> None:
    kind = "tasks" if in_dag else "steps"
    quoted = [json.dumps(side) for side in sides]
    calls = [
        {
            "name": f"b{number}",
            "template": "flip",
            "when": f'"{{{{{kind}.a.outputs.result}}}}" == {side}',
            "arguments": {},
        }
        for number, side in enumerate(quoted)
    ]
    first = {"name": "a", "template": "flip", "arguments": {}}
    after = [{**call, "dependencies": ["a"]} for call in calls]
    main: Json = {"name": "main", "dag": {"tasks": [first, *after]}} if in_dag else steps([first], calls)
    workflow = walk(main, FLIP)
    assert workflow.status.phase == "Succeeded"
    assert [ran(workflow, f"b{number}") for number in range(len(sides))].count(True) == 1


def test_looking_for_uses_costs_what_there_is() -> None:
    tasks: list[Json] = [{"name": "t0", "template": "flip"}]
    for number in range(1, 400):
        when = f"{{{{tasks.t{number - 1}.outputs.result}}}} == go"
        tasks.append(
            {"name": f"t{number}", "template": "flip", "when": when, "dependencies": [f"t{number - 1}"]}
        )
    spec = {"templates": [{"name": "main", "dag": {"tasks": tasks}}, FLIP]}
    wants = Uses(spec).wants()
    assert all(wants["main", f"t{number}", "result"].texts == ["go"] for number in range(399))


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("flow.a", "a"),
        ("flow.in.a(0:x.y)(1)", "a"),
        ("flow[0].a", "a"),
        ("flow(0)[1].b(2:[z])", "b"),
        ("flow", "flow"),
    ],
)
def test_a_pod_belongs_to_the_task_that_its_name_ends_with(name: str, task: str) -> None:
    assert called(Pod("id", name, name, name, "t", {})) == task
