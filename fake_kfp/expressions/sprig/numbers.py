"""sprig's arithmetic and conversions (``numeric.go``)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Context, Decimal, localcontext

from fake_kfp.expressions.expr.operators import power, truncated_remainder
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.fmt import format_value
from fake_kfp.golang.strconv import NumError, atoi, parse_float
from fake_kfp.golang.values import ANY, GoFunction, Int64, Ints, truncate, wrap_int

_ANY_BASE = re.compile(
    r"[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])*|[1-9](?:_?[0-9])*)\Z"
)
_ZERO_DECIMALS = re.compile(r"\.0*\Z")
_MAX_SEQUENCE = 1_000_000
_DIGITS = 16  # decimal.DivisionPrecision


def to_int(value: object) -> int:
    """``cast.ToInt64``: 0 for what is no integer."""
    if isinstance(value, str):
        return _parse_any_base(_ZERO_DECIMALS.sub("", value))
    if isinstance(value, float):
        return truncate(value)
    return int(value) if isinstance(value, int) else 0


def _parse_any_base(text: str) -> int:
    """``strconv.ParseInt(text, 0, 0)``: a leading 0 means octal."""
    if not _ANY_BASE.match(text) or len(text) > 70:
        return 0
    digits = text.lstrip("+-").replace("_", "")
    base = {"x": 16, "b": 2, "o": 8}.get(digits[1:2].lower(), 8 if digits.startswith("0") else 10)
    value = int(digits[2:] if digits[1:2].isalpha() else digits, base) * (-1 if text.startswith("-") else 1)
    return value if -(1 << 63) <= value < 1 << 63 else 0


def to_float(value: object) -> float:
    """``cast.ToFloat64``: 0 for what is no number."""
    if isinstance(value, str):
        try:
            return parse_float(value)
        except ValueError:
            return 0.0
    return float(value) if isinstance(value, (int, float)) else 0.0


def _int64(value: int) -> Int64:
    return Int64(wrap_int(value))


def _divide(left: object, right: object) -> Int64:
    dividend, divisor = to_int(left), to_int(right)
    if divisor == 0:
        raise GoError("runtime error: integer divide by zero")
    quotient = abs(dividend) // abs(divisor)
    return _int64(quotient if (dividend < 0) == (divisor < 0) else -quotient)


def _modulo(left: object, right: object) -> Int64:
    if to_int(right) == 0:
        raise GoError("runtime error: integer divide by zero")
    return _int64(truncated_remainder(to_int(left), to_int(right)))


def _multiply(first: object, *others: object) -> Int64:
    product = to_int(first)
    for other in others:
        product = wrap_int(product * to_int(other))
    return _int64(product)


def _decimals(operate: Callable[[Decimal, Decimal], Decimal]) -> Callable[..., float]:
    """Arithmetic in decimals, as sprig does it: ``addf 0.1 0.2`` is 0.3."""

    def fold(first: object, *others: object) -> float:
        with localcontext(Context(prec=400)):
            total = _decimal(first)
            for other in others:
                total = operate(total, _decimal(other))
        return float(total)

    return fold


def _decimal(value: object) -> Decimal:
    number = to_float(value)
    if not math.isfinite(number):
        raise GoError(f"Cannot create a Decimal from {format_value(number)}")
    return Decimal(repr(number))


def _divide_decimals(left: Decimal, right: Decimal) -> Decimal:
    if right == 0:
        raise GoError("decimal division by 0")
    return (left / right).quantize(Decimal(1).scaleb(-_DIGITS), rounding="ROUND_HALF_UP")


def _round(value: object, places: object, *threshold: object) -> float:
    scale = power(10, to_float(places))
    digit = scale * to_float(value)
    if not math.isfinite(digit) or scale == 0:
        return math.nan
    limit = to_float(threshold[0]) if threshold else 0.5
    rounded = math.ceil(digit) if math.modf(digit)[0] >= limit else math.floor(digit)
    return rounded / scale


def _sequence(start: int, stop: int, step: int) -> Ints:
    """``untilStep``."""
    if step == 0 and stop >= start:
        return Ints()
    if (stop < start) != (step < 0):
        return Ints()
    numbers = range(start, stop, step)
    if len(numbers) > _MAX_SEQUENCE:
        raise GoError(f"fake_kfp: sequences in expressions are limited to {_MAX_SEQUENCE} numbers")
    return Ints(numbers)


def _until(count: int) -> Ints:
    return _sequence(0, count, -1 if count < 0 else 1)


def _seq(*parameters: int) -> str:
    if not 1 <= len(parameters) <= 3:
        return ""
    start = parameters[0] if len(parameters) > 1 else 1
    stop = parameters[-1]
    direction = -1 if stop < start else 1
    step = parameters[1] if len(parameters) == 3 else direction
    if len(parameters) == 3 and direction < 0 < step:
        return ""
    return " ".join(map(str, _sequence(start, stop + direction, step)))


def _to_decimal(value: object) -> Int64:
    text = format_value(value)
    if not re.match(r"[+-]?[0-7]+\Z", text) or len(text) > 24:
        return Int64(0)
    number = int(text, 8)
    return Int64(number if -(1 << 63) <= number < 1 << 63 else 0)


def _atoi(text: str) -> int:
    try:
        return atoi(text)
    except NumError:
        return 0


_MANY = f"...{ANY}"


NUMBER_FUNCTIONS: dict[str, object] = {
    "atoi": GoFunction(_atoi, ("string",), "int"),
    "int64": GoFunction(lambda value: Int64(to_int(value)), (ANY,), "int64"),
    "int": GoFunction(lambda value: to_int(value), (ANY,), "int"),
    "float64": GoFunction(to_float, (ANY,), "float64"),
    "seq": GoFunction(_seq, ("...int",), "string"),
    "toDecimal": GoFunction(_to_decimal, (ANY,), "int64"),
    "until": GoFunction(_until, ("int",), "[]int"),
    "untilStep": GoFunction(_sequence, ("int", "int", "int"), "[]int"),
    "add1": GoFunction(lambda value: _int64(to_int(value) + 1), (ANY,), "int64"),
    "add": GoFunction(lambda *values: _int64(sum(map(to_int, values))), (_MANY,), "int64"),
    "sub": GoFunction(lambda left, right: _int64(to_int(left) - to_int(right)), (ANY, ANY), "int64"),
    "div": GoFunction(_divide, (ANY, ANY), "int64"),
    "mod": GoFunction(_modulo, (ANY, ANY), "int64"),
    "mul": GoFunction(_multiply, (ANY, _MANY), "int64"),
    "add1f": GoFunction(lambda value: _decimals(lambda a, b: a + b)(value, 1), (ANY,), "float64"),
    "addf": GoFunction(lambda *values: _decimals(lambda a, b: a + b)(0.0, *values), (_MANY,), "float64"),
    "subf": GoFunction(_decimals(lambda a, b: a - b), (ANY, _MANY), "float64"),
    "divf": GoFunction(_decimals(_divide_decimals), (ANY, _MANY), "float64"),
    "mulf": GoFunction(_decimals(lambda a, b: a * b), (ANY, _MANY), "float64"),
    **dict.fromkeys(
        ("biggest", "max"), GoFunction(lambda *values: Int64(max(map(to_int, values))), (ANY, _MANY), "int64")
    ),
    "min": GoFunction(lambda *values: Int64(min(map(to_int, values))), (ANY, _MANY), "int64"),
    "maxf": GoFunction(lambda *values: max(map(to_float, values)), (ANY, _MANY), "float64"),
    "minf": GoFunction(lambda *values: min(map(to_float, values)), (ANY, _MANY), "float64"),
    "ceil": GoFunction(lambda value: _integral(math.ceil, value), (ANY,), "float64"),
    "floor": GoFunction(lambda value: _integral(math.floor, value), (ANY,), "float64"),
    "round": GoFunction(_round, (ANY, "int", "...float64"), "float64"),
}


def _integral(function: Callable[[float], int], value: object) -> float:
    number = to_float(value)
    return float(function(number)) if math.isfinite(number) else number
