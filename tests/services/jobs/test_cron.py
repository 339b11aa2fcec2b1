"""Cron lines: what they mean, and which ones are refused in which words."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fake_kfp.services.jobs import cron

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
LOWS_AND_HIGHS = {
    "second": (0, 59),
    "minute": (0, 59),
    "hour": (0, 23),
    "day": (1, 31),
    "month": (1, 12),
    "weekday": (0, 6),
}


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text + "+00:00").timestamp())


def shown(moment: int | None) -> str | None:
    return None if moment is None else (EPOCH + timedelta(seconds=moment)).strftime("%Y-%m-%dT%H:%M:%S")


@pytest.mark.parametrize(
    ("line", "after", "due"),
    [
        ("0 0 12 * * *", "2024-01-01T12:00:00", "2024-01-02T12:00:00"),
        ("0 0 12 * * *", "2024-01-01T11:59:59", "2024-01-01T12:00:00"),
        (
            "30 * * * *",
            "2024-01-01T00:00:30",
            "2024-01-01T00:01:30",
        ),  # five fields: seconds first, any weekday
        ("@hourly", "2024-01-01T00:00:00", "2024-01-01T01:00:00"),
        ("@daily", "2024-01-01T00:00:00", "2024-01-02T00:00:00"),
        ("@midnight", "2024-01-01T00:00:00", "2024-01-02T00:00:00"),
        ("@weekly", "2024-01-01T00:00:00", "2024-01-07T00:00:00"),
        ("@monthly", "2024-01-01T00:00:00", "2024-02-01T00:00:00"),
        ("@yearly", "2024-01-01T00:00:00", "2025-01-01T00:00:00"),
        ("@annually", "2024-01-01T00:00:00", "2025-01-01T00:00:00"),
        ("@every 1h30m", "2024-01-01T00:10:00", "2024-01-01T01:40:00"),
        ("@every 90500ms", "2024-01-01T00:00:00", "2024-01-01T00:01:30"),  # parts of seconds don't count
        ("@every 1ms", "2024-01-01T00:00:00", "2024-01-01T00:00:01"),
        ("@every -5m", "2024-01-01T00:00:00", "2024-01-01T00:00:01"),
        ("0 0 0 29 2 *", "2024-03-01T00:00:00", "2028-02-29T00:00:00"),
        ("0 0 0 13 * FRI", "2024-01-01T00:00:00", "2024-01-05T00:00:00"),  # the 13th or a Friday
        ("0 0 0 */13 * FRI", "2024-01-01T00:00:00", "2024-03-01T00:00:00"),  # a star: both
        ("0 0 0 ? jan-Mar MON-wed", "2024-03-27T00:00:00", "2025-01-01T00:00:00"),
        ("0 58/1 * * * *", "2024-01-01T00:00:00", "2024-01-01T00:58:00"),  # N/step runs to the field's end
        ("*-nonsense * * * *", "2024-01-01T00:00:00", "2024-01-01T00:00:01"),  # nothing after a star is read
    ],
)
def test_a_line_says_when_it_is_due_next(line: str, after: str, due: str) -> None:
    assert shown(cron.parse(line).next(seconds(after))) == due


@pytest.mark.parametrize("line", ["0 0 0 31 2 *", ", * * * * *", "0 0 0 , , ,"])
def test_some_lines_are_never_due(line: str) -> None:
    assert cron.parse(line).next(0) is None


def test_a_leap_day_beyond_five_years_is_never_due() -> None:
    assert cron.parse("0 0 0 29 2 *").next(seconds("2096-03-01T00:00:00")) is None


def test_nothing_is_due_after_the_last_year() -> None:
    assert cron.parse("* * * * * *").next(seconds("9999-12-31T23:59:59")) is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "Empty spec string"),
        (" ", "Expected 5 to 6 fields, found 0:  "),
        ("* * * *", "Expected 5 to 6 fields, found 4: * * * *"),
        ("1 2 3 4 5 6 7", "Expected 5 to 6 fields, found 7: 1 2 3 4 5 6 7"),
        ("@Daily", "Unrecognized descriptor: @Daily"),
        ("@every", "Unrecognized descriptor: @every"),
        ("@every x", 'Failed to parse duration @every x: time: invalid duration "x"'),
        ("@every 5", 'Failed to parse duration @every 5: time: missing unit in duration "5"'),
        ("60 * * * * *", "End of range (60) above maximum (59): 60"),
        ("* * * 0 * *", "Beginning of range (0) below minimum (1): 0"),
        ("5-3 * * * * *", "Beginning of range (5) beyond end of range (3): 5-3"),
        ("*/0 * * * * *", "Step of range should be a positive number: */0"),
        ("*/-2 * * * * *", "Negative number (-2) not allowed: -2"),
        ("1-2-3 * * * * *", "Too many hyphens: 1-2-3"),
        ("1/2/3 * * * * *", "Too many slashes: 1/2/3"),
        ("-5 * * * * *", 'Failed to parse int from : strconv.Atoi: parsing "": invalid syntax'),
        ("a * * * * *", 'Failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'),
        ("mon * * * * *", 'Failed to parse int from mon: strconv.Atoi: parsing "mon": invalid syntax'),
        (
            "99999999999999999999 * * * * *",
            "Failed to parse int from 99999999999999999999: "
            'strconv.Atoi: parsing "99999999999999999999": value out of range',
        ),
    ],
)
def test_a_bad_line_is_refused_in_the_words_of_robfig_cron(line: str, words: str) -> None:
    with pytest.raises(cron.CronError) as refusal:
        cron.parse(line)
    assert str(refusal.value) == words


@st.composite
def fields(draw: st.DrawFn, low: int, high: int) -> str:
    """One field of a line: a star, or a few numbers, ranges and steps."""
    first = draw(st.integers(low, high))
    last = draw(st.integers(first, high))
    step = draw(st.integers(1, 20))
    return draw(
        st.sampled_from(
            ["*", "?", f"*/{step}", f"{first}", f"{first}-{last}", f"{first}/{step}", f"{first},{last}"]
        )
    )


def line_of(kinds: dict[str, tuple[int, int]]) -> st.SearchStrategy[str]:
    return st.tuples(*[fields(*bounds) for bounds in kinds.values()]).map(" ".join)


LINES = line_of(LOWS_AND_HIGHS)
MOMENTS = st.integers(0, 4_000_000_000)


def admits(line: str, moment: int) -> bool:
    """A model of one line: whether it is due at that second, read field by field from the text."""
    at = EPOCH + timedelta(seconds=moment)
    actual = [at.second, at.minute, at.hour, at.day, at.month, at.isoweekday() % 7]
    texts = line.split()
    fits = [
        value in numbers(text, *bounds)
        for text, value, bounds in zip(texts, actual, LOWS_AND_HIGHS.values(), strict=True)
    ]
    either_day = not any(text[0] in "*?" for text in (texts[3], texts[5]))
    days = fits[3] or fits[5] if either_day else fits[3] and fits[5]
    return fits[0] and fits[1] and fits[2] and days and fits[4]


def numbers(text: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        start = low if first in "*?" else int(first)
        end = int(last) if last else high if first in "*?" or step else start
        found.update(range(start, end + 1, int(step or 1)))
    return found


@given(LINES, MOMENTS)
def test_due_times_fit_the_fields_and_only_grow(line: str, moment: int) -> None:
    schedule = cron.parse(line)
    for _ in range(5):
        due = schedule.next(moment)
        if due is None:
            break
        assert due > moment
        assert admits(line, due)
        moment = due


@given(LINES, MOMENTS)
def test_no_second_before_the_due_time_fits(line: str, moment: int) -> None:
    due = cron.parse(line).next(moment)
    assume(due is not None and due - moment < 3600)
    assert due is not None
    assert not any(admits(line, second) for second in range(moment + 1, due))


@given(line_of({"day": (1, 31), "month": (1, 12), "weekday": (0, 6)}), st.integers(0, 40_000))
def test_no_day_before_the_due_day_fits(days: str, day: int) -> None:
    midnights = f"0 0 0 {days}"
    due = cron.parse(midnights).next(day * 86400)
    last = day + 4 * 365 if due is None else due // 86400 - 1
    assert not any(admits(midnights, later * 86400) for later in range(day + 1, min(last, day + 800) + 1))
