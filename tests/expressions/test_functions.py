from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.expressions import evaluate, function_env
from fake_kfp.expressions.functions import expand
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.fmt import format_value
from fake_kfp.golang.values import type_name

FUNCTION_ENV = function_env(
    {
        "inputs.parameters.message": "hello world",
        "inputs.parameters.n": "5",
        "workflow.name": "wf",
        "steps.a-b.outputs.result": "r",
        "steps.a.x": "1",
    }
)


@pytest.mark.facts("functions.jsonl", "expression")
def test_functions_answer_as_in_argo(fact: dict[str, Any]) -> None:
    if "error" in fact:
        with pytest.raises(GoError) as caught:
            evaluate(fact["expression"], FUNCTION_ENV)
        assert caught.value.text == fact["error"]
    else:
        result = evaluate(fact["expression"], FUNCTION_ENV)
        assert (type_name(result), format_value(result)) == (fact["type"], fact["value"])


def test_dotted_names_become_maps_and_short_ones_give_way() -> None:
    values = {"a.b": 1, "a.c.d": 2, "a": 3, "ab": 4}
    assert expand(values) == {"a": {"b": 1, "c": {"d": 2}}, "ab": 4}


@pytest.mark.parametrize(
    "call", ["sprig.uuidv4()", "sprig.randAlpha(5)", "sprig.now()", "sprig.genCA('x', 1)"]
)
def test_what_is_left_out_says_so(call: str) -> None:
    with pytest.raises(GoError, match=r"^fake_kfp: sprig\.\w+ is not modelled"):
        evaluate(call, FUNCTION_ENV)


@pytest.mark.parametrize("path", ["$.a[?(@.b > 1)]", "$.a[(@.length-1)]"])
def test_filters_and_scripts_of_json_paths_say_that_they_are_left_out(path: str) -> None:
    with pytest.raises(GoError, match=r"^fake_kfp: filters and scripts in JSONPath"):
        evaluate("jsonpath('{}', path)", function_env({"path": path}))


@pytest.mark.parametrize(
    "call", ["sprig.repeat(1000000, 'abc')", "sprig.until(99999999)", "sprig.indent(9999999, '')"]
)
def test_functions_do_not_make_endless_values(call: str) -> None:
    with pytest.raises(GoError, match=r"^fake_kfp: "):
        evaluate(call, FUNCTION_ENV)


SPRIG: Any = FUNCTION_ENV["sprig"]
NAMES = sorted(SPRIG)


@given(
    st.sampled_from(NAMES),
    st.lists(
        st.sampled_from(["1", "-2", "1.5", "'a'", "''", "nil", "true", "[1, 'b']", "{a: 1}"]), max_size=4
    ),
)
def test_any_call_is_a_value_or_an_expression_error(name: str, arguments: list[str]) -> None:
    with suppress(GoError):
        evaluate(f"sprig.{name}({', '.join(arguments)})", FUNCTION_ENV)


@given(st.text(max_size=20), st.sampled_from(['{"a": [1, {"b": null}]}', "[[1], 2]", '"s"', "x"]))
def test_any_json_path_is_a_value_or_an_expression_error(path: str, document: str) -> None:
    with suppress(GoError):
        evaluate("jsonpath(d, p)", function_env({"d": document, "p": "$" + path}))


@given(st.integers(min_value=-(2**63), max_value=2**63 - 1))
def test_as_int_reads_what_string_writes(number: int) -> None:
    assert evaluate("asInt(string(n)) == n", function_env({"n": number})) is True
