"""The functions that Argo adds to an expression's environment."""

from __future__ import annotations

from collections.abc import Mapping

from fake_kfp.expressions.jsonpath import query
from fake_kfp.expressions.sprig import SPRIG
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.fmt import format_value
from fake_kfp.golang.json_values import marshal, unmarshal
from fake_kfp.golang.strconv import parse_float, parse_int
from fake_kfp.golang.values import ANY, Duration, GoFunction, Int64, truncate, type_name


def function_env(values: Mapping[str, object]) -> dict[str, object]:
    """``values`` with dotted names expanded into maps, and asInt, asFloat, string, jsonpath, toJson and sprig.

    ``util/expr/env/env.go: GetFuncMap``.
    """
    return {**expand(values), **_FUNCTIONS}


def expand(values: Mapping[str, object]) -> dict[str, object]:
    """Dotted names as nested maps; a name that is also the start of longer ones gives way to them.

    ``util/expand/expand.go: Expand``.
    """
    names = sorted(values)
    result: dict[str, object] = {}
    for index, name in enumerate(names):
        if index + 1 < len(names) and names[index + 1].startswith(name + "."):
            continue
        *parents, last = name.split(".")
        place = result
        for parent in parents:
            child = place.get(parent)
            if not isinstance(child, dict):
                child = place[parent] = {}
            place = child
        place[last] = values[name]
    return result


def as_int(value: object) -> Int64:
    """``asInt``: numbers are cut, strings must be whole decimal numbers."""
    if isinstance(value, str):
        try:
            return Int64(parse_int(value, 64))
        except ValueError as error:
            raise GoError(str(error)) from None
    if isinstance(value, float):
        return Int64(truncate(value))
    if isinstance(value, int) and not isinstance(value, (bool, Duration)):
        return Int64(value)
    raise GoError(f"asInt() not supported on {type_name(value)} {format_value(value)}")


def as_float(value: object) -> float:
    """``asFloat``: any number, or a string that is one."""
    if isinstance(value, str):
        try:
            return parse_float(value)
        except ValueError as error:
            raise GoError(str(error)) from None
    if isinstance(value, (int, float)) and not isinstance(value, (bool, Duration)):
        return float(value)
    raise GoError(f"asFloat() not supported on {type_name(value)} {format_value(value)}")


def json_path(text: str, path: str) -> object:
    """``jsonpath``: what the path selects in a JSON text."""
    return query(path, unmarshal(text))


_FUNCTIONS: dict[str, object] = {
    "asInt": GoFunction(as_int, (ANY,), "int64"),
    "asFloat": GoFunction(as_float, (ANY,), "float64"),
    "string": GoFunction(format_value, (ANY,), ANY),
    "jsonpath": GoFunction(json_path, ("string", "string"), ANY),
    "toJson": GoFunction(marshal, (ANY,), "string"),
    "sprig": SPRIG,
}
