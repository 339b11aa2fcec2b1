"""What the operators do with values (expr's ``vm/runtime``). Errors here have no place yet: ``Panic``."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

from fake_kfp.golang.values import (
    Duration,
    GoFunction,
    GoStruct,
    truncate,
    type_name,
    wrap_int,
)


class Panic(Exception):
    """A run-time error; the evaluator adds where it happened."""


def conversion(value: object, wanted: str) -> Panic:
    """A value of another type than the one Go asserts."""
    actual = "nil" if value is None else type_name(value)
    return Panic(f"interface conversion: interface {{}} is {actual}, not {wanted}")


def as_bool(value: object) -> bool:
    """The value, which must be a bool."""
    if isinstance(value, bool):
        return value
    raise conversion(value, "bool")


def as_str(value: object) -> str:
    """The value, which must be a string."""
    if isinstance(value, str):
        return value
    raise conversion(value, "string")


def is_number(value: object) -> bool:
    """Whether Go counts it as an integer or a float."""
    return isinstance(value, (int, float)) and not isinstance(value, (bool, Duration))


def is_integer(value: object) -> bool:
    """Whether it is an integer of Go, bools excluded."""
    return isinstance(value, int) and not isinstance(value, (bool, Duration))


def to_int(value: object) -> int:
    """``runtime.ToInt``."""
    if isinstance(value, (int, float)) and is_number(value):
        return truncate(value) if isinstance(value, float) else int(value)
    raise Panic(f"invalid operation: int({type_name(value)})")


def to_float(value: object) -> float:
    """``runtime.ToFloat64``."""
    if isinstance(value, (int, float)) and is_number(value):
        return float(value)
    raise Panic(f"invalid operation: float({type_name(value)})")


def equal(left: object, right: object) -> bool:
    """``runtime.Equal``: numbers by value, lists by element, all else as ``reflect.DeepEqual``."""
    if is_number(left) and is_number(right):
        return left == right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    return deep_equal(left, right)


def deep_equal(left: object, right: object) -> bool:
    """``reflect.DeepEqual``: the same types all the way down."""
    if type(left) is not type(right):
        return False
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(deep_equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(
            deep_equal(value, right[key]) for key, value in left.items()
        )
    if isinstance(left, GoFunction):
        return False
    if isinstance(left, GoStruct) and isinstance(right, GoStruct):
        return left.type_name == right.type_name and deep_equal(dict(left.fields), dict(right.fields))
    return left == right


def _mismatch(left: object, symbol: str, right: object) -> Panic:
    return Panic(f"invalid operation: {type_name(left)} {symbol} {type_name(right)}")


def _ordering(symbol: str, compare: Callable[..., bool]) -> Callable[[object, object], bool]:
    def ordering(left: object, right: object) -> bool:
        if is_number(left) and is_number(right):
            return compare(left, right)
        if isinstance(left, str) and isinstance(right, str):
            return compare(left.encode("utf-8", "replace"), right.encode("utf-8", "replace"))
        raise _mismatch(left, symbol, right)

    return ordering


def _arithmetic(symbol: str, compute: Callable[..., int | float]) -> Callable[[object, object], int | float]:
    def arithmetic(left: object, right: object) -> int | float:
        if not is_number(left) or not is_number(right):
            raise _mismatch(left, symbol, right)
        result = compute(left, right)
        return result if isinstance(result, float) else wrap_int(result)

    return arithmetic


less = _ordering("<", operator.lt)
more = _ordering(">", operator.gt)
_add_numbers = _arithmetic("+", operator.add)


def add(left: object, right: object) -> object:
    """``runtime.Add``: numbers and strings."""
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    return _add_numbers(left, right)


def divide(left: object, right: object) -> float:
    """``runtime.Divide``: always a float, infinite or NaN by zero."""
    if not is_number(left) or not is_number(right):
        raise _mismatch(left, "/", right)
    return quotient(to_float(left), to_float(right))


def quotient(dividend: float, divisor: float) -> float:
    """Division of floats as the processor does it."""
    if divisor:
        return dividend / divisor
    if not dividend or math.isnan(dividend):
        return math.nan
    return math.copysign(math.inf, dividend) * math.copysign(1.0, divisor)


def modulo(left: object, right: object) -> int:
    """``runtime.Modulo``: integers only, the sign is the dividend's."""
    if not is_integer(left) or not is_integer(right):
        raise _mismatch(left, "%", right)
    assert isinstance(left, int) and isinstance(right, int)
    if right == 0:
        raise Panic("runtime error: integer divide by zero")
    return truncated_remainder(left, right)


def truncated_remainder(dividend: int, divisor: int) -> int:
    """Go's ``%``."""
    remainder = abs(dividend) % abs(divisor)
    return -remainder if dividend < 0 else remainder


def power(base: object, exponent: object) -> float:
    """``math.Pow``."""
    x, y = to_float(base), to_float(exponent)
    try:
        return math.pow(x, y)
    except OverflowError:
        return -math.inf if x < 0 and y % 2 == 1 else math.inf
    except ValueError:  # a negative base with a fraction, or zero with a negative exponent
        if x != 0:
            return math.nan
        return -math.inf if math.copysign(1.0, x) < 0 and y % 2 == 1 else math.inf


def negate(value: object) -> int | float:
    """``runtime.Negate``."""
    if isinstance(value, float):
        return -value
    if isinstance(value, int) and is_integer(value):
        return type(value)(wrap_int(-value))
    raise Panic(f"invalid operation: - {type_name(value)}")


BINARY: dict[str, Callable[[object, object], object]] = {
    "<": less,
    ">": more,
    "<=": _ordering("<=", operator.le),
    ">=": _ordering(">=", operator.ge),
    "+": add,
    "-": _arithmetic("-", operator.sub),
    "*": _arithmetic("*", operator.mul),
    "/": divide,
    "%": modulo,
    "**": power,
    "^": power,
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
}
