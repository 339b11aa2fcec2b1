"""sprig's lists, maps, defaults and JSON (``list.go``, ``dict.go``, ``defaults.go``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from fake_kfp.expressions.expr.natures import kind_of
from fake_kfp.expressions.expr.operators import deep_equal
from fake_kfp.expressions.sprig.numbers import to_int
from fake_kfp.expressions.sprig.strings import to_strings
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.fmt import format_value
from fake_kfp.golang.json_values import marshal, marshal_indent, unmarshal
from fake_kfp.golang.values import ANY, ARRAY, MAP, GoFunction, GoStruct, Strings, type_name

_MANY = f"...{ANY}"

_MOST_COMPARED = 2_000


def is_empty(value: object) -> bool:
    """``empty``: nil, zero, false, and texts, lists and maps without anything in them."""
    if isinstance(value, (GoStruct, GoFunction)):
        return False
    return not value


def _elements(values: object, verb: str) -> list[object]:
    if isinstance(values, list):
        return values
    if values is None:
        raise GoError("runtime error: invalid memory address or nil pointer dereference")
    raise GoError(f"{verb} {kind_of(type_name(values))}")


def _default(default: object, *given: object) -> object:
    return default if not given or is_empty(given[0]) else given[0]


def _coalesce(*values: object) -> object:
    return next((value for value in values if not is_empty(value)), None)


def _from_json(text: str) -> object:
    try:
        return unmarshal(text)
    except GoError:
        return None


def _quietly(encode: Callable[[object], str]) -> Callable[[object], str]:
    def quiet(value: object) -> str:
        try:
            return encode(value)
        except GoError:
            return ""

    return quiet


def _raw_json(value: object) -> str:
    text = marshal(value)
    for escaped, plain in (("\\u003c", "<"), ("\\u003e", ">"), ("\\u0026", "&")):
        text = text.replace(escaped, plain)
    return text


def _push(values: object, value: object) -> list[object]:
    return [*_elements(values, "Cannot push on type"), value]


def _prepend(values: object, value: object) -> list[object]:
    return [value, *_elements(values, "Cannot prepend on type")]


def _first(values: object) -> object:
    return next(iter(_elements(values, "Cannot find first on type")), None)


def _last(values: object) -> object:
    return next(reversed(_elements(values, "Cannot find last on type")), None)


def _rest(values: object) -> list[object]:
    return list(_elements(values, "Cannot find rest on type")[1:])


def _initial(values: object) -> list[object]:
    return list(_elements(values, "Cannot find initial on type")[:-1])


def _reverse(values: object) -> list[object]:
    return list(reversed(_elements(values, "Cannot find reverse on type")))


def _compact(values: object) -> list[object]:
    return [value for value in _elements(values, "Cannot compact on type") if not is_empty(value)]


def _uniq(values: object) -> list[object]:
    found: list[object] = []
    elements = _elements(values, "Cannot find uniq on type")
    if len(elements) > _MOST_COMPARED:
        raise GoError(f"fake_kfp: uniq compares each with each: {_MOST_COMPARED} elements at most")
    for value in elements:
        if not any(deep_equal(value, other) for other in found):
            found.append(value)
    return found


def _without(values: object, *omitted: object) -> list[object]:
    elements = _elements(values, "Cannot find without on type")
    return [value for value in elements if not any(deep_equal(value, other) for other in omitted)]


def _has(needle: object, values: object) -> bool:
    if values is None:
        return False
    return any(deep_equal(needle, value) for value in _elements(values, "Cannot find has on type"))


def _slice(values: object, *bounds: object) -> object:
    elements = _elements(values, "list should be type of slice or array but")
    if not elements:
        return None
    start = to_int(bounds[0]) if bounds else 0
    stop = to_int(bounds[1]) if len(bounds) > 1 else len(elements)
    if not 0 <= start <= stop <= len(elements):
        raise GoError("reflect.Value.Slice: slice index out of bounds")
    return type(elements)(elements[start:stop])


def _concat(*lists: object) -> list[object]:
    result: list[object] = []
    for values in lists:
        if not isinstance(values, list):
            raise GoError(f"Cannot concat type {kind_of(type_name(values))} as list")
        result.extend(values)
    return result


def _sort_alpha(values: object) -> Strings:
    return Strings(sorted(to_strings(values), key=lambda text: text.encode("utf-8", "replace")))


_Map = dict[str, object]


def _dict(*pairs: object) -> _Map:
    return {
        format_value(pairs[index]): pairs[index + 1] if index + 1 < len(pairs) else ""
        for index in range(0, len(pairs), 2)
    }


def _set(target: _Map, key: str, value: object) -> _Map:
    return {**target, key: value}


def _omit(source: _Map, *keys: str) -> _Map:
    return {key: value for key, value in source.items() if key not in keys}


def _keys(*maps: _Map) -> Strings:
    return Strings(key for source in maps for key in source)


def _dig(*arguments: object) -> object:
    if len(arguments) < 3:
        raise GoError("dig needs at least three arguments")
    *keys, default, place = arguments
    _converted(place, dict, MAP)
    for key in [_converted(key, str, "string") for key in keys]:
        source = _converted(place, dict, MAP)
        if key not in source:
            return default
        place = source[key]
    return place


_Kind = TypeVar("_Kind")


def _converted(value: object, kind: type[_Kind], name: str) -> _Kind:
    """The value, which Go asserts to be of that type."""
    if isinstance(value, kind):
        return value
    actual = "nil" if value is None else type_name(value)
    raise GoError(f"interface conversion: interface {{}} is {actual}, not {name}")


def _both(name: str, function: GoFunction) -> dict[str, GoFunction]:
    """The function and its ``must`` form, which report mistakes alike here."""
    return {name: function, f"must{name[0].upper()}{name[1:]}": function}


LIST_FUNCTIONS: dict[str, object] = {
    "default": GoFunction(_default, (ANY, _MANY), ANY),
    "empty": GoFunction(is_empty, (ANY,), "bool"),
    "coalesce": GoFunction(_coalesce, (_MANY,), ANY),
    "all": GoFunction(lambda *values: not any(map(is_empty, values)), (_MANY,), "bool"),
    "any": GoFunction(lambda *values: not all(map(is_empty, values)), (_MANY,), "bool"),
    "ternary": GoFunction(lambda yes, no, test: yes if test else no, (ANY, ANY, "bool"), ANY),
    "deepEqual": GoFunction(deep_equal, (ANY, ANY), "bool"),
    "fromJson": GoFunction(_from_json, ("string",), ANY),
    "mustFromJson": GoFunction(unmarshal, ("string",), ANY),
    "toJson": GoFunction(_quietly(marshal), (ANY,), "string"),
    "mustToJson": GoFunction(marshal, (ANY,), "string"),
    "toPrettyJson": GoFunction(_quietly(marshal_indent), (ANY,), "string"),
    "mustToPrettyJson": GoFunction(marshal_indent, (ANY,), "string"),
    **_both("toRawJson", GoFunction(_raw_json, (ANY,), "string")),
    **dict.fromkeys(("list", "tuple"), GoFunction(lambda *values: list(values), (_MANY,), ARRAY)),
    **_both("append", GoFunction(_push, (ANY, ANY), ARRAY)),
    **_both("push", GoFunction(_push, (ANY, ANY), ARRAY)),
    **_both("prepend", GoFunction(_prepend, (ANY, ANY), ARRAY)),
    **_both("first", GoFunction(_first, (ANY,), ANY)),
    **_both("last", GoFunction(_last, (ANY,), ANY)),
    **_both("rest", GoFunction(_rest, (ANY,), ARRAY)),
    **_both("initial", GoFunction(_initial, (ANY,), ARRAY)),
    **_both("reverse", GoFunction(_reverse, (ANY,), ARRAY)),
    **_both("compact", GoFunction(_compact, (ANY,), ARRAY)),
    **_both("uniq", GoFunction(_uniq, (ANY,), ARRAY)),
    **_both("without", GoFunction(_without, (ANY, _MANY), ARRAY)),
    **_both("has", GoFunction(_has, (ANY, ANY), "bool")),
    **_both("slice", GoFunction(_slice, (ANY, _MANY), ANY)),
    "concat": GoFunction(_concat, (_MANY,), ANY),
    "sortAlpha": GoFunction(_sort_alpha, (ANY,), "[]string"),
    "dict": GoFunction(_dict, (_MANY,), MAP),
    "get": GoFunction(lambda source, key: source.get(key, ""), (MAP, "string"), ANY),
    "set": GoFunction(_set, (MAP, "string", ANY), MAP),
    "unset": GoFunction(_omit, (MAP, "string"), MAP),
    "hasKey": GoFunction(lambda source, key: key in source, (MAP, "string"), "bool"),
    "pluck": GoFunction(
        lambda key, *maps: [source[key] for source in maps if key in source], ("string", f"...{MAP}"), ARRAY
    ),
    "keys": GoFunction(_keys, (f"...{MAP}",), "[]string"),
    "values": GoFunction(lambda source: list(source.values()), (MAP,), ARRAY),
    "pick": GoFunction(
        lambda source, *keys: {key: source[key] for key in keys if key in source}, (MAP, "...string"), MAP
    ),
    "omit": GoFunction(_omit, (MAP, "...string"), MAP),
    "dig": GoFunction(_dig, (_MANY,), ANY),
}
