"""Go's package ``time``: what it takes for no time at all, where times and durations end, how it shows what it cannot read."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

ZERO_SECONDS = -62135596800
"""Go's zero time, which counts as unset, in seconds since 1970: the beginning of the year 1."""

LAST_SECONDS = 253402300799
"""The last second that RFC 3339 has digits for: the end of the year 9999."""

LAST_MOMENT = datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)
"""Where time ends here. Go's goes on, but cannot be written from then on."""
_FIRST_MOMENT = datetime.min.replace(tzinfo=timezone.utc)
_SECOND = 1_000_000_000


def wrapped(number: int) -> int:
    """What is left of a whole number in Go's int64."""
    return (number + (1 << 63)) % (1 << 64) - (1 << 63)


def whole_seconds(count: int) -> float:
    """``time.Duration(count) * time.Second``, in seconds: beyond 292 years it comes out of Go's 64 bits as something else."""
    return wrapped(count * _SECOND) / _SECOND


def later(moment: datetime, seconds: float) -> datetime:
    """A moment so many seconds later (earlier, if negative), within the years 1 to 9999."""
    try:
        return min(moment + timedelta(seconds=seconds), LAST_MOMENT)
    except OverflowError:
        return LAST_MOMENT if seconds > 0 else _FIRST_MOMENT


def in_utc(value: str | datetime) -> datetime:
    """A moment in UTC, which is meant where no zone is given; a text is in ISO 8601.

    No rule of Go's: what test authors say, and snapshots. Raises ValueError or AttributeError for what is none, OverflowError where it
    lies beyond the years 1 to 9999.
    """
    moment = datetime.fromisoformat(value.replace("Z", "+00:00")) if isinstance(value, str) else value
    zoned = moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment
    return zoned.astimezone(timezone.utc)


def quote(text: str) -> str:
    """A text in quotes, byte by byte where it is no plain ASCII (``time/format.go: quote``)."""
    return '"' + "".join(map(_quoted_letter, text)) + '"'


def _quoted_letter(letter: str) -> str:
    if " " <= letter <= "\x7f":
        return "\\" + letter if letter in '"\\' else letter
    return "".join(f"\\x{byte:02x}" for byte in letter.encode("utf-8", "replace"))
