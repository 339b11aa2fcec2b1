from __future__ import annotations

import json
import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.expressions import Item, parse_json_list
from fake_kfp.expressions.items import LIST, MAP, NUMBER, STRING, parse_item
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.json_values import marshal, unmarshal

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.facts("json_errors.jsonl", "text")
def test_errors_are_those_of_encoding_json(fact: dict[str, Any]) -> None:
    with pytest.raises(GoError) as caught:
        unmarshal(fact["text"])
    assert caught.value.text == fact["error"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": "<&>"}, '{"a":"\\u003c\\u0026\\u003e","b":1}'),
        ([1.0, 1e21, 1e20, 1e-7, 0.000001, -0.0], "[1,1e+21,100000000000000000000,1e-7,0.000001,-0]"),
        ("\u2028\x00\x7f", '"\\u2028\\u0000\x7f"'),
        ([[], {}, None, True], "[[],{},null,true]"),
    ],
)
def test_values_are_encoded_as_by_json_marshal(value: object, text: str) -> None:
    assert marshal(value) == text


def test_infinite_numbers_have_no_json() -> None:
    with pytest.raises(GoError, match=r"^json: unsupported value: \+Inf$"):
        marshal(math.inf)


@given(JSON)
def test_what_is_marshalled_reads_back(value: object) -> None:
    assert unmarshal(marshal(value)) == value


@given(st.text())
def test_any_text_is_a_value_or_an_expression_error(text: str) -> None:
    with suppress(GoError):
        unmarshal(text)


@given(JSON, st.integers(min_value=0))
def test_a_cut_off_text_ends_unexpectedly(value: object, cut: int) -> None:
    text = json.dumps([value])
    with pytest.raises(GoError) as caught:
        unmarshal(text[: cut % len(text)])
    assert caught.value.text == "unexpected end of JSON input" or "invalid character ' '" in caught.value.text


@pytest.mark.parametrize(
    ("text", "word"), [("{}", "object"), ('"x"', "string"), (" 1 ", "number"), ("true", "bool")]
)
def test_only_lists_are_lists(text: str, word: str) -> None:
    with pytest.raises(GoError) as caught:
        parse_json_list(text)
    assert caught.value.text == f"json: cannot unmarshal {word} into Go value of type []v1alpha1.Item"


def test_null_is_a_list_of_nothing() -> None:
    assert parse_json_list("null") == []


def test_items_keep_their_text() -> None:
    items = parse_json_list('[1.0, "a\\"b", { "b" : [1, 2], "a" : "<" }, [ 1 , "x" ], null, 1e3]')
    assert [str(item) for item in items] == ["1.0", 'a\\"b', '{"b":[1,2],"a":"<"}', '[1,"x"]', "null", "1e3"]
    assert [item.kind for item in items] == [NUMBER, STRING, MAP, LIST, LIST, NUMBER]
    assert items[2].json == '{"a":"\\u003c","b":[1,2]}'


def test_maps_and_lists_open_up() -> None:
    item = parse_item('{"b": {"x": 1}, "a": [true, {}]}')
    assert {key: str(value) for key, value in item.map_items().items()} == {"a": "[true,{}]", "b": '{"x":1}'}
    assert parse_item('[1, [2, 3], "c"]').list_items() == [Item("1"), Item("[2, 3]"), Item('"c"')]


@given(st.lists(JSON, max_size=4))
def test_lists_come_apart_into_their_elements(values: list[object]) -> None:
    assert [json.loads(item.raw) for item in parse_json_list(json.dumps(values, indent=1))] == values
