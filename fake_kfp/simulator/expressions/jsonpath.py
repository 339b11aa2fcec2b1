"""JSONPath as github.com/evilmonkeyinc/jsonpath reads it: the part without filters and scripts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .errors import ExpressionError
from .values import type_name

_NAME = re.compile(r"[^.\[\]]+")
_KINDS = {dict: "map", list: "slice", str: "string", float: "float64", bool: "bool", type(None): "nil"}


@dataclass(frozen=True)
class _Step:
    """One step: ``kind`` is key, index, wildcard, range, union or recursive."""

    kind: str
    value: object = None


def query(path: str, document: object) -> object:
    """What the path selects: one value, or a list once a step can select several."""
    value, several = document, False
    steps = list(_parse(path))
    for index, step in enumerate(steps):
        if step.kind == "recursive":
            return _continue_each(list(_descendants(value)), steps[index + 1 :], recursive=True)
        if several and isinstance(value, list):
            return _continue_each(value, steps[index:], recursive=False)
        value = _STEPS[step.kind](value, step.value)
        several = step.kind in ("wildcard", "range", "union")
    return value


def _continue_each(values: list[object], steps: list[_Step], *, recursive: bool) -> list[object]:
    """The rest of the path on every value; those on which it fails drop out."""
    if not steps:
        return values
    found: list[object] = []
    for value in values:
        try:
            result = _apply(value, steps)
        except ExpressionError:
            continue
        flatten = isinstance(result, list) and any(
            step.kind in ("wildcard", "range", "union") for step in steps
        )
        found.extend(result if flatten and isinstance(result, list) else [result])
    return found


def _apply(value: object, steps: list[_Step]) -> object:
    several = False
    for index, step in enumerate(steps):
        if several and isinstance(value, list):
            return _continue_each(value, steps[index:], recursive=False)
        value = _STEPS[step.kind](value, step.value)
        several = step.kind in ("wildcard", "range", "union")
    return value


def _parse(path: str) -> Iterator[_Step]:
    text = path.strip()
    if not text.startswith(("$", "@")):
        raise ExpressionError(f"unexpected token '{text[:1]}' at index 0")
    position = 1
    while position < len(text):
        if text.startswith("..", position):
            yield _Step("recursive")
            position += 2
            if not text.startswith("[", position):
                position -= 1
                if text[position] == ".":
                    name, position = _dotted(text, position + 1)
                    yield name
        elif text[position] == ".":
            name, position = _dotted(text, position + 1)
            yield name
        elif text[position] == "[":
            end = _closing(text, position)
            yield _bracketed(text[position + 1 : end].strip())
            position = end + 1
        else:
            raise ExpressionError(
                f"invalid JSONPath selector '{path}' unexpected token '{text[position]}' at index {position}"
            )


def _dotted(text: str, position: int) -> tuple[_Step, int]:
    match = _NAME.match(text, position)
    if match is None:
        raise ExpressionError(
            f"invalid JSONPath selector '{text}' unexpected token '.' at index {position - 1}"
        )
    name = match[0]
    return _Step("wildcard") if name == "*" else _Step("key", name), match.end()


def _closing(text: str, start: int) -> int:
    quoted = ""
    for position in range(start + 1, len(text)):
        character = text[position]
        if quoted:
            quoted = "" if character == quoted else quoted
        elif character in "'\"":
            quoted = character
        elif character == "]":
            return position
    raise ExpressionError(
        f"invalid JSONPath selector '{text}' invalid token. '{text[start:]}' does not match any token format"
    )


def _bracketed(inside: str) -> _Step:
    if inside == "*":
        return _Step("wildcard")
    if inside.startswith(("?", "(")):
        raise ExpressionError(
            "fake_kfp: filters and scripts in JSONPath are not modelled; select by key or index"
        )
    if inside[:1] in ("'", '"'):
        names = [part.strip()[1:-1] for part in inside.split(",")]
        return _Step("key", names[0]) if len(names) == 1 else _Step("union", names)
    if ":" in inside:
        bounds = [int(part) if part.strip() else None for part in inside.split(":")]
        return _Step("range", slice(*bounds))
    try:
        indexes = [int(part) for part in inside.split(",")]
    except ValueError:
        return _Step("key", inside)
    return _Step("index", indexes[0]) if len(indexes) == 1 else _Step("union", indexes)


def _key(value: object, name: object) -> object:
    if isinstance(value, dict):
        if name not in value:
            raise ExpressionError(f"key: invalid token key '{name}' not found")
        return value[name]
    if name == "length" and isinstance(value, (list, str)):
        return len(value)
    kind = _KINDS.get(type(value), type_name(value))
    raise ExpressionError(f"key: invalid token target. expected [map] got [{kind}]")


def _index(value: object, position: object) -> object:
    assert isinstance(position, int)
    if isinstance(value, list):
        if not -len(value) <= position < len(value):
            raise ExpressionError("index: invalid token out of range")
        return value[position]
    kind = _KINDS.get(type(value), type_name(value))
    raise ExpressionError(f"index: invalid token target. expected [array slice] got [{kind}]")


def _wildcard(value: object, _argument: object) -> list[object]:
    if isinstance(value, list):
        return list(value)
    if isinstance(value, dict):
        return [element for _, element in sorted(value.items())]
    kind = _KINDS.get(type(value), type_name(value))
    raise ExpressionError(f"wildcard: invalid token target. expected [array map slice] got [{kind}]")


def _range(value: object, bounds: object) -> list[object]:
    assert isinstance(bounds, slice)
    if isinstance(value, list):
        return value[bounds]
    kind = _KINDS.get(type(value), type_name(value))
    raise ExpressionError(f"range: invalid token target. expected [array slice] got [{kind}]")


def _union(value: object, members: object) -> list[object]:
    assert isinstance(members, list)
    select = _key if isinstance(members[0], str) else _index
    return [select(value, member) for member in members]


_STEPS: dict[str, Callable[[object, object], object]] = {
    "key": _key,
    "index": _index,
    "wildcard": _wildcard,
    "range": _range,
    "union": _union,
}


def _descendants(value: object) -> Iterator[object]:
    yield value
    children = (
        value
        if isinstance(value, list)
        else [v for _, v in sorted(value.items())]
        if isinstance(value, dict)
        else []
    )
    for child in children:
        if isinstance(child, (list, dict)):
            yield from _descendants(child)
