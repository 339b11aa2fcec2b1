from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.regexp import compile_regex, quote_meta


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("^abc$", "abc\n", False),
        ("(?m)^b$", "a\nb", True),
        ("(?i)ABC", "abc", True),
        ("a(?i)B", "ab", True),
        ("a(?i:B)c", "aBC", False),
        ("(?s)a.b", "a\nb", True),
        ("a.b", "a\nb", False),
        (r"\d", "٣", False),
        (r"^\s$", "\v", False),
        ("[[:alpha:]]+", "123", False),
        (r"[\d-]+", "-", True),
        ("[]a]", "]", True),
        (r"\Qa.b\E", "axb", False),
        (r"\x{1F600}", "😀", True),
        (r"\z", "", True),
        ("(?P<n>a)(?<m>b)", "ab", True),
        ("a{2}", "aa", True),
        ("a{,2}", "a{,2}", True),
        ("x*", "", True),
    ],
)
def test_patterns_mean_what_they_mean_in_go(pattern: str, text: str, found: bool) -> None:
    assert compile_regex(pattern).matches(text) is found


@pytest.mark.parametrize(
    ("pattern", "error"),
    [
        ("(a", "missing closing ): `(a`"),
        ("a)", "unexpected ): `a)`"),
        ("[a", "missing closing ]: `[a`"),
        ("[z-a]", "invalid character class range: `z-a`"),
        ("*", "missing argument to repetition operator: `*`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("a{2000}", "invalid repeat count: `{2000}`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ("\\", "trailing backslash at end of expression: ``"),
        (r"\y", r"invalid escape sequence: `\y`"),
    ],
)
def test_bad_patterns_are_refused_in_gos_words(pattern: str, error: str) -> None:
    with pytest.raises(GoError) as caught:
        compile_regex(pattern)
    assert caught.value.text == f"error parsing regexp: {error}"


def test_unicode_classes_say_that_they_are_left_out() -> None:
    with pytest.raises(GoError, match=r"^fake_kfp: this part of a regular expression is not modelled"):
        compile_regex(r"\p{Greek}")


@given(st.text(max_size=30), st.text(max_size=20))
def test_any_pattern_matches_or_is_an_expression_error(pattern: str, text: str) -> None:
    with suppress(GoError):
        compile_regex(pattern).matches(text)


@given(
    st.lists(
        st.sampled_from(
            ["a", ".", "*", "+", "?", "(", ")", "[", "]", "|", "\\", "{2,}", "^", "$", "-", "(?i)"]
        ),
        max_size=10,
    )
)
def test_any_mixture_of_pattern_parts_matches_or_is_an_expression_error(parts: list[str]) -> None:
    with suppress(GoError):
        compile_regex("".join(parts)).matches("aaa.a-a")


@given(st.text(st.characters(codec="utf-8")))
def test_a_quoted_text_finds_itself(text: str) -> None:
    assert compile_regex(quote_meta(text)).matches(f"<{text}>")
