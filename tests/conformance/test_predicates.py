from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.conformance.models.predicates import admits, in_order, seconds, weight

FACTS = {"id": "i1", "name": "Älpha_1 ", "created_at": 100}


@pytest.mark.parametrize(
    ("predicate", "wanted"),
    [
        ({"op": "EQUALS", "key": "name", "string_value": "alpha_1"}, True),
        ({"op": "EQUALS", "key": "name", "string_value": " alpha_1"}, False),
        ({"op": "NOT_EQUALS", "key": "name", "string_value": "ALPHA_1"}, False),
        ({"op": "GREATER_THAN", "key": "created_at", "long_value": "99"}, True),
        ({"op": "LESS_THAN", "key": "created_at", "int_value": 100}, False),
        ({"op": "LESS_THAN_EQUALS", "key": "created_at", "timestamp_value": "1970-01-01T00:01:40Z"}, True),
        ({"op": "IN", "key": "name", "string_values": {"values": []}}, False),
        ({"op": "IN", "key": "created_at", "long_values": {"values": ["1", "100"]}}, True),
        ({"op": "IS_SUBSTRING", "key": "name", "string_value": "P_A"}, True),
        ({"op": "IS_SUBSTRING", "key": "name", "string_value": "a\\_1"}, True),
        ({"op": "IS_SUBSTRING", "key": "name", "string_value": "l\\_"}, False),
        ({"op": "IS_SUBSTRING", "key": "name", "string_value": "a%1"}, True),
    ],
)
def test_predicate_admits(predicate: dict[str, object], wanted: bool) -> None:
    assert admits({"predicates": [predicate]}, FACTS) is wanted


def test_all_predicates_must_hold() -> None:
    one = {"op": "EQUALS", "key": "id", "string_value": "i1"}
    other = {"op": "EQUALS", "key": "id", "string_value": "i2"}
    assert not admits({"predicates": [one, other]}, FACTS)
    assert admits({}, FACTS)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)))
def test_seconds_are_those_of_the_calendar(moment: datetime) -> None:
    text = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert seconds(text) == int(moment.replace(microsecond=0, tzinfo=timezone.utc).timestamp())


def test_ties_go_by_id_in_the_direction_of_the_order() -> None:
    records = [
        {"id": id, "name": name, "created_at": 1} for id, name in [("b", "x"), ("a", "X "), ("c", "w")]
    ]
    assert in_order(records, "name") == ["c", "a", "b"]
    assert in_order(records, " NAME desc") == ["b", "a", "c"]
    assert in_order(records, "") == ["a", "b", "c"]


def test_blanks_before_a_text_count() -> None:
    assert weight("a ") == weight("Ä") != weight(" a")
