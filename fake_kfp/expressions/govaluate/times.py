"""Strings that govaluate takes for times, and compares as numbers of seconds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)"
_SECONDS = r":(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?"
_DATE = r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
_COLON_ZONE = r"(?P<zone>[+-]\d\d:\d\d)"
_PLAIN_ZONE = r"(?P<zone>Z|[+-]\d{4})"
_DAY_NAME = r"(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat)"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAME = rf"(?P<month_name>{'|'.join(_MONTHS)})"
_LAYOUTS = tuple(
    re.compile(layout + r"\Z", re.ASCII)
    for layout in (
        rf"(?i:{_DAY_NAME} {_MONTH_NAME}) +(?P<day>\d{{1,2}}) {_CLOCK}{_SECONDS} (?P<year>\d{{4}})",
        rf"(?i:{_DAY_NAME} {_MONTH_NAME}) +(?P<day>\d{{1,2}}) {_CLOCK}{_SECONDS} (?P<name>[A-Z]{{3,4}}) (?P<year>\d{{4}})",
        rf"(?i:{_DAY_NAME} {_MONTH_NAME}) (?P<day>\d\d) {_CLOCK}{_SECONDS} (?P<zone>[+-]\d{{4}}) (?P<year>\d{{4}})",
        rf"{_CLOCK}(?P<half>AM|PM)",
        rf"{_DATE}T{_CLOCK}{_SECONDS}(?P<zone>Z|[+-]\d\d:\d\d)",
        _DATE,
        rf"{_DATE} {_CLOCK}",
        rf"{_DATE} {_CLOCK}{_SECONDS}",
        rf"{_DATE} {_CLOCK}{_SECONDS}{_COLON_ZONE}",
        rf"{_DATE}T(?P<hour>\d{{1,2}}){_PLAIN_ZONE}",
        rf"{_DATE}T{_CLOCK}{_PLAIN_ZONE}",
        rf"{_DATE}T{_CLOCK}{_SECONDS}{_PLAIN_ZONE}",
    )
)
_DAYS_BEFORE_YEAR_ONE = 366  # the proleptic year 0, in which a bare clock time lies
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Time:
    """A point in time: the seconds since 1970, and how Go prints it."""

    seconds: int
    shown: str

    def __str__(self) -> str:
        return self.shown


def parse_time(text: str) -> Time | None:
    """The time that a string means in one of the fourteen formats tried; zone-less ones are UTC."""
    if len(text) < 6 or not any(character.isdecimal() for character in text):
        return None
    for layout in _LAYOUTS:
        match = layout.match(text)
        if match and (time := _time(match.groupdict())) is not None:
            return time
    return None


def _time(parts: dict[str, str | None]) -> Time | None:
    year, month, day = int(parts.get("year") or 0), _month(parts), int(parts.get("day") or 1)
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    offset = _offset(parts.get("zone"))
    days = _days(year, month, day)
    hour_limit = 12 if parts.get("half") else 23
    if days is None or offset is None or hour > hour_limit or minute > 59 or second > 59:
        return None
    if parts.get("half"):
        hour = hour % 12 + (12 if parts["half"] == "PM" else 0)
    seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset
    fraction = (parts.get("fraction") or "")[:9].rstrip("0")
    clock = f"{hour:02d}:{minute:02d}:{second:02d}{'.' * bool(fraction)}{fraction}"
    return Time(seconds, f"{year:04d}-{month:02d}-{day:02d} {clock} {_zone(parts)}")


def _month(parts: dict[str, str | None]) -> int:
    name = parts.get("month_name")
    return _MONTHS.index(name.lower()) + 1 if name else int(parts.get("month") or 1)


def _days(year: int, month: int, day: int) -> int | None:
    """Days since 1970; None for a day that the calendar lacks."""
    try:
        if year == 0:
            return (
                date(4, month, day).toordinal()
                - date(4, 1, 1).toordinal()
                + 1
                - _DAYS_BEFORE_YEAR_ONE
                - _EPOCH
            )
        return date(year, month, day).toordinal() - _EPOCH
    except ValueError:
        return None


def _offset(zone: str | None) -> int | None:
    if zone is None or zone == "Z":
        return 0
    digits = zone[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 24 or minutes > 59:
        return None
    return (hours * 3600 + minutes * 60) * (-1 if zone[0] == "-" else 1)


def _zone(parts: dict[str, str | None]) -> str:
    zone = (parts.get("zone") or "").replace(":", "")
    if zone in ("", "Z"):
        return f"+0000 {parts.get('name') or 'UTC'}"
    return "+0000 UTC" if zone[1:] == "0000" else f"{zone} {zone}"
