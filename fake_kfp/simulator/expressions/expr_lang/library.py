"""The functions of the language, those with predicates aside (expr's ``builtin/builtin.go`` and ``lib.go``)."""

from __future__ import annotations

import base64
import functools
import math
import re
from collections.abc import Callable

from ..errors import ExpressionError
from ..gofmt import format_float, format_value
from ..gojson import marshal_indent, unmarshal
from ..gostrings import index_of, last_index_of, replace, split, split_after, trim, trim_space
from ..numbers import parse_float, parse_int
from ..values import AnyMap, GoStruct, Int64, Ints, Pairs, Strings, truncate, type_name, wrap_int
from .containers import fetch, get
from .natures import kind_of
from .operators import Panic, as_str, conversion, equal, is_integer, is_number, less, more, to_int

MEMORY_BUDGET = 1_000_000  # conf.DefaultMemoryBudget
_TYPE_WORDS = {
    "invalid": "nil",
    "int64": "int",
    "uint8": "uint",
    "float64": "float",
    "slice": "array",
    "array": "array",
}


def _len(value: object) -> int:
    if isinstance(value, (str, list, dict)):
        return len(value)
    raise Panic(f"invalid argument for len (type {type_name(value)})")


def _type(value: object) -> str:
    if value is None:
        return "nil"
    if isinstance(value, GoStruct):
        return value.type_name
    kind = kind_of(type_name(value))
    return _TYPE_WORDS.get(kind, kind)


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
            return parse_int(value)
        except ValueError:
            raise Panic(f"invalid operation: int({value})") from None
    if is_number(value):
        return truncate(value) if isinstance(value, float) else int(value)  # type: ignore[call-overload, no-any-return]
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


def _trim(text: object, cutset: object = None) -> str:
    return trim_space(as_str(text)) if cutset is None else trim(as_str(text), as_str(cutset))


def _trim_prefix(text: object, prefix: object = " ") -> str:
    return as_str(text).removeprefix(as_str(prefix))


def _trim_suffix(text: object, suffix: object = " ") -> str:
    return as_str(text).removesuffix(as_str(suffix))


def _split(text: object, separator: object, limit: object = -1) -> Strings:
    return Strings(split(as_str(text), as_str(separator), to_int(limit)))


def _split_after(text: object, separator: object, limit: object = -1) -> Strings:
    return Strings(split_after(as_str(text), as_str(separator), to_int(limit)))


def _replace(text: object, old: object, new: object, count: object = -1) -> str:
    result_size = (len(as_str(text)) + 1) * (len(as_str(new)) + 1)
    if result_size > 100 * MEMORY_BUDGET:
        raise Panic("memory budget exceeded")
    return replace(as_str(text), as_str(old), as_str(new), to_int(count))


def _repeat(text: object, count: object) -> str:
    times = to_int(count)
    if times < 0:
        raise Panic(f"invalid argument for repeat (expected positive integer, got {times})")
    if times > MEMORY_BUDGET or len(as_str(text).encode("utf-8", "replace")) * times >= MEMORY_BUDGET:
        raise Panic("memory budget exceeded")
    return as_str(text) * times


def _join(values: object, glue: object = "") -> str:
    if isinstance(values, Ints | Pairs) or not isinstance(values, list):
        raise Panic(
            f"invalid argument for join (type {type_name(values) if values is not None else '%!s(<nil>)'})"
        )
    return as_str(glue).join(map(as_str, values))


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


def _to_json(value: object) -> str:
    try:
        return marshal_indent(value)
    except ExpressionError as error:
        raise Panic(error.text) from None


def _from_json(text: object) -> object:
    try:
        return unmarshal(as_str(text))
    except ExpressionError as error:
        raise Panic(error.text) from None


def _to_base64(text: object) -> str:
    return base64.b64encode(as_str(text).encode("utf-8", "replace")).decode()


