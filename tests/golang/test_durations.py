import pytest

from fake_kfp.golang.durations import DurationError, parse_duration


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("1h30m", 5400000000000),
        ("1.5h", 5400000000000),
        ("-1m", -60000000000),
        ("+2s", 2000000000),
        (".5s", 500000000),
        ("1.s", 1000000000),
        ("9223372036854775807ns", 9223372036854775807),
        ("-9223372036854775808ns", -9223372036854775808),
        ("1µs", 1000),
        ("0", 0),
        ("-0", 0),
        ("1us1ms", 1001000),
    ],
)
def test_durations_are_read_as_by_go(text: str, nanoseconds: int) -> None:
    assert parse_duration(text) == nanoseconds


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", 'time: invalid duration ""'),
        ("5", 'time: missing unit in duration "5"'),
        ("x", 'time: invalid duration "x"'),
        ("1x", 'time: unknown unit "x" in duration "1x"'),
        (".s", 'time: invalid duration ".s"'),
        ("3000000h", 'time: invalid duration "3000000h"'),
        ("1h 2m", 'time: unknown unit "h " in duration "1h 2m"'),
        ("9223372036854775808ns", 'time: invalid duration "9223372036854775808ns"'),
        ("00", 'time: missing unit in duration "00"'),
        ("1é", 'time: unknown unit "\\xc3\\xa9" in duration "1\\xc3\\xa9"'),
    ],
)
def test_bad_durations_are_refused_in_gos_words(text: str, error: str) -> None:
    with pytest.raises(DurationError) as caught:
        parse_duration(text)
    assert str(caught.value) == error
