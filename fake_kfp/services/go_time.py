"""Times as Go prints them: reference-time layouts, and the ``strftime`` library that KFP uses."""

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

# "Jan" and "Mon" are no parts where a lower-case letter follows, nor "_2" in "_2006" (time/format.go: nextStdChunk).
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


_STRFTIME: dict[str, Callable[[datetime], str]] = {
    **{letter: (lambda t, p="%" + letter: t.strftime(p)) for letter in "aAbBdHIjmMpSuUVwWyYZ"},  # type: ignore[misc]
    "C": lambda t: f"{t.year // 100:02}",
    "c": lambda t: t.strftime("%a %b ") + f"{t.day:2}" + t.strftime(" %H:%M:%S %Y"),
    "D": lambda t: t.strftime("%m/%d/%y"),
    "e": lambda t: f"{t.day:2}",
    "F": lambda t: t.strftime("%Y-%m-%d"),
    "h": lambda t: t.strftime("%b"),
    "k": lambda t: f"{t.hour:2}",
    "l": lambda t: f"{t.hour % 12 or 12:2}",
    "n": lambda t: "\n",
    "R": lambda t: t.strftime("%H:%M"),
    "r": lambda t: t.strftime("%I:%M:%S %p"),
    "s": lambda t: str(int(t.timestamp())),
    "T": lambda t: t.strftime("%H:%M:%S"),
    "t": lambda t: "\t",
    "v": lambda t: f"{t.day:2}-" + t.strftime("%b-%Y"),
    "X": lambda t: t.strftime("%H:%M:%S"),
    "x": lambda t: t.strftime("%m/%d/%y"),
    "z": lambda t: "+0000",
    "%": lambda t: "%",
}


def strftime(time: datetime, pattern: str) -> str | None:
    """The time in UTC by a C-like pattern (``lestrrat-go/strftime``); None where the library refuses the pattern."""
    parts = []
    rest = pattern
    while (at := rest.find("%")) >= 0:
        letter = rest[at + 1 : at + 2]
        if letter not in _STRFTIME or not letter:
            return None
        parts += [rest[:at], _STRFTIME[letter](time)]
        rest = rest[at + 2 :]
    return "".join(parts) + rest
