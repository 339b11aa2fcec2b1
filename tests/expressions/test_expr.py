from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.expressions import evaluate, evaluate_bool
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.fmt import format_value
from fake_kfp.golang.values import GoStruct, type_name

PHASES = ("Succeeded", "Failed", "Errored", "Skipped", "Omitted", "Daemoned", "AnySucceeded", "AllFailed")


def task(*phases: str) -> GoStruct:
    return GoStruct("controller.TaskResults", {phase: phase in phases for phase in PHASES})


EXPRESSION_ENV: dict[str, object] = {
    "s": "abc",
    "n": 5,
    "f": 1.5,
    "b": True,
    "u": None,
    "nothing": None,
    "m": {"a": 1, "b": "x", "d": {"e": "deep"}},
    "l": [1, 2, 3],
    "ms": [{"a": 1}, {"a": 2}],
    "x": {"q": 1},
    "t": task("Succeeded"),
    "t_1": task("Failed"),
}


def error_of(expression: str, env: dict[str, object]) -> str:
    with pytest.raises(GoError) as caught:
        evaluate(expression, env)
    return caught.value.text


@pytest.mark.facts("expressions.jsonl", "expression")
def test_answers_as_expr_lang(fact: dict[str, Any]) -> None:
    if "error" in fact:
        assert error_of(fact["expression"], EXPRESSION_ENV) == fact["error"]
    else:
        result = evaluate(fact["expression"], EXPRESSION_ENV)
        assert (type_name(result), format_value(result)) == (fact["type"], fact["value"])


def test_dependencies_are_judged_by_the_phases_of_tasks() -> None:
    tasks = {"a": task("Succeeded"), "b": task("Failed")}
    assert evaluate_bool("(a.Succeeded || a.Skipped) && b.Failed", tasks)
    assert not evaluate_bool("a.Succeeded && !b.Failed", tasks)


def test_a_task_named_like_an_operator_cannot_be_depended_upon() -> None:
    with pytest.raises(GoError) as caught:
        evaluate_bool("(in.Succeeded)", {"in": task("Succeeded")})
    assert caught.value.text == 'unexpected token Operator("in") (1:2)\n | (in.Succeeded)\n | .^'


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("1", "%!s(int=1)"),
        ("'yes'", "yes"),
        ("nil", "%!s(<nil>)"),
        ("1.5", "%!s(float64=1.5)"),
        ("{}", "map[]"),
    ],
)
def test_what_is_no_bool_cannot_be_cast(expression: str, shown: str) -> None:
    with pytest.raises(GoError) as caught:
        evaluate_bool(expression, {})
    assert caught.value.text == f"unable to cast expression result '{shown}' to bool"


def test_run_time_errors_of_conditions_name_the_expression() -> None:
    with pytest.raises(GoError) as caught:
        evaluate_bool("m.x.y", {"m": {}})
    text = "unable to evaluate expression 'm.x.y': cannot fetch y from <nil> (1:5)\n | m.x.y\n | ....^"
    assert caught.value.text == text


def test_a_name_of_the_environment_takes_the_place_of_a_function() -> None:
    assert evaluate("split == 1", {"split": 1}) is True
    assert evaluate("::split('a b', ' ')", {"split": 1}) == ["a", "b"]


def test_the_same_expression_is_compiled_anew_for_other_types() -> None:
    assert evaluate("x + x", {"x": 1}) == 2
    assert evaluate("x + x", {"x": "a"}) == "aa"
    assert error_of("x + x", {"x": True}).startswith("invalid operation: + (mismatched types bool and bool)")
    assert error_of("x + x", {}).startswith("unknown name x (1:1)")


def test_an_artifact_comes_back_as_the_callers_own_object() -> None:
    artifact = GoStruct("v1alpha1.Artifact", {"name": "model"}, origin=object())
    chosen = evaluate("yes ? steps.a : nil", {"yes": True, "steps": {"a": artifact}})
    assert chosen is artifact


def test_conditions_of_hundreds_of_tasks_are_no_matter_of_depth() -> None:
    tasks: dict[str, object] = {f"t{number}": task("Succeeded") for number in range(1000)}
    assert evaluate(" && ".join(f"{name}.Succeeded" for name in tasks), tasks) is True


@pytest.mark.parametrize(
    "expression", ["(" * 200 + "1" + ")" * 200, "[" * 200 + "]" * 200, "!" * 200 + "true"]
)
def test_deep_nesting_is_refused_in_our_own_words(expression: str) -> None:
    assert error_of(expression, {}).startswith("fake_kfp: this expression is nested more than 60 levels deep")


@pytest.mark.parametrize("expression", ["1..2000000", "repeat('ab', 600000)", "map(1..999999, 1..2)"])
def test_memory_is_bounded_as_in_the_library(expression: str) -> None:
    assert error_of(expression, {}).startswith("memory budget exceeded")


def test_time_is_not_told() -> None:
    assert error_of("now()", {}).startswith("fake_kfp: now() is not modelled")


@given(st.text(max_size=80))
def test_any_text_is_a_value_or_an_expression_error(text: str) -> None:
    with suppress(GoError):
        evaluate(text, EXPRESSION_ENV)


WORDS = ["s", "n", "l", "m", "t", "nil", "1", "2.5", "'x'", "map", "filter", "len", "#", ".a", "let", "not"]
MARKS = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "+",
    "-",
    "*",
    "/",
    "==",
    "<",
    "in",
    "and",
    "||",
    "??",
    "?.",
    "?",
    ":",
    ",",
    "|",
    "..",
    ";",
]


@given(st.lists(st.sampled_from([*WORDS, *MARKS]), max_size=14))
def test_any_mixture_of_tokens_is_a_value_or_an_expression_error(parts: list[str]) -> None:
    with suppress(GoError):
        evaluate(" ".join(parts), EXPRESSION_ENV)


@given(st.integers(min_value=0, max_value=2**63 - 1))
def test_integers_mean_themselves(number: int) -> None:
    assert evaluate(str(number), {}) == number
    assert evaluate(hex(number), {}) == number


@given(st.floats(min_value=0, allow_nan=False, allow_infinity=False))
def test_floats_mean_themselves(number: float) -> None:
    assert evaluate(repr(number), {}) == number


@given(st.text(st.characters(exclude_characters="`", exclude_categories=["Cs"])))
def test_raw_strings_mean_themselves(text: str) -> None:
    assert evaluate(f"`{text}`", {}) == text


@given(st.lists(st.integers(min_value=-100, max_value=100), max_size=8))
def test_predicates_agree_with_their_definitions(numbers: list[int]) -> None:
    env: dict[str, object] = {"l": numbers}
    assert evaluate("filter(l, # > 0)", env) == [number for number in numbers if number > 0]
    assert evaluate("len(filter(l, # > 0)) == count(l, # > 0)", env) is True
    assert evaluate("sum(l) == reduce(l, #acc + #, 0)", env) is True
    assert evaluate("sort(l)", env) == sorted(numbers)
    assert evaluate("any(l, # > 0) == !none(l, # > 0)", env) is True
