"""Looking into strings, arrays, maps and structs at run time (expr's ``vm/runtime``)."""

from __future__ import annotations

from collections.abc import Sequence

from fake_kfp.expressions.expr.nodes import Members
from fake_kfp.expressions.expr.operators import Panic, as_str, equal, to_int
from fake_kfp.golang.fmt import format_value
from fake_kfp.golang.values import AnyMap, GoStruct, Groups, StringMap, UInt8, type_name


def fetch(container: object, key: object) -> object:
    """``container[key]``; a key that a map lacks gives nil."""
    if isinstance(container, (list, str)):
        index = to_int(key)
        elements = elements_of(container)
        if index < 0:
            index += len(elements)
        if not 0 <= index < len(elements):
            raise Panic(f"index out of range: {index} (array length is {len(elements)})")
        return elements[index]
    if isinstance(container, dict):
        return container.get(_map_key(container, key), "" if isinstance(container, StringMap) else None)
    if isinstance(container, GoStruct) and as_str(key) in container.fields:
        return container.fields[as_str(key)]
    raise Panic(f"cannot fetch {format_value(key)} from {type_name(container)}")


def get(container: object, key: object) -> object:
    """The function ``get``: as ``fetch``, but nil for what is not there."""
    if container is None:
        raise Panic(f"cannot fetch {format_value(key)} from <nil>")
    if isinstance(container, (list, str)):
        index = to_int(key)
        elements = elements_of(container)
        position = index + len(elements) if index < 0 else index
        return elements[position] if 0 <= position < len(elements) else None
    if isinstance(container, dict):
        return container.get(_map_key(container, key))
    return container.fields.get(as_str(key)) if isinstance(container, GoStruct) else None


def elements_of(container: list[object] | str) -> Sequence[object]:
    """What an index counts: the elements of a list, the bytes of a string."""
    if isinstance(container, list):
        return container
    return [UInt8(byte) for byte in container.encode("utf-8", "replace")]


def _map_key(container: dict[object, object], key: object) -> object:
    """The key as Go looks it up: nil is the zero key, and a key of another type is a mistake."""
    if isinstance(container, (AnyMap, Groups)):
        return key
    if key is None:
        return ""
    if not isinstance(key, str):
        raise Panic(
            f"reflect.Value.MapIndex: value of type {type_name(key)} is not assignable to type string"
        )
    return key


def contains(container: object, needle: object) -> bool:
    """``needle in container``."""
    if container is None:
        return False
    if isinstance(container, Members):
        return _is_member(container, needle)
    if isinstance(container, list):
        return any(equal(element, needle) for element in container)
    if isinstance(container, dict):
        return _map_key(container, needle) in container
    if isinstance(container, GoStruct):
        if not isinstance(needle, str):
            raise Panic(f"cannot use {type_name(needle)} as field name of {container.type_name}")
        return needle in container.fields
    raise Panic(f'operator "in" not defined on {type_name(container)}')


def _is_member(members: Members, needle: object) -> bool:
    if needle is None:
        return (0 if members.type_name == "int" else "") in members.values
    if type_name(needle) != members.type_name:
        text = f"reflect.Value.MapIndex: value of type {type_name(needle)} is not assignable to type {members.type_name}"
        raise Panic(text)
    return needle in members.values


def slice_of(container: object, start: object, stop: object) -> object:
    """``container[start:stop]``; strings are cut between bytes."""
    if isinstance(container, str):
        encoded = container.encode("utf-8", "replace")
        first, last = _bounds(len(encoded), to_int(start), to_int(stop))
        return encoded[first:last].decode("utf-8", "replace")
    if isinstance(container, list):
        first, last = _bounds(len(container), to_int(start), to_int(stop))
        return type(container)(container[first:last])
    raise Panic(f"cannot slice {format_value(start)}")


def _bounds(length: int, start: int, stop: int) -> tuple[int, int]:
    start = max(start + length, 0) if start < 0 else start
    stop = max(stop + length, 0) if stop < 0 else min(stop, length)
    return min(start, stop), stop


def length_of(value: object) -> int:
    """``runtime.Len``: the bytes of a string, the elements of anything else that has some."""
    if isinstance(value, str):
        return len(value.encode("utf-8", "replace"))
    if isinstance(value, (list, dict)):
        return len(value)
    raise Panic(f"invalid argument for len (type {type_name(value)})")


def elements_to_visit(value: object) -> Sequence[object]:
    """What a predicate is called with."""
    if isinstance(value, (list, str)):
        return elements_of(value)
    if isinstance(value, dict):
        if value:
            raise Panic("reflect: call of reflect.Value.Index on map Value")
        return []
    kind = "zero" if value is None else "struct" if isinstance(value, GoStruct) else type_name(value)
    raise Panic(f"reflect: call of reflect.Value.Len on {kind} Value")
