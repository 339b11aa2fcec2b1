"""The functions of the language about numbers (expr's ``builtin/builtin.go`` and ``lib.go``)."""

from __future__ import annotations

import math
from collections.abc import Callable

from fake_kfp.expressions.expr.operators import (
    Panic,
    is_integer,
    is_number,
    less,
    more,
    to_int,
)
from fake_kfp.golang.strconv import atoi, parse_float
from fake_kfp.golang.values import (
    truncate,
    type_name,
    wrap_int,
)


def _abs(value: object) -> object:
    if isinstance(value, (int, float)) and is_number(value):
        return type(value)(wrap_int(abs(value))) if isinstance(value, int) else abs(value)
    raise Panic(f"invalid argument for abs (type {type_name(value)})")


def _rounding(name: str, function: Callable[[float], float]) -> Callable[[object], object]:
    def rounding(value: object) -> float:
        if not is_number(value):
            raise Panic(f"invalid argument for {name} (type {type_name(value)})")
        assert isinstance(value, (int, float))
        return float(function(value) if isinstance(value, float) and math.isfinite(value) else value)

    return rounding


def round_half_away(value: float) -> float:
    """``math.Round``."""
    return math.copysign(math.floor(abs(value) + 0.5) if abs(value) < 2.0**52 else abs(value), value)


def _int(value: object) -> int:
    if isinstance(value, str):
        try:
            return atoi(value)
        except ValueError:
            raise Panic(f"invalid operation: int({value})") from None
    if is_number(value):
        # is_number is no TypeGuard: Go's int types are classes of our own, beside Python's
        return truncate(value) if isinstance(value, float) else int(value)  # type: ignore[call-overload]
    raise Panic(f"invalid operation: int({type_name(value)})")


def _float(value: object) -> float:
    if isinstance(value, str):
        try:
            return parse_float(value)
        except ValueError:
            raise Panic(f"invalid operation: float({value})") from None
    if isinstance(value, (int, float)) and is_number(value):
        return float(value)
    raise Panic(f"invalid operation: float({type_name(value)})")


def _extreme(name: str, replaces: Callable[[object, object], bool]) -> Callable[..., object]:
    def extreme(*arguments: object) -> object:
        best: object = None
        for argument in arguments:
            candidates = map(extreme, argument) if isinstance(argument, list) else [argument]
            for candidate in candidates:
                if not is_number(candidate):
                    if len(arguments) == 1 and not isinstance(argument, list):
                        return argument
                    raise Panic(f"invalid argument for {name} (type {type_name(candidate)})")
                if best is None or replaces(best, candidate):
                    best = candidate
        return best

    return extreme


def _numbers(name: str, arguments: tuple[object, ...]) -> list[float]:
    numbers: list[float] = []
    for argument in arguments:
        if isinstance(argument, list):
            numbers.extend(_numbers(name, tuple(argument)))
        elif isinstance(argument, (int, float)) and is_number(argument):
            numbers.append(float(argument))
        else:
            raise Panic(f"invalid argument for {name} (type {type_name(argument)})")
    return numbers


def _mean(*arguments: object) -> float:
    numbers = _numbers("mean", arguments)
    total = 0.0
    for number in numbers:
        total += number
    return total / len(numbers) if numbers else 0.0


def _median(*arguments: object) -> float:
    numbers = sorted(_numbers("median", arguments))
    if not numbers:
        return 0.0
    middle = len(numbers) // 2
    return numbers[middle] if len(numbers) % 2 else (numbers[middle - 1] + numbers[middle]) / 2


def _bits(name: str, compute: Callable[[int, int], int]) -> Callable[[object, object], object]:
    def bits(left: object, right: object) -> int:
        for value in (left, right):
            if not is_integer(value):
                shown = "<nil>" if value is None else type_name(value)
                raise Panic(f"cannot use {shown} as argument (type int) to call {name}")
        assert isinstance(left, int) and isinstance(right, int)
        if "sh" in name and right < 0:
            raise Panic(f"invalid operation: negative shift count {right} (type int)")
        return wrap_int(compute(left, right))

    return bits


def _bitnot(value: object) -> int:
    if not is_integer(value):
        raise Panic(f"cannot use {type_name(value)} as argument (type int) to call bitnot")
    return ~to_int(value)


NUMBER_FUNCTIONS: dict[str, Callable[..., object]] = {
    "abs": _abs,
    "ceil": _rounding("ceil", math.ceil),
    "floor": _rounding("floor", math.floor),
    "round": _rounding("round", round_half_away),
    "int": _int,
    "float": _float,
    "max": _extreme("max", less),
    "min": _extreme("min", more),
    "mean": _mean,
    "median": _median,
    "bitand": _bits("bitand", lambda left, right: left & right),
    "bitor": _bits("bitor", lambda left, right: left | right),
    "bitxor": _bits("bitxor", lambda left, right: left ^ right),
    "bitnand": _bits("bitnand", lambda left, right: left & ~right),
    "bitshl": _bits("bitshl", lambda left, right: left << right if right < 64 else 0),
    "bitshr": _bits("bitshr", lambda left, right: left >> min(right, 64)),
    "bitushr": _bits("bitushr", lambda left, right: (left & 0xFFFFFFFFFFFFFFFF) >> min(right, 64)),
    "bitnot": _bitnot,
}
