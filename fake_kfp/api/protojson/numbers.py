"""JSON numbers: what counts as an integer, and how a float is written (``decode_number.go``, ``encode.go``)."""

from __future__ import annotations

import math
import re

from fake_kfp.golang.floats import json_float

_PARTS = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]*))?")
_MAX_DIGITS = 20  # what the largest unsigned 64 bit integer has


def to_int(raw: str, bits: int, signed: bool) -> int | None:
    """The integer that a JSON number stands for (``1.0`` and ``10e-1`` are integers), None if there is none in range."""
    digits = _integer_digits(raw)
    if digits is None:
        return None
    value = int(digits)
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    return value if low <= value <= high else None


def _integer_digits(raw: str) -> str | None:
    parts = _PARTS.match(raw)
    if parts is None:
        return None
    sign, whole, fraction, exponent = parts[1], parts[2].lstrip("0"), (parts[3] or "").rstrip("0"), parts[4]
    if not whole and not fraction:
        return "0"
    if exponent in ("+", "-") or len(exponent or "") > 10:
        return None
    power = int(exponent or 0)
    if power >= 0:
        if len(fraction) > power or len(whole) + power > _MAX_DIGITS:
            return None
        return sign + whole + fraction + "0" * (power - len(fraction))
    kept = len(whole) + power
    if fraction or kept <= 0 or whole[kept:].strip("0"):
        return None
    return sign + whole[:kept]


def to_float(raw: str) -> float | None:
    """The float that a JSON number stands for, None if it is too large."""
    try:
        value = float(raw)
    except ValueError:  # an exponent without digits, which protobuf-go takes for part of a number
        return None
    return None if math.isinf(value) else value


def from_float(value: float) -> str:
    """A double in JSON; what is no number becomes a string."""
    if math.isnan(value):
        return '"NaN"'
    if math.isinf(value):
        return '"Infinity"' if value > 0 else '"-Infinity"'
    text = repr(value)
    return json_float(value) if "e" in text else text.removesuffix(".0")
