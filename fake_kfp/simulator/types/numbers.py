"""How Go writes numbers: encoding/json's text, and strconv.FormatFloat's."""

from __future__ import annotations

import math
import struct
from decimal import Decimal

Number = int | float

_JSON_EXPONENT_FROM = 1e21
_JSON_EXPONENT_BELOW = 1e-6
_SHORT_EXPONENTS = range(-4, 6)


def as_json_number(value: float) -> Number:
    """``value`` as a reader of Go's JSON gets it back: an int where the text has no fraction."""
    if value.is_integer() and abs(value) < _JSON_EXPONENT_FROM:
        return int(Decimal(repr(value)))
    return value


def json_text(value: Number) -> str:
    """The text that json.Marshal writes for a number."""
    if isinstance(value, int):
        return str(value)
    size = abs(value)
    if size and (size < _JSON_EXPONENT_BELOW or size >= _JSON_EXPONENT_FROM):
        mantissa, _, exponent = repr(value).partition("e")
        return f"{mantissa}e-{exponent[1:].lstrip('0')}" if exponent[0] == "-" else f"{mantissa}e{exponent}"
    return plain_text(value)


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
