"""The inputs of a pipeline: which parameters a run may be given, and what it gets of those that it is not."""

from __future__ import annotations

from typing import Any

import pytest

from fake_kfp.errors import Code, KfpError
from fake_kfp.ir.inputs import check_inputs, runtime_config
from tests.ir.compiling import Json

NUMBER = "requires type double or integer, but the parameter value is not of number value type"


def refusal(declared: Json, given: Json) -> str:
    with pytest.raises(KfpError) as caught:
        check_inputs({name: {"parameterType": kind} for name, kind in declared.items()}, given)
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert caught.value.detail is not None
    return caught.value.detail


@pytest.mark.parametrize(
    ("type", "good", "bad", "words"),
    [
        ("NUMBER_INTEGER", 1.5, "1", NUMBER),
        ("NUMBER_DOUBLE", 1, True, NUMBER),
        ("STRING", "x", 1, "requires type string, but the input parameter is not of string value type"),
        ("BOOLEAN", True, 1, "requires type bool, but the input parameter is not of bool value type"),
        ("LIST", [1], {}, "requires type list, but the input parameter is not of list value type"),
        ("STRUCT", {}, None, "requires type struct, but the input parameter is not of struct value type"),
    ],
)
def test_inputs_have_types(type: str, good: Any, bad: Any, words: str) -> None:
    check_inputs({"p": {"parameterType": type}}, {"p": good})
    assert refusal({"p": type}, {"p": bad}) == f"input parameter p {words}"


@pytest.mark.parametrize(
    ("parameter", "words"),
    [
        ({}, "has unspecified type"),
        ({"parameterType": 99}, "requires type unknown"),
        (
            {"parameterType": "TASK_FINAL_STATUS"},
            "requires type TASK_FINAL_STATUS, which is invalid for root component",
        ),
    ],
)
def test_some_types_admit_nothing(parameter: Json, words: str) -> None:
    check_inputs({"p": {**parameter, "isOptional": True}}, {})
    with pytest.raises(KfpError) as caught:
        check_inputs({"p": parameter}, {"p": "x"})
    assert caught.value.detail == f"input parameter p {words}"


def test_what_is_missing_is_said_before_what_nobody_declared() -> None:
    words = "parameter p is not optional, yet has neither default value nor user provided value"
    assert refusal({"p": "STRING"}, {"q": 1}) == words


def test_an_input_without_default_must_be_given_unless_it_is_optional() -> None:
    check_inputs({"p": {"defaultValue": 1}, "q": {"isOptional": True}}, {})
    with pytest.raises(KfpError, match="parameter p is not optional"):
        check_inputs({"p": {}}, {})


def test_inputs_that_nobody_declared_are_refused() -> None:
    with pytest.raises(KfpError, match="not required by pipeline: a, b"):
        check_inputs({}, {"a": 1, "b": 2})


def test_defaults_fill_what_was_not_given() -> None:
    declared = {"a": {"defaultValue": 1}, "b": {"defaultValue": 2}, "c": {"isOptional": True}, "d": {}}
    config = runtime_config(declared, {"a": 5}, "")
    assert config == {"parameterValues": {"a": 5, "b": 2, "c": None}}


def test_a_run_that_is_given_nothing_has_no_config() -> None:
    assert runtime_config({"d": {}}, {}, "") == {}
    assert runtime_config({}, {}, "s3://b") == {"gcsOutputDirectory": "s3://b"}


@pytest.mark.parametrize(
    ("given", "told"), [(3.0, 3), (2**53 + 1, 2**53), ({"a": [1.5, None]}, {"a": [1.5, None]})]
)
def test_numbers_are_floats_on_their_way(given: Any, told: Any) -> None:
    value = runtime_config({}, {"p": given}, "")["parameterValues"]["p"]
    assert (value, type(value)) == (told, type(told))
