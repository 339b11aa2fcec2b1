from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.regexp import Match, Regex, compile_regex, quote_meta


def groups(regex: Regex, match: Match | None) -> list[int]:
    """Where a match and its groups are, one place behind the other."""
    if match is None:
        return []
    return [place for number in range(len(regex.names)) for place in match.span(number) or (-1, -1)]


@pytest.mark.facts("regexps.jsonl", "pattern")
def test_patterns_match_replace_and_split_as_in_go(fact: dict[str, Any]) -> None:
    text, count, result = fact["text"], fact["count"], fact.get("result")
    if result is None:
        with pytest.raises(GoError) as refused:
            compile_regex(fact["pattern"])
        assert refused.value.text == fact["error"]
        return
    regex = compile_regex(fact["pattern"])
    assert regex.matches(text) == bool(result["groups"])
    assert groups(regex, regex.find(text)) == result["groups"]
    assert [[match.start, match.end] for match in regex.find_all(text, count)] == result["all"]
    assert "".join(regex.replaced(text, fact["replacement"])) == result["replaced"]
    assert "".join(regex.replaced_literally(text, fact["replacement"])) == result["literally"]
    assert regex.split(text, count) == result["split"]


PLAIN = st.recursive(
    st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\b", "^", "$", ""]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}|{two[1]})"),
        st.tuples(inner, st.sampled_from(["?", "??", "{2}"])).map(lambda two: f"({two[0]}){two[1]}"),
    ),
    max_leaves=8,
)


@given(PLAIN, st.text("abc ", max_size=12))
def test_without_loops_the_first_match_is_that_of_a_backtracking_matcher(pattern: str, text: str) -> None:
    expected = re.search(pattern.replace("$", r"\Z"), text, re.ASCII)
    regex = compile_regex(pattern)
    found = regex.find(text)
    assert (found and (found.start, found.end)) == (expected and expected.span())
    assert regex.matches(text) == (expected is not None)


@pytest.mark.parametrize(
    ("name", "members", "others"),
    [
        ("L", "aλ字", "1 _"),
        ("Lu", "AΣ", "aσ1"),
        ("Nd", "1٣", "aⅧ"),
        ("P", "._-", "a$"),
        ("Greek", "αΩ", "aя"),
        ("Han", "字", "あ"),
        ("C", "\0\ue000", "a\u0378"),
        ("Any", "a\0\U0010ffff", ""),
    ],
)
def test_unicode_classes_are_gos_categories_and_scripts(name: str, members: str, others: str) -> None:
    assert all(compile_regex(rf"\p{{{name}}}").matches(letter) for letter in members)
    assert not any(compile_regex(rf"\p{{{name}}}").matches(letter) for letter in others)
    assert all(compile_regex(rf"[\P{{{name}}}]").matches(letter) for letter in others)


def test_what_would_be_too_large_is_refused_before_it_is_made() -> None:
    with pytest.raises(
        GoError, match=r"^fake_kfp: this regular expression makes more than 20000 instructions"
    ):
        compile_regex("(abcdefghijklmnopqrstuvwxyz){1000}")
    with pytest.raises(GoError, match=r"^fake_kfp: regular expressions are limited to 10000 characters"):
        compile_regex("a" * 10_001)


def test_matching_has_a_budget() -> None:
    """Linear as it is, a long pattern makes a long way of a long text."""
    with pytest.raises(GoError, match=r"^fake_kfp: matching this regular expression takes more than"):
        compile_regex("[01]*1[01]{900}x").matches(f"{3**9000:b}")


@given(st.text(max_size=30), st.text(max_size=20))
def test_any_pattern_matches_or_is_an_expression_error(pattern: str, text: str) -> None:
    with suppress(GoError):
        compile_regex(pattern).matches(text)


@given(
    st.lists(
        st.sampled_from(
            [
                "a",
                ".",
                "*",
                "+",
                "?",
                "(",
                ")",
                "[",
                "]",
                "|",
                "\\",
                "{2,}",
                "^",
                "$",
                "-",
                "(?i)",
                "\\p",
                "{",
            ]
        ),
        max_size=10,
    )
)
def test_any_mixture_of_pattern_parts_matches_or_is_an_expression_error(parts: list[str]) -> None:
    with suppress(GoError):
        compile_regex("".join(parts)).find("aaa.a-a")


@given(st.text(st.characters(codec="utf-8")))
def test_a_quoted_text_finds_itself(text: str) -> None:
    assert compile_regex(quote_meta(text)).matches(f"<{text}>")
