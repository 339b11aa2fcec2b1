"""The functions of the language about lists and maps (expr's ``builtin/builtin.go``)."""

from __future__ import annotations

import functools
from collections.abc import Callable

from fake_kfp.expressions.expr.containers import fetch
from fake_kfp.expressions.expr.natures import kind_of
from fake_kfp.expressions.expr.operators import Panic, as_str, equal, is_integer, less, to_int
from fake_kfp.golang.fmt import format_value, sprintf
from fake_kfp.golang.values import (
    AnyMap,
    Pairs,
    type_name,
)


def _end_of_list(index: int) -> Callable[[object], object]:
    def end(values: object) -> object:
        try:
            return fetch(values, index)
        except Panic:
            return None

    return end


def _reflect_kind(value: object) -> str:
    return kind_of(type_name(value)) if value is not None else "invalid"


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
        raise Panic(sprintf("cannot transform %s from pairs", value))
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


LIST_FUNCTIONS: dict[str, Callable[..., object]] = {
    "first": _end_of_list(0),
    "last": _end_of_list(-1),
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
}
