"""Cron lines as KFP reads them: robfig/cron v1, five or six fields, seconds first, ``@daily``, ``@every 1h30m``.

A line of five fields leaves out the day of the week, not the seconds. Times are whole seconds since 1970, in UTC.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timezone
from functools import lru_cache
from typing import Protocol

from fake_kfp.golang.durations import DurationError, parse_duration
from fake_kfp.golang.strconv import NumError, atoi
from fake_kfp.golang.times import LAST_SECONDS


class CronError(ValueError):
    """A cron line that robfig/cron refuses, in its words."""


class Schedule(Protocol):
    """When something is due, again and again."""

    def next(self, after: int) -> int | None:
        """The first time later than ``after``; None where there is none within five years."""

    def latest(self, first: int, limit: int) -> int:
        """The last one, no later than ``limit``, of the times from ``first`` on; ``first`` where it is the only one."""


@dataclass(frozen=True, slots=True)
class Every:
    """``@every``: one time a whole number of seconds after the other."""

    seconds: int

    def next(self, after: int) -> int | None:
        return after + self.seconds

    def latest(self, first: int, limit: int) -> int:
        return first + max(0, limit - first) // self.seconds * self.seconds


@dataclass(frozen=True, slots=True)
class Field:
    """The values that one field admits; ``starred`` where any part of it is ``*`` or ``?`` (also ``*/2``)."""

    values: tuple[int, ...]
    starred: bool

    def __contains__(self, value: int) -> bool:
        return value in self.values


@dataclass(frozen=True, slots=True)
class Calendar:
    """A line of fields (``spec.go: SpecSchedule``)."""

    second: Field
    minute: Field
    hour: Field
    day: Field
    month: Field
    weekday: Field

    def next(self, after: int) -> int | None:
        if after >= LAST_SECONDS:
            return None
        start = datetime.fromtimestamp(after + 1, timezone.utc)
        earliest = start.time()
        for day in self._days(start.date()):
            moment = self._first_moment(earliest if day == start.date() else time())
            if moment is not None:
                return int(datetime.combine(day, moment, timezone.utc).timestamp())
        return None

    def latest(self, first: int, limit: int) -> int:
        # The next time only grows with the moment asked for, so halve the span.
        low, high = first - 1, limit
        while high - low > 1:
            middle = (low + high) // 2
            due = self.next(middle)
            if due is not None and due <= limit:
                low = middle
            else:
                high = middle
        return first if low < first else self.next(low) or first

    def _days(self, start: date) -> Iterator[date]:
        for year in range(start.year, min(start.year + _YEARS_AHEAD, date.max.year) + 1):
            for month in self.month.values:
                if (year, month) >= (start.year, start.month):
                    for number in range(1, monthrange(year, month)[1] + 1):
                        day = date(year, month, number)
                        if day >= start and self._admits(day):
                            yield day

    def _admits(self, day: date) -> bool:
        """Both days must fit if one of them is ``*``, else either will do (``spec.go: dayMatches``)."""
        of_month, of_week = day.day in self.day, day.isoweekday() % 7 in self.weekday
        if self.day.starred or self.weekday.starred:
            return of_month and of_week
        return of_month or of_week

    def _first_moment(self, earliest: time) -> time | None:
        """The first time of day from ``earliest`` on."""
        seconds, minutes, hours = self.second.values, self.minute.values, self.hour.values
        if not (seconds and minutes and hours):
            return None
        second = bisect_left(seconds, earliest.second)
        minute = bisect_left(minutes, earliest.minute + (second == len(seconds)))
        hour = bisect_left(hours, earliest.hour + (minute == len(minutes)))
        if hour == len(hours):
            return None
        if hours[hour] > earliest.hour:
            return time(hours[hour], minutes[0], seconds[0])
        if minutes[minute] > earliest.minute:
            return time(hours[hour], minutes[minute], seconds[0])
        return time(hours[hour], minutes[minute], seconds[second])


# After that many years robfig/cron gives up.
_YEARS_AHEAD = 5


@dataclass(frozen=True, slots=True)
class _Bounds:
    low: int
    high: int
    names: Mapping[str, int]


def _numbered(names: str, start: int) -> dict[str, int]:
    return {name: number for number, name in enumerate(names.split(), start)}


_SECONDS = _MINUTES = _Bounds(0, 59, {})
_HOURS = _Bounds(0, 23, {})
_DAYS = _Bounds(1, 31, {})
_MONTHS = _Bounds(1, 12, _numbered("jan feb mar apr may jun jul aug sep oct nov dec", 1))
_WEEKDAYS = _Bounds(0, 6, _numbered("sun mon tue wed thu fri sat", 0))
_FIELDS = (_SECONDS, _MINUTES, _HOURS, _DAYS, _MONTHS, _WEEKDAYS)

_DESCRIPTORS = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
_EVERY = "@every "


@lru_cache(maxsize=256)
def parse(line: str) -> Schedule:
    """Reads a cron line (``parser.go: Parser.Parse``). Raises :class:`CronError` in robfig/cron's words."""
    if not line:
        raise CronError("Empty spec string")
    if line.startswith("@"):
        return _described(line)
    fields = line.split()
    if not 5 <= len(fields) <= 6:
        raise CronError(f"Expected 5 to 6 fields, found {len(fields)}: {line}")
    texts = [*fields, "*"][:6]
    return Calendar(*[_field(text, bounds) for text, bounds in zip(texts, _FIELDS, strict=True)])


