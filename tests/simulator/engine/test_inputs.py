"""Filling a template with its arguments."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.expressions import substitute
from fake_kfp.golang.errors import GoError
from fake_kfp.simulator.engine.declarations import by_name
from fake_kfp.simulator.engine.stops import TemplateError
from fake_kfp.simulator.engine.templates import OF_THE_CALL, Template, to_text
from fake_kfp.simulator.engine.variables.inputs import process_args, substitute_params

Json = dict[str, Any]
FROM_MAP = {"configMapKeyRef": {"name": "cm", "key": "k"}}


def filled(
    inputs: Json, arguments: Json | None = None, args: list[str] | None = None, **globals_: str
) -> Json:
    """The template with these inputs, after it was called with these arguments."""
    spec = {"name": "t", "inputs": inputs, "container": {"args": args or []}}
    return process_args(Template.of(spec), arguments or {}, globals_, lambda: {"pod.name": "pod-1"}).template


def value(parameter: Json, argument: Json | None = None) -> object:
    """What the only parameter holds in the end."""
    arguments = {} if argument is None else {"parameters": [{"name": "p", **argument}]}
    (found,) = filled({"parameters": [{"name": "p", **parameter}]}, arguments)["inputs"]["parameters"]
    return found["value"]


@pytest.mark.parametrize(
    ("parameter", "argument", "expected"),
    [
        ({}, {"value": "a"}, "a"),
        ({"value": "v", "default": "d"}, {"value": "a"}, "a"),
        ({"value": "v", "default": "d"}, None, "v"),
        ({"default": "d"}, None, "d"),
        ({"default": ""}, None, ""),
        ({}, {"value": ""}, ""),
        ({"valueFrom": {**FROM_MAP, "default": "m"}}, None, "m"),
        ({"default": "d", "valueFrom": {**FROM_MAP, "default": "m"}}, None, "m"),
        ({"valueFrom": {**FROM_MAP, "default": "m"}}, {"value": "a"}, "a"),
        ({"default": "d"}, {"valueFrom": {**FROM_MAP, "default": "m"}}, "m"),
    ],
)
def test_where_the_value_of_a_parameter_comes_from(
    parameter: Json, argument: Json | None, expected: str
) -> None:
    assert value(parameter, argument) == expected


@pytest.mark.parametrize(
    ("parameter", "argument", "message"),
    [
        ({}, None, "inputs.parameters.p was not supplied"),
        ({"default": "d"}, {}, "inputs.parameters.p was not supplied"),
        ({"valueFrom": {"path": "/x"}}, None, "inputs.parameters.p was not supplied"),
        (
            {"default": "d", "valueFrom": FROM_MAP},
            None,
            "fake_kfp: inputs.parameters.p comes from a ConfigMap, which is not modelled; give valueFrom a default",
        ),
    ],
)
def test_a_parameter_without_a_value_is_an_error(
    parameter: Json, argument: Json | None, message: str
) -> None:
    with pytest.raises(TemplateError) as raised:
        value(parameter, argument)
    assert raised.value.text == message


def test_a_parameter_stands_in_gos_order() -> None:
    given = {"description": "x", "enum": ["1"], "default": "d", "name": "p"}
    (found,) = filled({"parameters": [given]})["inputs"]["parameters"]
    assert list(found) == ["name", "default", "value", "description", "enum"]


@pytest.mark.parametrize("other", [{"default": "d"}, {"value": "v"}, {"enum": ["1"]}, {"default": ""}])
def test_declarations_that_differ_are_not_taken_for_each_other(other: Json) -> None:
    plain = {"name": "p", "default": "x", "description": "y"}
    given = {"parameters": [{"name": "p", "value": "a"}]}
    for declared in (plain, {**plain, **other}, plain):
        inputs = {"parameters": [declared]}
        assert filled(inputs)["inputs"]["parameters"] == [{"value": declared["default"], **declared}]
        assert filled(inputs, given)["inputs"]["parameters"] == [{**declared, "value": "a"}]


def test_a_call_is_asked_for_its_variables_only_where_a_tag_mentions_them() -> None:
    def unasked() -> dict[str, str]:
        raise AssertionError

    def args(arg: str, local: Callable[[], dict[str, str]]) -> object:
        inputs = {"parameters": [{"name": "p", "value": "v"}]}
        template = Template.of({"name": "t", "inputs": inputs, "container": {"args": [arg]}})
        return process_args(template, {}, {}, local).template["container"]["args"]

    assert args("{{inputs.parameters.p}}", unasked) == ["v"]
    for name in OF_THE_CALL:
        assert args(f"{{{{{name}}}}}", lambda: dict.fromkeys(OF_THE_CALL, "known")) == ["known"]


def test_the_first_argument_of_a_name_counts() -> None:
    assert by_name([{"name": "a", "value": "1"}, {"name": "a", "value": "2"}]) == {
        "a": {"name": "a", "value": "1"}
    }
    assert by_name(None) == {}


S3 = {"s3": {"key": "k"}}


def artifact(declared: Json, argument: Json | None = None) -> Json:
    arguments = {} if argument is None else {"artifacts": [{"name": "a", **argument}]}
    (found,) = filled({"artifacts": [{"name": "a", **declared}]}, arguments)["inputs"]["artifacts"]
    return dict(found)


def test_an_artifact_is_the_arguments_at_the_path_of_the_input() -> None:
    declared = {"path": "/in", "mode": 7, "recurseMode": True, "raw": {"data": "x"}}
    given = {**S3, "path": "/elsewhere", "mode": 1}
    assert artifact(declared, given) == {"name": "a", **S3, "path": "/in", "mode": 7, "recurseMode": True}


def test_an_artifact_that_is_there_or_need_not_be_is_not_asked_for() -> None:
    assert artifact({"path": "/in", **S3}) == {"name": "a", "path": "/in", **S3}
    assert artifact({"path": "/in", "optional": True}) == {"name": "a", "path": "/in", "optional": True}


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        (None, "inputs.artifacts.a was not supplied"),
        ({}, "inputs.artifacts.a missing location information"),
        ({"from": "{{tasks.x.outputs.artifacts.y}}"}, "inputs.artifacts.a missing location information"),
    ],
)
def test_an_artifact_that_is_nowhere_is_an_error(argument: Json | None, message: str) -> None:
    with pytest.raises(TemplateError) as raised:
        artifact({"path": "/in"}, argument)
    assert raised.value.text == message


def test_inputs_and_their_paths_are_filled_in_after_globals_and_what_is_local() -> None:
    args = [
        "{{inputs.parameters.p}}",
        "{{pod.name}}",
        "{{workflow.name}}",
        "{{inputs.artifacts.a.path}}",
        "{{open}}",
    ]
    inputs = {"parameters": [{"name": "p"}], "artifacts": [{"name": "a", "path": "/in", **S3}]}
    arguments = {"parameters": [{"name": "p", "value": "of {{workflow.name}}"}]}
    found = filled(inputs, arguments, args, **{"workflow.name": "W"})
    assert found["container"]["args"] == ["of W", "pod-1", "W", "/in", "{{open}}"]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("{{inputs.parameters}}", "", '[{"name":"p","value":"v"}]'),
        ("{{workflow.name}}", "{{inputs.parameters}}", '[{"name":"p","value":"v"}]'),
        ("{{workflow.name}}", "of {{inputs.parameters.p}}", "of v"),
        ("{{workflow.name}}{inputs.parameters.p}}", "{", "v"),
        ("{{inputs.parameters.p}}{{workflow.name}}", "{{pod.name}}", "v{{pod.name}}"),
    ],
)
def test_variables_of_the_workflow_may_bring_tags_for_inputs(text: str, name: str, expected: str) -> None:
    found = filled({"parameters": [{"name": "p", "value": "v"}]}, None, [text], **{"workflow.name": name})
    assert found["container"]["args"] == [expected]


def test_a_template_that_is_filled_in_can_be_told_more() -> None:
    processed = filled(
        {"parameters": [{"name": "p", "default": "{{retries}}"}]}, args=["{{inputs.parameters.p}}"]
    )
    assert processed["container"]["args"] == ["{{retries}}"]
    assert substitute_params(processed, {}, {"retries": "2"})["container"]["args"] == ["2"]
    assert processed["container"]["args"] == ["{{retries}}"]


_PIECES = (
    "{{inputs.parameters.p}}",
    "{{ inputs.parameters.q }}",
    "{{inputs.parameters}}",
    "{{inputs.artifacts.a.path}}",
    "{{outputs.parameters.o.path}}",
    "{{workflow.name}}",
    "{{pod.name}}",
    "{{tasks.a.id}}",
    *("{{", "}}", "{", "é", "\n"),
)
_TEXTS = st.just("1") | st.lists(st.sampled_from(_PIECES), max_size=3).map("".join)
_DECLARED = st.fixed_dictionaries({"default": _TEXTS}, optional={"value": _TEXTS, "enum": st.just(["x"])})


def _by_its_text(filled: Json, known: dict[str, str]) -> Json:
    """What Argo does: the template's text, gone through twice."""
    first = json.loads(substitute(to_text(filled), known, allow_unresolved=True))
    inputs, outputs = first["inputs"], first["outputs"]["parameters"]
    own = {f"inputs.parameters.{each['name']}": each["value"] for each in inputs["parameters"]}
    own |= {f"inputs.artifacts.{each['name']}.path": each["path"] for each in inputs["artifacts"]}
    own |= {
        f"outputs.parameters.{each['name']}.path": each["valueFrom"]["path"]
        for each in outputs
        if each["valueFrom"]["path"]
    }
    own["inputs.parameters"] = to_text(inputs["parameters"])
    return dict(json.loads(substitute(to_text(first), own, allow_unresolved=True)))


