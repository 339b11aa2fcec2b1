"""Outputs of dags and steps, of loops, and of the whole workflow."""

from __future__ import annotations

from typing import Any

import pytest

from fake_kfp.golang.errors import GoError
from fake_kfp.simulator.cluster.phases import NodePhase, NodeType
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.simulator.engine.stops import TemplateError
from fake_kfp.simulator.engine.tree.tree import Tree
from fake_kfp.simulator.engine.variables.globals import Globals
from fake_kfp.simulator.engine.variables.outputs import (
    copy_outputs,
    export_outputs,
    loop_variables,
    template_outputs,
)

Json = dict[str, Any]
SCOPE: dict[str, object] = {
    "tasks.a.outputs.parameters.n": "7",
    "tasks.a.outputs.artifacts.model": {"name": "model", "s3": {"key": "k"}},
}
N = "{{tasks.a.outputs.parameters.n}}"
MODEL = "{{tasks.a.outputs.artifacts.model}}"


def outputs(**lists: list[Json]) -> Json | None:
    return template_outputs({"outputs": lists}, SCOPE)


def test_a_template_that_declares_nothing_has_no_outputs() -> None:
    assert template_outputs({}, SCOPE) is None
    assert outputs() is None
    assert outputs(parameters=[], artifacts=[]) is None


def test_a_parameter_comes_from_a_parameter_or_an_expression() -> None:
    found = outputs(
        parameters=[
            {"name": "p", "valueFrom": {"parameter": N}, "globalName": "g"},
            {"name": "e", "valueFrom": {"expression": "asInt(tasks.a.outputs.parameters.n) + 1"}},
        ]
    )
    assert found == {
        "parameters": [{"name": "p", "value": "7", "globalName": "g"}, {"name": "e", "value": "8"}]
    }


def test_a_parameter_without_a_source_is_an_error() -> None:
    with pytest.raises(TemplateError, match=r"^output parameters must have a valueFrom specified$"):
        outputs(parameters=[{"name": "p", "value": "x"}])


def test_the_default_stands_in_for_a_parameter_that_is_not_there() -> None:
    gone = "{{tasks.b.outputs.parameters.n}}"
    found = outputs(parameters=[{"name": "p", "valueFrom": {"parameter": gone, "default": "d"}}])
    assert found == {"parameters": [{"name": "p", "value": "d"}]}
    with pytest.raises((TemplateError, GoError)):
        outputs(parameters=[{"name": "p", "valueFrom": {"parameter": gone}}])


def test_a_default_counts_only_where_there_is_nothing_else() -> None:
    found = outputs(parameters=[{"name": "p", "valueFrom": {"parameter": N, "default": "d"}}])
    assert found == {"parameters": [{"name": "p", "value": "7"}]}


def test_an_artifact_takes_the_name_that_the_template_gives_it() -> None:
    found = outputs(artifacts=[{"name": "out", "from": MODEL}])
    assert found == {"artifacts": [{"name": "out", "s3": {"key": "k"}}]}


def test_an_artifact_that_comes_from_nowhere_is_left_out() -> None:
    assert outputs(artifacts=[{"name": "out", "path": "/x"}]) == {}


def test_an_optional_artifact_need_not_be_there_and_any_other_has_to() -> None:
    gone = {"name": "out", "from": "{{tasks.b.outputs.artifacts.model}}"}
    assert outputs(artifacts=[{**gone, "optional": True}]) == {}
    with pytest.raises(TemplateError, match=r"^unable to resolve outputs from scope: Unable to resolve"):
        outputs(artifacts=[gone])


def test_even_an_optional_artifact_has_to_be_one() -> None:
    with pytest.raises(TemplateError, match=r"^unable to resolve outputs from scope: "):
        outputs(artifacts=[{"name": "out", "fromExpression": "1 +", "optional": True}])


def item(outputs: Json | None, phase: NodePhase = "Succeeded", type_: NodeType = "Pod", **more: Any) -> Node:
    return Node("i", "i", "i", type_, phase, None, outputs=outputs, **more)


def with_parameters(**values: str) -> Json:
    return {"parameters": [{"name": name, "value": value} for name, value in values.items()]}


def test_a_loop_over_nothing_gives_nothing() -> None:
    assert loop_variables("tasks.l", []) == {}


def test_a_loop_gives_the_results_and_parameters_of_its_items_in_order() -> None:
    nodes = [
        item({"result": "1", **with_parameters(p="a")}),
        item({"result": '{"x":2}', **with_parameters(p="b", q="c")}),
    ]
    assert loop_variables("tasks.l", nodes) == {
        "tasks.l.outputs.result": '[1,{"x":2}]',
        "tasks.l.outputs.parameters": '[{"p":"a"},{"p":"b","q":"c"}]',
        "tasks.l.outputs.parameters.p": '["a","b"]',
        "tasks.l.outputs.parameters.q": '["c"]',
    }