def _described(line: str) -> Schedule:
    if line in _DESCRIPTORS:
        return parse(_DESCRIPTORS[line])
    if not line.startswith(_EVERY):
        raise CronError(f"Unrecognized descriptor: {line}")
    try:
        nanoseconds = parse_duration(line[len(_EVERY) :])
    except DurationError as error:
        raise CronError(f"Failed to parse duration {line}: {error}") from None
    return Every(max(1, nanoseconds // 1_000_000_000))


def _field(text: str, bounds: _Bounds) -> Field:
    values: set[int] = set()
    starred = False
    for part in filter(None, text.split(",")):
        part_values, part_starred = _range(part, bounds)
        values.update(part_values)
        starred |= part_starred
    return Field(tuple(sorted(values)), starred)


def _range(text: str, bounds: _Bounds) -> tuple[range, bool]:
    """``N``, ``N-M``, ``*`` and each of them with ``/step`` (``parser.go: getRange``)."""
    ends, *steps = text.split("/")
    low_text, *high_texts = ends.split("-")
    starred = low_text in ("*", "?")
    if starred:
        low, high = bounds.low, bounds.high
    else:
        low, high = _ends(text, low_text, high_texts, bounds)
    if len(steps) > 1:
        raise CronError(f"Too many slashes: {text}")
    step = _integer(steps[0]) if steps else 1
    if steps and not high_texts:
        high = bounds.high
    _check_range(text, low, high, step, bounds)
    return range(low, high + 1, step), starred


def _ends(text: str, low_text: str, high_texts: list[str], bounds: _Bounds) -> tuple[int, int]:
    low = _named_or_integer(low_text, bounds)
    if len(high_texts) > 1:
        raise CronError(f"Too many hyphens: {text}")
    return low, _named_or_integer(high_texts[0], bounds) if high_texts else low


def _check_range(text: str, low: int, high: int, step: int, bounds: _Bounds) -> None:
    if low < bounds.low:
        raise CronError(f"Beginning of range ({low}) below minimum ({bounds.low}): {text}")
    if high > bounds.high:
        raise CronError(f"End of range ({high}) above maximum ({bounds.high}): {text}")
    if low > high:
        raise CronError(f"Beginning of range ({low}) beyond end of range ({high}): {text}")
    if step == 0:
        raise CronError(f"Step of range should be a positive number: {text}")


def _named_or_integer(text: str, bounds: _Bounds) -> int:
    named = bounds.names.get(text.lower())
    return _integer(text) if named is None else named


def _integer(text: str) -> int:
    try:
        number = atoi(text)
    except NumError as error:
        raise CronError(f"Failed to parse int from {text}: {error}") from None
    if number < 0:
        raise CronError(f"Negative number ({number}) not allowed: {text}")
    return number
