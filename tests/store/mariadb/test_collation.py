"""Texts compare as in MariaDB's utf8mb4_general_ci: the facts here were read off a MariaDB 10.11."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.store.mariadb.collation import as_number, equal, like, sort_key, weights

ODD = st.text(alphabet="aAbB  \t\x00\x1f!_%\\éßÉsS.~\x7f\n", max_size=6)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("abc", "ABC"),
        ("é", "E"),
        ("ß", "s"),
        ("Ø", "ø"),
        ("ы", "Ӹ"),
        ("ａ", "Ａ"),
        ("x  ", "x"),
        ("", "   "),
        ("ﾂ", "ﾂ "),
    ],
)
def test_texts_that_are_the_same(one: str, other: str) -> None:
    assert equal(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("ß", "ss"), (" a", "a"), ("ø", "o"), ("đ", "d"), ("æ", "ae"), ("ａ", "a")]
)
def test_texts_that_differ(one: str, other: str) -> None:
    assert not equal(one, other)


@pytest.mark.parametrize(
    "ascending",
    [
        ["A\t", "A \t", "A", "a  b", "A b", "A\\"],
        ["", "!", "1", "a", "B", "c", "_", "~"],
        ["z", "æ", "ø", "Ω", "я", "中", "ａ"],
        ["a", "a\x20\x20!", "a!"],
    ],
)
def test_texts_are_ordered_as_in_the_database(ascending: list[str]) -> None:
    assert sorted(ascending, key=sort_key) == ascending


@given(ODD, ODD)
def test_the_shorter_text_goes_on_in_blanks(one: str, other: str) -> None:
    length = max(len(one), len(other)) + 1
    padded = [weights(text).ljust(length) for text in (one, other)]
    assert (sort_key(one) < sort_key(other)) == (padded[0] < padded[1])
    assert (sort_key(one) == sort_key(other)) == (padded[0] == padded[1])


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5x", 5),
        (" 7", 7),
        ("\t6", 6),
        ("-3e1x", -30),
        (".5", 0.5),
        ("5.", 5),
        ("+4", 4),
        ("", 0),
        ("abc", 0),
        ("0x10", 0),
        ("inf", 0),
    ],
)
def test_a_text_counts_as_the_number_it_starts_with(text: str, number: float) -> None:
    assert as_number(text) == number


def test_a_number_too_large_is_the_largest() -> None:
    assert as_number("1e400") == 1.7976931348623157e308
    assert as_number("9007199254740993") == 9007199254740993


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("%lph%", "ALPHA"),
        ("%a_c%", "xABCx"),
        ("%", ""),
        ("a%c%e", "abcdcde"),
        ("%\\%%", "50% off"),
        ("%\\_%", "a_b"),
        ("%é%", "Cafe"),
        ("%\n%", "a\nb"),
        ("100\\", "100\\"),
        ("%a\\%", "ba%"),
    ],
)
def test_like_takes_wildcards_and_escapes(pattern: str, text: str) -> None:
    assert like(pattern)(text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("%a\\_c%", "abc"),
        ("_", ""),
        ("a", "a "),
        ("a%b", "ab c"),
        ("%\\%%", "50"),
        ("a%a", "a"),
        ("%ab%ba%", "aba"),
    ],
)
def test_like_does_not_take_more_than_it_says(pattern: str, text: str) -> None:
    assert not like(pattern)(text)


def test_like_takes_no_time_for_many_wildcards() -> None:
    assert not like("%a" * 40 + "%b")("a" * 5000)
