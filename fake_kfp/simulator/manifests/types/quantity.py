"""Kubernetes quantities in their canonical text: ``1024Mi`` is ``1Gi``, ``0.5`` is ``500m``.

Rules: apimachinery ``api/resource/quantity.go``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from fake_kfp.simulator.manifests.errors import ManifestError

_SHAPE = re.compile(r"([+-]?)(0*)([1-9][0-9]*)?(?:\.([0-9]*))?((?:[eEinumkKMGTP]+[-+]?[0-9]*|[-+][0-9]*)?)\Z")
_WRONG_SHAPE = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_NO_NUMBER = "unable to parse numeric part of quantity"
_WRONG_SUFFIX = "unable to parse quantity's suffix"

_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_SUFFIXES = {exponent: suffix for suffix, exponent in _DECIMAL.items()}
_BINARY_SUFFIXES = {exponent: suffix for suffix, exponent in _BINARY.items()} | {0: ""}

_FORMATS = {"decimal": "DecimalSI", "binary": "BinarySI", "exponent": "DecimalExponent"}

_MAX_INT64 = (1 << 63) - 1
_MAX_DIGITS = 18  # maxInt64Factors: as many decimal digits always fit an int64
_MAX_EXPONENT = 1000  # beyond it no number of this world; bounds the work
_MOST_DIGITS = 1000
_NANO = -9


@dataclass(frozen=True, slots=True)
class _Number:
    """The parts of a text; ``style`` is ``decimal`` (k, M), ``binary`` (Ki, Mi) or ``exponent`` (e3)."""

    text: str
    negative: bool
    whole: str
    fraction: str
    exponent: int
    style: str

    @property
    def value(self) -> Fraction:
        digits = int((self.whole + self.fraction) or "0")
        base = 1 << self.exponent if self.style == "binary" else Fraction(10) ** self.exponent
        value = Fraction(digits, 10 ** len(self.fraction)) * base
        return -value if self.negative else value


def canonical_quantity(text: str) -> str:
    """``text`` as Kubernetes writes it. Raises ManifestError for what is no quantity."""
    if text == "0":
        return text
    number = _parse(text)
    exact = _fits_int64(number)
    if exact and _is_canonical(number):
        return text
    if exact:
        return _format(number.value, number.style)
    if not re.match(r"[-+]?\.?[0-9]", text):
        raise ManifestError(_NO_NUMBER)  # the short way takes no digits at all for a zero
    return _written_rounded(number)


def printed_quantity(canonical: str) -> str:
    """A quantity as ``%v`` prints the struct: amount and scale, the unlimited number if any, text and format."""
    if canonical == "0":
        return "{{0 0} {<nil>} 0 DecimalSI}"
    number = _parse(canonical)
    amount, scale = number.value.numerator, 0
    if number.style != "binary":
        amount, scale = int(number.whole + number.fraction), number.exponent - len(number.fraction)
        amount = -amount if number.negative else amount
    kept = canonical if _is_canonical(number) else ""
    return f"{{{{{amount} {scale}}} {{<nil>}} {kept} {_FORMATS[number.style]}}}"


def _parse(text: str) -> _Number:
    match = _SHAPE.match(text)
    if match is None or not text:
        raise ManifestError(_WRONG_SHAPE)
    sign, _, whole, fraction, suffix = match.groups()
    if len(whole or "") + len(fraction or "") > _MOST_DIGITS:
        raise ManifestError(f"fake_kfp: quantities of more than {_MOST_DIGITS} digits are not modelled")
    exponent, style = _scale(suffix)
    return _Number(text, sign == "-", whole or "0", fraction or "", exponent, style)


def _scale(suffix: str) -> tuple[int, str]:
    if suffix in _DECIMAL:
        return _DECIMAL[suffix], "decimal"
    if suffix in _BINARY:
        return _BINARY[suffix], "binary"
    if re.fullmatch(r"[eE][-+]?[0-9]{1,9}", suffix) and abs(int(suffix[1:])) <= _MAX_EXPONENT:
        return int(suffix[1:]), "exponent"
    raise ManifestError(_WRONG_SUFFIX)


def _fits_int64(number: _Number) -> bool:
    """Whether the real parser takes its short way, which neither rounds nor caps (ParseQuantity)."""
    if number.style != "binary":
        digits = len(number.whole) + len(number.fraction)
        return digits <= _MAX_DIGITS and number.exponent - len(number.fraction) >= _NANO
    if number.fraction or len(number.whole) > 15 - int(number.exponent * 3 / 10) - 1:
        return False
    return abs(number.value) <= _MAX_INT64


def _is_canonical(number: _Number) -> bool:
    """Whether the text is kept as it was typed. The test is as coarse as the real one: ``8Gi`` fails it, to no harm."""
    if number.style == "binary":
        return int(number.whole) & 7 != 0
    digits = number.whole + number.fraction
    in_steps_of_thousand = (number.exponent - len(number.fraction)) % 3 == 0
    return in_steps_of_thousand and not digits.endswith("000") and not digits.startswith("0")


def _written_rounded(number: _Number) -> str:
    """What is too small or too big is rounded up to nano, and capped if it counts in powers of two."""
    nano = Fraction(1, 10**9)
    size = abs(number.value)
    size = -(-size // nano) * nano
    style = number.style
    if style == "binary":
        size = min(size, Fraction(_MAX_INT64))
        style = "decimal" if 0 < size < 1 else style
    return _format(-size if number.negative else size, style)


def _format(value: Fraction, style: str) -> str:
    """``CanonicalizeBytes``: no fraction, and the largest exponent that allows it."""
    if value == 0:
        return "0"
    if style == "binary" and abs(value) >= 1024 and value.denominator == 1:
        mantissa, exponent = _take_out(value.numerator, 1024)
        return f"{mantissa}{_BINARY_SUFFIXES.get(exponent * 10, '')}"
    places = 0
    while value.denominator != 1:
        value, places = value * 10, places - 1
    mantissa, zeros = _take_out(value.numerator, 10)
    exponent = places + zeros
    mantissa, exponent = mantissa * 10 ** (exponent % 3), exponent - exponent % 3
    if style == "exponent":
        return f"{mantissa}e{exponent}" if exponent else str(mantissa)
    return f"{mantissa}{_DECIMAL_SUFFIXES.get(exponent, '')}"


def _take_out(number: int, factor: int) -> tuple[int, int]:
    """``number`` without its factors of ``factor``, and how many there were."""
    times = 0
    while number % factor == 0:
        number, times = number // factor, times + 1
    return number, times
