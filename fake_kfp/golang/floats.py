"""How Go writes numbers: encoding/json's text, and strconv.FormatFloat's."""

from __future__ import annotations

import math
import struct
from decimal import Decimal

Number = int | float

_JSON_EXPONENT_FROM = 1e21
_JSON_POSITIONAL = range(-6, 21)
_SHORT_EXPONENTS = range(-4, 6)


def as_json_number(value: float) -> Number:
    """``value`` as a reader of Go's JSON gets it back: an int where the text has no fraction."""
    if value.is_integer() and abs(value) < _JSON_EXPONENT_FROM:
        return int(Decimal(repr(value)))
    return value


def json_text(value: Number) -> str:
    """The text that json.Marshal writes for a number."""
    return str(value) if isinstance(value, int) else json_float(value)


def json_float(value: float) -> str:
    """The text that json.Marshal writes for a float: an exponent only below 1e-6 and from 1e21 on."""
    return format_float(value, positional=_JSON_POSITIONAL).replace("e-0", "e-")


def plain_text(value: Number) -> str:
    """``FormatFloat(value, 'f', -1, 64)``: the shortest digits, never an exponent."""
    text = format(Decimal(repr(float(value))), "f")
    return text[:-2] if text.endswith(".0") else text


def short_text(value: float) -> str:
    """``FormatFloat(value, 'g', -1, 32)``: no more digits than single precision needs."""
    if math.isnan(value):
        return "NaN"
    single = _single(value)
    if math.isinf(single):
        return "+Inf" if single > 0 else "-Inf"
    candidates = (Decimal(f"{single:.{places}e}") for places in range(9))
    shortest = next((one for one in candidates if _single(float(one)) == single), Decimal(single))
    sign, digits, _ = shortest.as_tuple()
    exponent = shortest.adjusted()
    if not shortest or exponent in _SHORT_EXPONENTS:
        return plain_text(float(shortest))
    figures = "".join(map(str, digits)).rstrip("0")
    mantissa = figures[0] + ("." + figures[1:] if figures[1:] else "")
    return f"{'-' if sign else ''}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _single(value: float) -> float:
    try:
        single: float = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return single


def format_float(value: float, *, positional: range = range(-4, 6)) -> str:
    """The shortest text that reads back as ``value``, as ``%v`` prints it.

    ``positional`` holds the decimal exponents that are written out; others get ``e+06`` and the like.
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    assert isinstance(exponent, int)
    figures = "".join(map(str, digits)).rstrip("0") or "0"
    point = len(digits) + exponent if figures != "0" else 1
    prefix = "-" if sign else ""
    if point - 1 not in positional:
        return prefix + _scientific(figures, point - 1)
    return prefix + _positional(figures, point)


def _scientific(figures: str, exponent: int) -> str:
    mantissa = figures[0] + ("." + figures[1:] if len(figures) > 1 else "")
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _positional(figures: str, point: int) -> str:
    if point <= 0:
        return "0." + "0" * -point + figures
    if len(figures) <= point:
        return figures + "0" * (point - len(figures))
    return f"{figures[:point]}.{figures[point:]}"
