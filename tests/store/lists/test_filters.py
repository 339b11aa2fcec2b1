"""Filters: which are refused with which words, and which are the same."""

from __future__ import annotations

import pytest

from fake_kfp.errors import Code, KfpError
from fake_kfp.store.lists.filters import NO_VALUE, Filter, Predicate, make_filter
from fake_kfp.store.lists.schemas import EXPERIMENTS, RUNS


def text(key: str, operation: str | int, value: str) -> Predicate:
    return Predicate(key, operation, value, "string")


def refusal(*predicates: Predicate) -> KfpError:
    with pytest.raises(KfpError) as refused:
        on_runs(*predicates)
    assert refused.value.code == Code.INVALID_ARGUMENT
    return refused.value


def on_runs(*predicates: Predicate) -> Filter:
    made = make_filter(predicates)
    assert made is not None
    return made.with_columns(RUNS)


def test_no_predicates_are_no_filter() -> None:
    assert make_filter([]) is None


@pytest.mark.parametrize(
    ("predicate", "message"),
    [
        (Predicate("name", "IN", "a", "string"), "cannot use IN operator with scalar type string"),
        (Predicate("name", "IN", 1, "int32"), "cannot use IN operator with scalar type int32"),
        (
            Predicate("name", "EQUALS", ("a",), "[]string"),
            "cannot use scalar operator EQUALS on array type []string",
        ),
        (
            Predicate("name", "IS_SUBSTRING", 1, "int64"),
            "cannot use non string value type string with operator 1",
        ),
        (
            Predicate("name", "IS_SUBSTRING", ("a", "b"), "[]string"),
            "cannot use non string value type string with operator [a b]",
        ),
        (text("", "EQUALS", "x"), "Predicate key cannot be empty for operation EQUALS and value x"),
        (
            Predicate("", "IN", (1, 2), "[]int32"),
            "Predicate key cannot be empty for operation IN and value [1 2]",
        ),
        (text("createdAt", "EQUALS", "x"), 'no support for filtering on unrecognized field "createdAt"'),
        (text("metric:x", "EQUALS", "x"), 'no support for filtering on unrecognized field "metric:x"'),
    ],
)
def test_refused_predicates(predicate: Predicate, message: str) -> None:
    error = refusal(predicate)
    assert (error.message, error.detail) == (f"Invalid input error: {message}", message)


@pytest.mark.parametrize(
    ("predicate", "message"),
    [
        (text("name", 4, "x"), "Error using Filter.Predicate.Operation with go_client.Predicate_Op"),
        (
            Predicate("name", "UNKNOWN", "x", "string", "go_client.Predicate_Operation"),
            "Error using Filter.Predicate.Operation with go_client.Predicate_Operation",
        ),
        (Predicate("name", "EQUALS", None, NO_VALUE), "Error using Filter.Predicate.Value with <nil>"),
    ],
)
def test_predicates_without_operation_or_value(predicate: Predicate, message: str) -> None:
    error = refusal(predicate)
    assert (error.message, error.detail) == (f"UnknownApiVersionError: {message}", message)


def test_parts_of_all_predicates_are_checked_before_types() -> None:
    error = refusal(Predicate("name", "IN", 1, "int32"), text("name", 4, "x"))
    assert error.message.startswith("UnknownApiVersionError")


def test_keys_are_checked_by_operation() -> None:
    error = refusal(text("late", "IS_SUBSTRING", "x"), text("early", "EQUALS", "x"))
    assert '"early"' in error.message


def test_two_names_of_a_column_replace_each_other() -> None:
    made = make_filter([text("name", "EQUALS", "a"), text("display_name", "EQUALS", "b")])
    assert made is not None
    assert list(made.with_columns(EXPERIMENTS).items()) == [("EQ", "experiments.Name", "b")]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ([("name", "a")], [("display_name", "a")], True),
        ([("name", "a"), ("name", "b")], [("name", "b"), ("name", "a")], False),
        ([("name", "a"), ("id", "b")], [("id", "b"), ("name", "a")], True),
        ([("name", "a")], [("name", "A")], False),
    ],
)
def test_filters_are_equal_whatever_the_order_of_their_keys(
    one: list[tuple[str, str]], other: list[tuple[str, str]], same: bool
) -> None:
    filters = [on_runs(*[text(key, "EQUALS", value) for key, value in pairs]) for pairs in (one, other)]
    assert (filters[0] == filters[1]) is same
