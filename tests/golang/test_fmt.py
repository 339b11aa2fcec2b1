from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.fmt import format_value, sprintf
from fake_kfp.golang.quoting import quote


@pytest.mark.facts("formats.jsonl", "layout")
def test_formats_as_sprintf(fact: dict[str, Any]) -> None:
    assert sprintf(fact["layout"], *fact["values"]) == fact["result"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "<nil>"),
        (True, "true"),
        (1.0, "1"),
        (100000.0, "100000"),
        (1000000.0, "1e+06"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (-0.0, "-0"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (math.nan, "NaN"),
        ([1, "a b", None], "[1 a b <nil>]"),
        ({"b": 1, "a": [True]}, "map[a:[true] b:1]"),
    ],
)
def test_values_are_shown_as_go_shows_them(value: object, shown: str) -> None:
    assert format_value(value) == shown


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('a"b\\', r'"a\"b\\"'),
        ("\a\b\f\n\r\t\v", r'"\a\b\f\n\r\t\v"'),
        ("\x00\x1f\x7f", r'"\x00\x1f\x7f"'),
        ("é日😀", '"é日😀"'),
        ("\u200b\u2028\ufeff", r'"\u200b\u2028\ufeff"'),
        ("\U000e0001", r'"\U000e0001"'),
        ("\x80\xa0", r'"\u0080\u00a0"'),
    ],
)
def test_quotes_as_strconv(text: str, quoted: str) -> None:
    assert quote(text) == quoted


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_read_back_as_they_were(number: float) -> None:
    assert float(format_value(number)) == number


@given(
    st.text(),
    st.lists(st.one_of(st.integers(), st.text(), st.floats(), st.booleans(), st.none()), max_size=3),
)
def test_any_layout_can_be_formatted(layout: str, values: list[object]) -> None:
    assert isinstance(sprintf(layout, *values), str)


def test_a_text_is_measured_before_it_is_made() -> None:
    assert len(sprintf("%999999d", 1)) == 999_999
    for layout in ("%999999d%999999d", "%.999999f%9d", "%500000s%500001s"):
        with pytest.raises(GoError, match=r"^fake_kfp: formatted texts are limited to 1000000 characters"):
            sprintf(layout, 1, 2)
    assert sprintf("%9999999d" * 3, 1, 2, 3).count("BADWIDTH") == 3
