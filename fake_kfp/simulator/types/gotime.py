"""RFC 3339 as Go's time.Parse reads it, and what it says when it cannot."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from fake_kfp.simulator.errors import ManifestError

_LAYOUT = "2006-01-02T15:04:05Z07:00"
_ELEMENTS = (
    ("2006", r"\d{4}"),
    ("-", "-"),
    ("01", r"\d\d"),
    ("-", "-"),
    ("02", r"\d\d"),
    ("T", "T"),
    ("15", r"\d\d?"),
    (":", ":"),
    ("04", r"\d\d"),
    (":", ":"),
    ("05", r"\d\d(?:[.,]\d+)?"),
    ("Z07:00", r"Z|[-+]\d\d:\d\d"),
)
_RANGES = {
    "01": ("month", 1, 12),
    "02": ("day", 1, 31),
    "15": ("hour", 0, 23),
    "04": ("minute", 0, 59),
    "05": ("second", 0, 59),
}
_ZERO = datetime(1, 1, 1, tzinfo=timezone.utc)


def parse_rfc3339(text: str) -> str | None:
    """``text`` in UTC with whole seconds; None for Go's zero time, which counts as unset."""
    found = _elements(text)
    year, month, day, hour, minute = (int(found[key]) for key in ("2006", "01", "02", "15", "04"))
    try:
        moment = datetime(year, month, day, hour, minute, int(found["05"][:2]), tzinfo=timezone.utc)
    except ValueError:
        raise _refusal(text, ": day out of range") from None
    moment = _in_utc(moment, found["Z07:00"])
    return None if moment == _ZERO else moment.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def _elements(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    rest = text
    for element, shape in _ELEMENTS:
        match = re.match(shape, rest)
        if match is None:
            raise _refusal(text, f": cannot parse {_quote(rest)} as {_quote(element)}".replace(": :", ":"))
        found[element], rest = match[0], rest[match.end() :]
        name, low, high = _RANGES.get(element, ("", 0, 0))
        if name and not low <= int(match[0][:2]) <= high:
            raise _refusal(text, f": {name} out of range")
    if rest:
        raise _refusal(text, f": extra text: {_quote(rest)}")
    return found


def _in_utc(moment: datetime, zone: str) -> datetime:
    if zone == "Z":
        return moment
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:]))
    try:
        return moment + offset if zone[0] == "-" else moment - offset
    except OverflowError:
        return moment


def _refusal(text: str, why: str) -> ManifestError:
    as_layout = (
        ""
        if why.startswith((": extra text", ": day", ": month", ": hour", ": minute", ": second"))
        else f" as {_quote(_LAYOUT)}"
    )
    return ManifestError(f"parsing time {_quote(text)}{as_layout}{why}")


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
