"""RFC 3339 in UTC and whole seconds: how Go's ``time.Time`` writes it, how ``time.Parse`` reads it, and what it says when it cannot."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.times import ZERO_SECONDS, quote

_LAYOUT = "2006-01-02T15:04:05Z07:00"
_ELEMENTS = (
    ("2006", r"[0-9]{4}"),
    ("-", "-"),
    ("01", r"[0-9][0-9]"),
    ("-", "-"),
    ("02", r"[0-9][0-9]"),
    ("T", "T"),
    ("15", r"[0-9][0-9]?"),
    (":", ":"),
    ("04", r"[0-9][0-9]"),
    (":", ":"),
    ("05", r"[0-9][0-9](?:[.,][0-9]+)?"),
    ("Z07:00", r"Z|[-+][0-9][0-9]:[0-9][0-9]"),
)
_RANGES = {
    "01": ("month", 1, 12),
    "02": ("day", 1, 31),
    "15": ("hour", 0, 23),
    "04": ("minute", 0, 59),
    "05": ("second", 0, 59),
}
_ZERO = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=ZERO_SECONDS)


class ParseError(GoError):
    """A text that is no such time; the message is Go's."""


@lru_cache(maxsize=1024)
def format_rfc3339(moment: datetime) -> str:
    """A time in UTC, cut to whole seconds. Much happens in the same second, of which each is to have its text."""
    return (
        f"{moment.year:04}-{moment.month:02}-{moment.day:02}"
        f"T{moment.hour:02}:{moment.minute:02}:{moment.second:02}Z"
    )


def parse_rfc3339(text: str) -> str | None:
    """``text`` in UTC with whole seconds; None for Go's zero time, which counts as unset. Raises :class:`ParseError`."""
    found = _elements(text)
    year, month, day, hour, minute = (int(found[key]) for key in ("2006", "01", "02", "15", "04"))
    try:
        moment = datetime(year, month, day, hour, minute, int(found["05"][:2]), tzinfo=timezone.utc)
    except ValueError:
        raise ParseError(f"parsing time {quote(text)}: day out of range") from None
    moment = _in_utc(moment, found["Z07:00"])
    return None if moment == _ZERO else format_rfc3339(moment)


def _elements(text: str) -> dict[str, str]:
    """What stands for each element of the layout."""
    found: dict[str, str] = {}
    rest = text
    for element, shape in _ELEMENTS:
        match = re.match(shape, rest)
        if match is None:
            where = f"cannot parse {quote(rest)} as {quote(element)}"
            raise ParseError(f"parsing time {quote(text)} as {quote(_LAYOUT)}: {where}")
        found[element], rest = match[0], rest[match.end() :]
        name, low, high = _RANGES.get(element, ("", 0, 0))
        if name and not low <= int(match[0][:2]) <= high:
            raise ParseError(f"parsing time {quote(text)}: {name} out of range")
    if rest:
        raise ParseError(f"parsing time {quote(text)}: extra text: {quote(rest)}")
    return found


def _in_utc(moment: datetime, zone: str) -> datetime:
    if zone == "Z":
        return moment
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:]))
    try:
        return moment + offset if zone[0] == "-" else moment - offset
    except OverflowError:
        return moment
