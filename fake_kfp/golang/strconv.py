"""Text into numbers and booleans as Go's ``strconv`` reads it, with its error texts."""

from __future__ import annotations

import re

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.quoting import quote

_INTEGER = re.compile(r"[+-]?[0-9]+")
_DIGITS = re.compile(r"[0-9]+")
_FLOAT = re.compile(
    r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?(?:inf|infinity)|nan", re.IGNORECASE
)
_HEX_FLOAT = re.compile(r"[+-]?0[xX](?:[0-9a-fA-F]+(?:\.[0-9a-fA-F]*)?|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+")
_BOOLEANS = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}


class NumError(GoError):
    """A text that is no number; the message is that of Go's ``strconv.NumError``."""

    def __init__(self, function: str, text: str, reason: str) -> None:
        super().__init__(f"strconv.{function}: parsing {quote(text)}: {reason}")


def atoi(text: str) -> int:
    """``strconv.Atoi``. Raises :class:`NumError`."""
    return _integer("Atoi", _INTEGER, text, -(1 << 63), (1 << 63) - 1)


def parse_int(text: str, bits: int) -> int:
    """``strconv.ParseInt(text, 10, bits)``. Raises :class:`NumError`."""
    return _integer("ParseInt", _INTEGER, text, -(1 << bits - 1), (1 << bits - 1) - 1)


def parse_uint(text: str, bits: int) -> int:
    """``strconv.ParseUint(text, 10, bits)``. Raises :class:`NumError`."""
    return _integer("ParseUint", _DIGITS, text, 0, (1 << bits) - 1)


def _integer(function: str, pattern: re.Pattern[str], text: str, low: int, high: int) -> int:
    if not pattern.fullmatch(text):
        raise NumError(function, text, "invalid syntax")
    digits = text.lstrip("+-0") or "0"
    # no 64 bit integer has more digits than this, and Python refuses to read very long ones
    size = int(digits) if len(digits) <= 20 else 1 << 64
    value = -size if text.startswith("-") else size
    if not low <= value <= high:
        raise NumError(function, text, "value out of range")
    return value


def parse_float(text: str) -> float:
    """``strconv.ParseFloat(text, 64)``. Raises :class:`NumError`."""
    if _HEX_FLOAT.fullmatch(text):
        return _hexadecimal(text)
    if not _FLOAT.fullmatch(text):
        raise NumError("ParseFloat", text, "invalid syntax")
    value = float(text)
    if abs(value) == float("inf") and "inf" not in text.lower():
        raise NumError("ParseFloat", text, "value out of range")
    return value


def _hexadecimal(text: str) -> float:
    try:
        return float.fromhex(text)
    except OverflowError:
        raise NumError("ParseFloat", text, "value out of range") from None


def parse_bool(text: str) -> bool:
    """``strconv.ParseBool``. Raises :class:`NumError`."""
    value = _BOOLEANS.get(text)
    if value is None:
        raise NumError("ParseBool", text, "invalid syntax")
    return value