@pytest.mark.parametrize(
    "silent",
    [
        item(with_parameters(p="x"), phase="Failed"),
        item(with_parameters(p="x"), phase="Skipped"),
        item(with_parameters(p="x"), type_="Retry"),
        item(with_parameters(p="x"), flag={"hooked": True}),
        item(None),
        item({}),
    ],
    ids=["failed", "skipped", "retry", "hook", "none", "empty"],
)
def test_what_did_not_succeed_or_is_no_item_gives_nothing(silent: Node) -> None:
    empty = {"tasks.l.outputs.result": "[]", "tasks.l.outputs.parameters": "[]"}
    assert loop_variables("tasks.l", [silent]) == empty
    assert (
        loop_variables("tasks.l", [silent, item(with_parameters(p="y"))])["tasks.l.outputs.parameters.p"]
        == '["y"]'
    )


def test_a_result_that_is_no_json_is_an_error() -> None:
    with pytest.raises(GoError):
        loop_variables("tasks.l", [item({"result": "hello"})])


@pytest.mark.parametrize(
    ("values", "collected"),
    [
        (("[1]", '{"a":2}'), '[[1],{"a":2}]'),
        (("[1]", "2"), '["[1]","2"]'),
        (("[1]", "no json"), '["[1]","no json"]'),
        (("1", "2"), '["1","2"]'),
    ],
)
def test_values_that_are_all_maps_or_lists_are_collected_as_such(
    values: tuple[str, ...], collected: str
) -> None:
    nodes = [item(with_parameters(p=value)) for value in values]
    assert loop_variables("tasks.l", nodes)["tasks.l.outputs.parameters.p"] == collected


class World:
    """A workflow to which outputs are exported."""

    def __init__(self) -> None:
        self.workflow = Workflow.from_manifest({"metadata": {"name": "W", "namespace": "n"}})
        self.tree = Tree(self.workflow)
        self.globals = Globals()

    def export(self, outputs: Json | None) -> bool:
        """Whether Argo would store something."""
        self.tree.changed = False
        export_outputs(self.tree, self.globals, outputs)
        return self.tree.changed

    @property
    def outputs(self) -> Json | None:
        return self.workflow.status.outputs


def parameter(value: str | None = None, name: str = "g", **more: Any) -> Json:
    return {
        "parameters": [
            {"name": "own", "globalName": name, **({} if value is None else {"value": value}), **more}
        ]
    }


def test_only_what_has_a_global_name_is_exported() -> None:
    world = World()
    assert not world.export(None)
    assert not world.export({"parameters": [{"name": "p", "value": "1"}], "artifacts": [{"name": "a"}]})
    assert world.outputs is None


def test_a_global_parameter_is_an_output_and_a_variable_of_the_workflow() -> None:
    world = World()
    assert world.export(parameter("1"))
    assert world.outputs == {"parameters": [{"name": "g", "value": "1"}]}
    assert world.globals["workflow.outputs.parameters.g"] == "1"
    assert not world.export(parameter("1"))
    assert world.export(parameter("2"))
    assert world.export(parameter("3", name="h"))
    assert world.outputs == {"parameters": [{"name": "g", "value": "2"}, {"name": "h", "value": "3"}]}


def test_a_global_parameter_without_a_value_waits_for_one() -> None:
    world = World()
    assert world.export(parameter())
    assert world.outputs == {"parameters": [{"name": "g"}]}
    assert "workflow.outputs.parameters.g" not in world.globals
    assert world.export(parameter("1"))
    assert world.outputs == {"parameters": [{"name": "g", "value": "1"}]}
    assert not world.export(parameter())
    assert world.outputs == {"parameters": [{"name": "g", "value": "1"}]}


def test_the_default_of_a_global_parameter_is_a_variable_only() -> None:
    world = World()
    world.export(parameter(default="d"))
    assert world.globals["workflow.outputs.parameters.g"] == "d"
    assert world.outputs == {"parameters": [{"name": "g"}]}
    world.export(parameter("1", default="d"))
    assert world.globals["workflow.outputs.parameters.g"] == "1"


def test_a_global_artifact_replaces_the_one_of_its_name() -> None:
    world = World()
    first = {"name": "own", "globalName": "g", "path": "/x", "s3": {"key": "k"}}
    assert world.export({"artifacts": [{**first, "globalName": "other"}, first]})
    assert world.outputs == {
        "artifacts": [{"name": "other", "s3": {"key": "k"}}, {"name": "g", "s3": {"key": "k"}}]
    }
    assert not world.export({"artifacts": [first]})
    assert world.export({"artifacts": [{**first, "s3": {"key": "new"}}]})
    assert world.outputs["artifacts"][1] == {"name": "g", "s3": {"key": "new"}}


def test_a_copy_can_be_changed_on_its_own() -> None:
    original: Json = {"parameters": [{"name": "p"}]}
    copied = copy_outputs(original)
    assert copied == original
    assert copied is not None
    copied["parameters"][0]["name"] = "q"
    assert original == {"parameters": [{"name": "p"}]}
    assert copy_outputs(None) is None
