"""Durations as Go's package ``time`` reads them (``time/format.go: ParseDuration``)."""

from __future__ import annotations

import re

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.times import quote

_NANOSECONDS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_LONGEST = 1 << 63
_NUMBER = re.compile(r"([0-9]*)(\.[0-9]*)?")
_UNIT = re.compile(r"[^0-9.]*")


class DurationError(GoError):
    """A text that is no duration; the message is Go's."""


def parse_duration(text: str) -> int:
    """``time.ParseDuration``, in nanoseconds. Raises :class:`DurationError`."""
    negative = text.startswith("-")
    position = int(text[:1] in ("-", "+"))
    if text[position:] == "0":
        return 0
    if position == len(text):
        raise _invalid(text)
    total = 0
    while position < len(text):
        nanoseconds, position = _term(text, position)
        total += nanoseconds
        if total > _LONGEST:
            raise _invalid(text)
    if not negative and total == _LONGEST:
        raise _invalid(text)
    return -total if negative else total


def format_seconds(seconds: int) -> str:
    """Whole seconds as ``time.Duration`` prints itself: ``45s``, ``2m0s``, ``1h0m5s``."""
    sign, rest = ("-", -seconds) if seconds < 0 else ("", seconds)
    hours, minutes = rest // 3600, rest // 60 % 60
    shown = f"{rest % 60}s"
    if hours or minutes:
        shown = f"{minutes}m{shown}"
    return f"{sign}{hours}h{shown}" if hours else sign + shown


def _term(text: str, position: int) -> tuple[int, int]:
    """The nanoseconds of the number and unit at a position, and the position behind them."""
    number = _NUMBER.match(text, position)
    assert number is not None
    whole, fraction = number[1], (number[2] or "")[1:]
    if not whole and not fraction:
        raise _invalid(text)
    unit_match = _UNIT.match(text, number.end())
    assert unit_match is not None
    unit = unit_match[0]
    if not unit:
        raise DurationError(f"time: missing unit in duration {quote(text)}")
    if unit not in _NANOSECONDS:
        raise DurationError(f"time: unknown unit {quote(unit)} in duration {quote(text)}")
    if len(whole.lstrip("0")) > 19:
        raise _invalid(text)
    scale = _NANOSECONDS[unit]
    return int(whole[-19:] or 0) * scale + int(float(f"0.{fraction or 0}") * scale), unit_match.end()


def _invalid(text: str) -> DurationError:
    return DurationError(f"time: invalid duration {quote(text)}")
