"""Times by C's patterns, as the Go library ``lestrrat-go/strftime`` prints them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime


def _as_python(letter: str) -> Callable[[datetime], str]:
    return lambda t: t.strftime(f"%{letter}")


_SPECIFICATIONS: dict[str, Callable[[datetime], str]] = {
    **{letter: _as_python(letter) for letter in "aAbBdHIjmMpSuUVwWyYZ"},
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
    """The time in UTC by a C-like pattern ; None where the library refuses the pattern."""
    parts = []
    rest = pattern
    while (at := rest.find("%")) >= 0:
        letter = rest[at + 1 : at + 2]
        if letter not in _SPECIFICATIONS or not letter:
            return None
        parts += [rest[:at], _SPECIFICATIONS[letter](time)]
        rest = rest[at + 2 :]
    return "".join(parts) + rest
