"""Filling a template with its arguments."""

from __future__ import annotations

from typing import Any

import pytest

from fake_kfp.simulator.engine.stops import TemplateError
from fake_kfp.simulator.engine.templates import Template
from fake_kfp.simulator.engine.variables.inputs import by_name, process_args, substitute_params

Json = dict[str, Any]
FROM_MAP = {"configMapKeyRef": {"name": "cm", "key": "k"}}


def filled(
    inputs: Json, arguments: Json | None = None, args: list[str] | None = None, **globals_: str
) -> Json:
    """The template with these inputs, after it was called with these arguments."""
    spec = {"name": "t", "inputs": inputs, "container": {"args": args or []}}
    return process_args(Template.of(spec), arguments or {}, globals_, {"pod.name": "pod-1"}).template


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


def test_a_template_that_is_filled_in_can_be_told_more() -> None:
    processed = filled(
        {"parameters": [{"name": "p", "default": "{{retries}}"}]}, args=["{{inputs.parameters.p}}"]
    )
    assert processed["container"]["args"] == ["{{retries}}"]
    assert substitute_params(processed, {}, {"retries": "2"})["container"]["args"] == ["2"]
    assert processed["container"]["args"] == ["{{retries}}"]
