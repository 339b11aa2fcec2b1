"""Times by Go's layouts, which show how the moment 2006-01-02 15:04:05 MST would look (``time/format.go``)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

_LAYOUT_PARTS: dict[str, Callable[[datetime], str]] = {
    "January": lambda t: t.strftime("%B"),
    "Jan": lambda t: t.strftime("%b"),
    "Monday": lambda t: t.strftime("%A"),
    "Mon": lambda t: t.strftime("%a"),
    "MST": lambda t: "UTC",
    "002": lambda t: t.strftime("%j"),
    "01": lambda t: f"{t.month:02}",
    "02": lambda t: f"{t.day:02}",
    "03": lambda t: f"{t.hour % 12 or 12:02}",
    "04": lambda t: f"{t.minute:02}",
    "05": lambda t: f"{t.second:02}",
    "06": lambda t: f"{t.year % 100:02}",
    "2006": lambda t: f"{t.year:04}",
    "15": lambda t: f"{t.hour:02}",
    "-07:00:00": lambda t: "+00:00:00",
    "-07:00": lambda t: "+00:00",
    "-070000": lambda t: "+000000",
    "-0700": lambda t: "+0000",
    "-07": lambda t: "+00",
    "Z07:00:00": lambda t: "Z",
    "Z07:00": lambda t: "Z",
    "Z070000": lambda t: "Z",
    "Z0700": lambda t: "Z",
    "Z07": lambda t: "Z",
    "__2": lambda t: f"{t.timetuple().tm_yday:3}",
    "_2": lambda t: f"{t.day:2}",
    "PM": lambda t: "PM" if t.hour >= 12 else "AM",
    "pm": lambda t: "pm" if t.hour >= 12 else "am",
    "1": lambda t: str(t.month),
    "2": lambda t: str(t.day),
    "3": lambda t: str(t.hour % 12 or 12),
    "4": lambda t: str(t.minute),
    "5": lambda t: str(t.second),
}

# "Jan" and "Mon" are no parts where a lower-case letter follows, nor "_2" in "_2006" (nextStdChunk).
_LAYOUT = re.compile(
    r"(?P<fraction>[.,](?:0+|9+)(?!\d))|January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|002|0[1-6]|2006|15|-07:00:00|-07:00|-070000|-0700|-07"
    r"|Z07:00:00|Z07:00|Z070000|Z0700|Z07|__2|_2(?!006)|PM|pm|[1-5]"
)


def format_time(time: datetime, layout: str) -> str:
    """``time.Format`` of a time in UTC without fractions of a second."""
    return _LAYOUT.sub(lambda match: _layout_part(time, match), layout)


def _layout_part(time: datetime, match: re.Match[str]) -> str:
    part = match[0]
    if match["fraction"]:
        return part[0] + "0" * (len(part) - 1) if part[1] == "0" else ""
    return _LAYOUT_PARTS[part](time)
