"""Durations as Argo reads them, and the words it shows for them."""

from __future__ import annotations

from fake_kfp.golang import durations
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.strconv import NumError, parse_int
from fake_kfp.golang.times import whole_seconds


def parse_duration(text: str) -> float:
    """Seconds meant by ``text``: plain digits are seconds, else Go's ``1h30m``.

    ``pkg/apis/workflow/v1alpha1/utils.go: ParseStringToDuration``.
    """
    try:
        return whole_seconds(parse_int(text, 64))
    except NumError:
        pass  # no plain number, then
    try:
        return durations.parse_duration(text) / 1e9
    except durations.DurationError as error:
        raise GoError(f"unable to parse {text} as a duration: {error}") from None


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