@given(
    _DECLARED,
    st.none() | _TEXTS,
    st.sampled_from(["/o", "/o", "/{{workflow.name}}", ""]),
    st.none() | _TEXTS,
    st.lists(_TEXTS, max_size=3),
    _TEXTS,
)
def test_a_template_is_filled_in_as_its_text_is(
    declared: Json, argument: str | None, output: str, key: str | None, args: list[str], name: str
) -> None:
    """Whatever brings tags, and wherever to."""
    inputs: Json = {"parameters": [{"name": "p", **declared}, {"name": "q", "value": "1"}], "artifacts": []}
    outputs = {"parameters": [{"name": "o", "valueFrom": {"path": output}}]}
    spec = {"name": "t", "outputs": outputs, "container": {"args": args}}
    arguments: Json = {} if argument is None else {"parameters": [{"name": "p", "value": argument}]}
    value = argument if argument is not None else declared.get("value", declared["default"])
    filled_in = {"name": "p", "default": declared["default"], "value": "", **declared} | {"value": value}
    expected: Json = {"parameters": [filled_in, inputs["parameters"][1]], "artifacts": []}
    if key is not None:
        given = {"name": "a", "s3": {"key": f"k{key}"}}
        inputs["artifacts"], arguments["artifacts"] = [{"name": "a", "path": "/a"}], [given]
        expected["artifacts"] = [{**given, "path": "/a"}]
    known = {"workflow.name": name, "pod.name": "pod-1"}
    try:
        as_text = _by_its_text({"inputs": expected, **spec}, known)
    except GoError:
        return
    template = Template.of({**spec, "inputs": inputs})
    assert process_args(template, arguments, {"workflow.name": name}, lambda: known).template == as_text
