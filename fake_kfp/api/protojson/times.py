"""Timestamps in JSON (``well_known_types.go``, Go's ``time.Parse``)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1)
_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]+))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)
_MAX_ZONE_HOURS = 24
_MAX_ZONE_MINUTES = 60
MAX_NANOS = 999999999


def parse_timestamp(text: str) -> tuple[int, int] | None:
    """Seconds since 1970 and nanoseconds; None if Go's ``time.Parse(time.RFC3339Nano)`` refuses the text.

    Go takes a comma for the point, and one digit for an hour. The seconds may lie outside what a Timestamp can hold.
    """
    found = _TIMESTAMP.fullmatch(text)
    if found is None or _has_too_many_digits(text):
        return None
    year, *rest = (int(found[group]) for group in range(1, 7))
    offset = _zone_seconds(found)
    try:
        # the year 0 is a leap year to Go, and no year at all to Python
        moment = datetime(year or 4, rest[0], rest[1], rest[2], rest[3], rest[4])
    except ValueError:
        return None
    if offset is None:
        return None
    seconds = round((moment - _EPOCH) / timedelta(seconds=1)) - offset
    if not year:
        seconds -= 1461 * 86400
    return seconds, int((found[7] or "")[:9].ljust(9, "0"))


def _has_too_many_digits(text: str) -> bool:
    point, zone = text.rfind("."), max(map(text.rfind, "Z-+"))
    return point >= 0 and zone - point > len(".999999999")


def _zone_seconds(found: re.Match[str]) -> int | None:
    if found[8] is None:
        return 0
    hours, minutes = int(found[9]), int(found[10])
    if hours > _MAX_ZONE_HOURS or minutes > _MAX_ZONE_MINUTES:
        return None
    return (hours * 3600 + minutes * 60) * (-1 if found[8] == "-" else 1)


@lru_cache(maxsize=4096)
def format_timestamp(seconds: int, nanos: int) -> str:
    """RFC 3339 in UTC with 0, 3, 6 or 9 digits of a second."""
    return (_EPOCH + timedelta(seconds=seconds)).isoformat() + _fraction(nanos) + "Z"


def _fraction(nanos: int) -> str:
    if not nanos:
        return ""
    digits = f"{nanos:09d}"
    return "." + digits.removesuffix("000").removesuffix("000")