def decode_base64(text: str) -> str:
    """``base64.StdEncoding.DecodeString`` as text; raises ``ValueError`` with Go's words."""
    compact = text.replace("\n", "").replace("\r", "")
    match = re.match(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", compact)
    assert match is not None
    if match.end() != len(compact):
        at = match.end()
        while at < len(compact) and (compact[at].isalnum() or compact[at] in "+/") and compact[at].isascii():
            at += 1
        raise ValueError(f"illegal base64 data at input byte {at if at < len(compact) else match.end()}")
    return base64.b64decode(compact).decode("utf-8", "replace")


def _from_base64(text: object) -> str:
    try:
        return decode_base64(as_str(text))
    except ValueError as error:
        raise Panic(str(error)) from None


def _end_of_list(index: int) -> Callable[[object], object]:
    def end(values: object) -> object:
        try:
            return fetch(values, index)
        except Panic:
            return None

    return end


def _reflect_kind(value: object) -> str:
    kind = kind_of(type_name(value)) if value is not None else "invalid"
    return kind


def _list_argument(value: object, complaint: str) -> list[object]:
    if isinstance(value, list):
        return value
    raise Panic(complaint.format(_reflect_kind(value)))


def _map_argument(value: object, complaint: str) -> dict[object, object]:
    if isinstance(value, dict):
        return value
    raise Panic(complaint.format(_reflect_kind(value)))


def _take(values: object, count: object) -> object:
    elements = _list_argument(values, "cannot take from {}")
    if not is_integer(count):
        raise Panic(f"cannot take {_reflect_kind(count)} elements")
    if to_int(count) < 0:
        raise Panic("reflect.Value.Slice: slice index out of bounds")
    return type(elements)(elements[: to_int(count)])


def _keys(value: object) -> list[object]:
    return list(_map_argument(value, "cannot get keys from {}"))


def _values(value: object) -> list[object]:
    return list(_map_argument(value, "cannot get values from {}").values())


def _to_pairs(value: object) -> Pairs:
    return Pairs(
        [key, element] for key, element in _map_argument(value, "cannot transform {} to pairs").items()
    )


def _from_pairs(value: object) -> AnyMap:
    if not isinstance(value, list):
        raise Panic(f"cannot transform {format_value(value)} from pairs")
    result = AnyMap()
    for pair in value:
        if not isinstance(pair, list):
            raise Panic(f"invalid pair {format_value(pair)}")
        if len(pair) != 2:
            raise Panic(f"invalid pair length {format_value(pair)}")
        if isinstance(pair[0], (list, dict)):
            raise Panic(f"runtime error: hash of unhashable type {type_name(pair[0])}")
        result[pair[0]] = pair[1]
    return result


def _reverse(values: object) -> list[object]:
    return _list_argument(values, "cannot reverse {}")[::-1][:]


def _uniq(values: object) -> list[object]:
    result: list[object] = []
    seen: set[str] = set()
    for element in _list_argument(values, "cannot uniq {}"):
        if isinstance(element, str):
            if element in seen:
                continue
            seen.add(element)
        elif any(equal(element, other) for other in result):
            continue
        result.append(element)
    return result


def _concat(*lists: object) -> list[object]:
    return [element for values in lists for element in _list_argument(values, "cannot concat {}")]


def _flatten(values: object) -> list[object]:
    result: list[object] = []
    for element in _list_argument(values, "cannot flatten {}"):
        result.extend(_flatten(element) if isinstance(element, list) else [element])
    return result


def sort_values(keyed: list[tuple[object, object]], descending: bool) -> list[object]:
    """The second of each pair, sorted by the first."""

    def compare(left: tuple[object, object], right: tuple[object, object]) -> int:
        first, second = (right[0], left[0]) if descending else (left[0], right[0])
        return -1 if less(first, second) else int(less(second, first))

    return [value for _, value in sorted(keyed, key=functools.cmp_to_key(compare))]


def _sort(values: object, order: object = "asc") -> list[object]:
    if order not in ("asc", "desc"):
        raise Panic(f"invalid order {as_str(order)}, expected asc or desc")
    elements = values if isinstance(values, list) else []
    return sort_values([(element, element) for element in elements], order == "desc")


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


def _indexes(search: Callable[[str, str], int]) -> Callable[[object, object], int]:
    return lambda text, part: search(as_str(text), as_str(part))


LIBRARY: dict[str, Callable[..., object]] = {
    "len": _len,
    "type": _type,
    "abs": _abs,
    "ceil": _rounding("ceil", math.ceil),
    "floor": _rounding("floor", math.floor),
    "round": _rounding("round", round_half_away),
    "int": _int,
    "float": _float,
    "string": format_value,
    "trim": _trim,
    "trimPrefix": _trim_prefix,
    "trimSuffix": _trim_suffix,
    "upper": lambda text: as_str(text).upper(),
    "lower": lambda text: as_str(text).lower(),
    "split": _split,
    "splitAfter": _split_after,
    "replace": _replace,
    "repeat": _repeat,
    "join": _join,
    "indexOf": _indexes(index_of),
    "lastIndexOf": _indexes(last_index_of),
    "hasPrefix": lambda text, prefix: as_str(text).startswith(as_str(prefix)),
    "hasSuffix": lambda text, suffix: as_str(text).endswith(as_str(suffix)),
    "max": _extreme("max", less),
    "min": _extreme("min", more),
    "mean": _mean,
    "median": _median,
    "toJSON": _to_json,
    "fromJSON": _from_json,
    "toBase64": _to_base64,
    "fromBase64": _from_base64,
    "first": _end_of_list(0),
    "last": _end_of_list(-1),
    "get": get,
    "take": _take,
    "keys": _keys,
    "values": _values,
    "toPairs": _to_pairs,
    "fromPairs": _from_pairs,
    "reverse": _reverse,
    "uniq": _uniq,
    "concat": _concat,
    "flatten": _flatten,
    "sort": _sort,
    "bitand": _bits("bitand", lambda left, right: left & right),
    "bitor": _bits("bitor", lambda left, right: left | right),
    "bitxor": _bits("bitxor", lambda left, right: left ^ right),
    "bitnand": _bits("bitnand", lambda left, right: left & ~right),
    "bitshl": _bits("bitshl", lambda left, right: left << right if right < 64 else 0),
    "bitshr": _bits("bitshr", lambda left, right: left >> min(right, 64)),
    "bitushr": _bits("bitushr", lambda left, right: (left & 0xFFFFFFFFFFFFFFFF) >> min(right, 64)),
    "bitnot": _bitnot,
}

# What these make counts against the memory budget.
COUNTED = frozenset({"reverse", "concat", "flatten", "sort"})

__all__ = ["COUNTED", "LIBRARY", "MEMORY_BUDGET", "Int64", "conversion", "format_float", "sort_values"]
