from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.expressions import should_execute
from fake_kfp.expressions.govaluate import evaluate
from fake_kfp.golang.errors import GoError

SYMBOLS = [
    "==",
    "!=",
    "<",
    ">=",
    "&&",
    "||",
    "in",
    "=~",
    "(",
    ")",
    "?",
    ":",
    "??",
    "+",
    "-",
    "**",
    "!",
    ",",
    "[",
    "'",
]


@pytest.mark.facts("when.jsonl", "when")
def test_answers_as_govaluate_behind_argo(fact: dict[str, Any]) -> None:
    if "error" in fact:
        with pytest.raises(GoError) as caught:
            should_execute(fact["when"])
        assert caught.value.text == fact["error"]
    else:
        assert should_execute(fact["when"]) is fact["value"]


def test_an_empty_condition_lets_the_task_run() -> None:
    assert should_execute("")


def test_an_unknown_token_comes_with_a_hint() -> None:
    with pytest.raises(GoError) as caught:
        should_execute("a === b")
    assert caught.value.text == (
        "Invalid 'when' expression 'a === b': Invalid token: '===' "
        '(hint: try wrapping the affected expression in quotes ("))'
    )


def test_bare_words_are_strings() -> None:
    assert evaluate("foo + bar") == "foobar"


def test_strings_that_look_like_times_are_seconds() -> None:
    assert evaluate("'1970-01-02' + 0") == 86400.0
    assert should_execute("'2024-01-01T10:00:00Z' < '2024-01-01T10:00:00.5+00:00' == false")


@pytest.mark.parametrize("symbol", ["||", "&&", "+", "=="])
def test_long_conditions_are_no_matter_of_depth(symbol: str) -> None:
    with_value = "true" if symbol in ("||", "&&") else "1"
    text = f" {symbol} ".join([with_value] * 1500)
    assert evaluate(text) in (True, False, 1500.0)


def test_deep_nesting_is_refused_in_our_own_words() -> None:
    with pytest.raises(GoError, match=r"^fake_kfp: this condition is nested more than 60 levels deep"):
        should_execute("(" * 100 + "1" + ")" * 100)


def test_patterns_that_backtrack_elsewhere_are_matched() -> None:
    assert should_execute(f"'{'a' * 40}' =~ '^(a+)+$'")
    assert not should_execute(f"'{'a' * 40}!' =~ '^(a+)+$'")


@given(st.text(max_size=60))
def test_any_text_is_a_bool_or_an_expression_error(text: str) -> None:
    with suppress(GoError):
        assert isinstance(should_execute(text), bool)


@given(
    st.lists(st.sampled_from([*SYMBOLS, "1", "2.5", "foo", "'bar'", "true", "x.Y", "0x1F", " "]), max_size=12)
)
def test_any_mixture_of_tokens_is_a_value_or_an_expression_error(parts: list[str]) -> None:
    with suppress(GoError):
        evaluate(" ".join(parts))


@given(st.floats(min_value=0, max_value=1e15, allow_nan=False))
def test_numbers_mean_themselves(number: float) -> None:
    assert evaluate(format(number, "f")) == float(format(number, "f"))


@given(
    st.from_regex(r"[a-z][a-z _]{0,20}", fullmatch=True), st.from_regex(r"[a-z][a-z _]{0,20}", fullmatch=True)
)
def test_strings_compare_as_written(left: str, right: str) -> None:
    assert should_execute(f"'{left}' == '{right}'") is (left == right)
