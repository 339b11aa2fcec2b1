"""Parameter values and their texts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.golang.errors import GoError
from fake_kfp.ir.values import NIL, kind_of, read_json, text_of, value_of

_SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5)
_VALUES = st.recursive(
    _SCALARS | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
_TYPES = {
    "string": "STRING",
    "number": "NUMBER_DOUBLE",
    "bool": "BOOLEAN",
    "list": "LIST",
    "struct": "STRUCT",
}


@given(_VALUES)
def test_what_was_written_as_a_text_is_read_as_the_same_value(value: Any) -> None:
    if value is not None:
        assert value_of(text_of(value), _TYPES[kind_of(value)]) == value


@given(_VALUES)
def test_json_is_read_as_it_is_but_for_whole_numbers(value: Any) -> None:
    assert read_json(json.dumps(value)) == value


@given(st.text(max_size=8), st.sampled_from([*_TYPES.values(), "NUMBER_INTEGER", "TASK_FINAL_STATUS", ""]))
def test_any_text_is_a_value_or_a_complaint_that_quotes_it(text: str, type: str) -> None:
    complaint = ""
    try:
        value_of(text, type)
    except GoError as error:
        complaint = error.text
    assert not complaint or f'type="{type}") failed: ' in complaint.removeprefix("TextToPbValue(text=")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (NIL, ""),
        (1e21, "1000000000000000000000"),
        (1e-7, "0.0000001"),
        (-0.5, "-0.5"),
        (True, "true"),
    ],
)
def test_texts_of_values(value: Any, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(("text", "value"), [(" 7\n", 7), ("-3", -3), ("9007199254740993", 9007199254740992)])
def test_integers_are_doubles(text: str, value: int) -> None:
    assert value_of(text, "NUMBER_INTEGER") == value
