"""Go durations: parsing them as Argo does, and the words Argo shows for them."""

from __future__ import annotations

import re

from .errors import ExpressionError

NANOSECONDS = {
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
_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_NUMBER = re.compile(r"([0-9]*)(\.[0-9]*)?")
_UNIT = re.compile(r"[^0-9.]*")


def parse_duration(text: str) -> float:
    """Seconds meant by ``text``: plain digits are seconds, else Go's ``1h30m``.

    ``pkg/apis/workflow/v1alpha1/utils.go: ParseStringToDuration``.
    """
    if _INTEGER.match(text) and len(text) < 20 and -_LONGEST <= int(text) < _LONGEST:
        return float(int(text))
    try:
        return parse_go_duration(text) / 1e9
    except ExpressionError as error:
        raise ExpressionError(f"unable to parse {text} as a duration: {error.text}") from None


def parse_go_duration(text: str) -> int:
    """``time.ParseDuration``, in nanoseconds."""
    negative = text.startswith("-")
    rest = text[1:] if text[:1] in ("-", "+") else text
    if rest == "0":
        return 0
    if not rest:
        raise _invalid(text)
    total = 0
    while rest:
        nanoseconds, rest = _leading_term(rest, text)
        total += nanoseconds
        if total > _LONGEST:
            raise _invalid(text)
    if not negative and total == _LONGEST:
        raise _invalid(text)
    return -total if negative else total


def _leading_term(rest: str, text: str) -> tuple[int, str]:
    number = _NUMBER.match(rest)
    assert number is not None
    whole, fraction = number[1], (number[2] or "")[1:]
    if not whole and not fraction:
        raise _invalid(text)
    unit_match = _UNIT.match(rest, number.end())
    assert unit_match is not None
    unit = unit_match[0]
    if not unit:
        raise ExpressionError(f"time: missing unit in duration {_quote(text)}")
    if unit not in NANOSECONDS:
        raise ExpressionError(f"time: unknown unit {_quote(unit)} in duration {_quote(text)}")
    if len(whole) > 19:
        raise _invalid(text)
    scale = NANOSECONDS[unit]
    return int(whole or 0) * scale + int(float(f"0.{fraction or 0}") * scale), rest[unit_match.end() :]


def _quote(text: str) -> str:
    """The quotes of package time, which show everything outside ASCII byte by byte."""
    shown = (
        chr(byte)
        if 0x20 <= byte < 0x80 and byte not in b'"\\'
        else f"\\{chr(byte)}"
        if byte in b'"\\'
        else f"\\x{byte:02x}"
        for byte in text.encode("utf-8", "replace")
    )
    return f'"{"".join(shown)}"'


def _invalid(text: str) -> ExpressionError:
    return ExpressionError(f"time: invalid duration {_quote(text)}")


_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_WEEK, _MONTH, _YEAR = 7 * _DAY, 30 * _DAY, 360 * _DAY
# Up to which duration (seconds), the words, and the unit that fills them.
_MAGNITUDES = (
    (1, "0 seconds", 1),
    (2, "1 second", 1),
    (_MINUTE, "{} seconds", 1),
    (2 * _MINUTE, "1 minute", 1),
    (_HOUR, "{} minutes", _MINUTE),
    (2 * _HOUR, "1 hour", 1),
    (_DAY, "{} hours", _HOUR),
    (2 * _DAY, "1 day", 1),
    (_WEEK, "{} days", _DAY),
    (2 * _WEEK, "1 week", 1),
    (_MONTH, "{} weeks", _WEEK),
    (2 * _MONTH, "1 month", 1),
    (_YEAR, "{} months", _MONTH),
    (18 * _MONTH, "1 year", 1),
    (2 * _YEAR, "2 years", 1),
    (37 * _YEAR, "{} years", _YEAR),
)


def humanize_duration(seconds: float) -> str:
    """Up to two units, e.g. ``1 minute 30 seconds`` (argoproj/pkg ``humanize.Duration``)."""
    largest = _largest_unit(abs(seconds))
    if seconds < _MINUTE:
        return largest
    if seconds < _HOUR:
        return f"{largest} {int(seconds % _MINUTE)} seconds"
    if seconds < _DAY:
        return f"{largest} {int(seconds / _MINUTE % 60)} minutes"
    return f"{largest} {int(seconds / _HOUR % 24)} hours"


def _largest_unit(seconds: float) -> str:
    for limit, words, unit in _MAGNITUDES:
        if seconds < limit:
            return words.format(int(seconds // unit))
    return "a long while"
