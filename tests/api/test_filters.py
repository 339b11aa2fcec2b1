import json
from typing import Any

import pytest

from fake_kfp.api.filters import V1BETA1, V2BETA1, decode_filter, filter_predicates
from fake_kfp.errors import Code, KfpError
from fake_kfp.store.lists.filters import Predicate


def decode(**predicate: Any) -> Predicate:
    (decoded,) = decode_filter(json.dumps({"predicates": [predicate]}), V1BETA1)
    return decoded


def test_no_text_is_no_filter() -> None:
    assert filter_predicates("", V1BETA1) is None
    assert decode_filter("{}", V1BETA1) == []


@pytest.mark.parametrize(
    ("value", "decoded", "type"),
    [
        ({"string_value": "x"}, "x", "string"),
        ({"int_value": 1}, 1, "int32"),
        ({"long_value": "2"}, 2, "int64"),
        ({"timestamp_value": "1970-01-01T00:00:01.9Z"}, 1, "int64"),
        ({"string_values": {"values": ["a", "b"]}}, ("a", "b"), "[]string"),
        ({"int_values": {"values": [1]}}, (1,), "[]int32"),
        ({"long_values": {}}, (), "[]int64"),
        ({}, None, "<nil>"),
    ],
)
def test_every_kind_of_value(value: dict[str, Any], decoded: Any, type: str) -> None:
    assert decode(op="IN", key="k", **value) == Predicate("k", "IN", decoded, type)


def test_old_spellings_are_taken_too() -> None:
    assert decode(op="EQUALS", key="k", stringValue="x").value == "x"


def test_operations_go_by_name_or_number() -> None:
    assert decode(op=9, key="k").operation == "IS_SUBSTRING"
    assert decode(op=4, key="k").operation == 4
    assert decode(key="k").operation == "UNKNOWN"


def test_the_text_is_url_decoded_once_more() -> None:
    text = '{"predicates":[{"key":"k","string_value":"a+b%2Bc%25"}]}'
    assert decode_filter(text, V1BETA1)[0].value == "a b+c%"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("%zz", 'invalid URL escape "%zz"'),
        ("%2", 'invalid URL escape "%2"'),
        ("100%", 'invalid URL escape "%"'),
    ],
)
def test_a_lone_percent_sign_is_refused(text: str, reason: str) -> None:
    with pytest.raises(KfpError) as caught:
        decode_filter(text, V1BETA1)
    assert (
        caught.value.message == f'Invalid input error: failed to parse valid filter from "{text}": {reason}'
    )


@pytest.mark.parametrize("text", ["zzz", '{"x": 1}', '{"predicates": 1}', "[]"])
def test_what_is_no_filter_is_quoted(text: str) -> None:
    with pytest.raises(KfpError) as caught:
        decode_filter(text, V1BETA1)
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert "failed to parse valid filter from " + json.dumps(text) in caught.value.message


def test_v2beta1_calls_its_operations_otherwise() -> None:
    text = '{"predicates": [{"operation": "EQUALS", "key": "k", "string_value": "x"}]}'
    assert decode_filter(text, V2BETA1) == [
        Predicate("k", "EQUALS", "x", "string", "go_client.Predicate_Operation")
    ]
    with pytest.raises(KfpError, match='unknown field "op"'):
        decode_filter(text.replace("operation", "op"), V2BETA1)
