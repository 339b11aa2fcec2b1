from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.expressions import humanize_duration, parse_duration
from fake_kfp.golang.errors import GoError


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (0.5, "0 seconds"),
        (1, "1 second"),
        (1.5, "1 second"),
        (2, "2 seconds"),
        (59.9, "59 seconds"),
        (60, "1 minute 0 seconds"),
        (61, "1 minute 1 seconds"),
        (119, "1 minute 59 seconds"),
        (120, "2 minutes 0 seconds"),
        (3599, "59 minutes 59 seconds"),
        (3600, "1 hour 0 minutes"),
        (7199, "1 hour 59 minutes"),
        (86399, "23 hours 59 minutes"),
        (86400, "1 day 0 hours"),
        (100000, "1 day 3 hours"),
        (604799, "6 days 23 hours"),
        (604800, "1 week 0 hours"),
        (1209600, "2 weeks 0 hours"),
        (2592000, "1 month 0 hours"),
        (5184000, "2 months 0 hours"),
        (31104000, "1 year 0 hours"),
        (46656000, "2 years 0 hours"),
        (40 * 31104000, "a long while 0 hours"),
        (-90, "1 minute"),
    ],
)
def test_durations_are_put_into_words(seconds: float, words: str) -> None:
    assert humanize_duration(seconds) == words


def test_plain_digits_are_seconds() -> None:
    assert parse_duration("90") == 90
    assert parse_duration("-5") == -5
    assert parse_duration("1m30s") == 90


def test_argo_says_what_it_could_not_read() -> None:
    with pytest.raises(GoError) as caught:
        parse_duration("soon")
    assert caught.value.text == 'unable to parse soon as a duration: time: invalid duration "soon"'


@given(st.text())
def test_any_text_is_a_duration_or_an_expression_error(text: str) -> None:
    with suppress(GoError):
        assert isinstance(parse_duration(text), float)


@given(
    st.integers(min_value=0, max_value=200),
    st.integers(min_value=0, max_value=59),
    st.integers(min_value=0, max_value=59),
)
def test_units_add_up(hours: int, minutes: int, seconds: int) -> None:
    assert parse_duration(f"{hours}h{minutes}m{seconds}s") == hours * 3600 + minutes * 60 + seconds
