"""JSONPath as github.com/evilmonkeyinc/jsonpath reads it, without its filters and scripts."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from fake_kfp.expressions.effort import Effort
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.values import Int64

_PLAIN_NAME = re.compile(r"[^.\[]*")
_QUOTED = re.compile(r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*\Z""", re.DOTALL)
_INTEGER = re.compile(r"\s*([+-]?[0-9]{1,18})\s*\Z")
_KINDS: dict[type, str] = {
    dict: "map",
    list: "slice",
    str: "string",
    float: "float64",
    bool: "bool",
    type(None): "nil",
}
_COST = 4
"""Steps of an expression that a step of a path is worth."""
_ARRAYS, _CONTAINERS = "array slice", "array map slice"


@dataclass(frozen=True)
class Step:
    """One step of a path; ``value`` is its key, index, slice, or keys and indexes. All steps of a path share their ``effort``."""

    kind: str
    value: object = None
    effort: Effort = field(default_factory=Effort, compare=False)


def query(path: str, document: object) -> object:
    """What the path selects; steps that can select several values make a list."""
    effort = Effort()
    return _apply(document, [replace(step, effort=effort) for step in _parse(path)])


def _apply(value: object, steps: Sequence[Step]) -> object:
    if not steps:
        return value
    steps[0].effort.spend(_COST)
    return _APPLIERS[steps[0].kind](value, steps[0], steps[1:])


def _parse(path: str) -> list[Step]:
    try:
        return [_step(token) for token in _tokens(path)]
    except GoError as error:
        if error.is_ours:
            raise
        raise GoError(f"invalid JSONPath selector '{path}' {error.text}") from None


def _tokens(path: str) -> list[str]:
    """The path cut into ``..``, names and brackets."""
    if path[:1] not in ("$", "@"):
        raise GoError(f"unexpected token '{path[:1]}' at index 0")
    if path[1:2] not in ("", ".", "["):
        raise GoError(f"unexpected token '{path[1]}' at index 1")
    tokens: list[str] = []
    position = 1
    while position < len(path):
        if path.startswith("..", position):
            tokens.append("..")
            position += 2
            if position == len(path) or path[position] == "[":
                continue
        elif path[position] == ".":
            position += 1
        end = _bracket_end(path, position) if path.startswith("[", position) else _name_end(path, position)
        tokens.append(path[position:end])
        position = end
    return tokens


def _name_end(path: str, position: int) -> int:
    match = _PLAIN_NAME.match(path, position)
    assert match is not None
    return match.end()


def _bracket_end(path: str, start: int) -> int:
    quoted, depth = False, 0
    for position in range(start, len(path)):
        character = path[position]
        quoted ^= character == "'"
        if not quoted:
            depth += (character in "[(") - (character in "])")
            if depth == 0:
                return position + 1
    return len(path)


def _step(token: str) -> Step:
    token = token.strip()
    if not token:
        raise GoError("invalid token. token string is empty")
    if token in ("*", ".."):
        return Step("wildcard" if token == "*" else "recursive")
    if not token.startswith("["):
        return Step("length") if token == "length" else Step("key", token)
    inside = token[1:-1].strip()
    if not token.endswith("]") or not inside:
        raise _malformed(token)
    if inside == "*":
        return Step("wildcard")
    if inside.startswith(("?", "(")):
        raise GoError("fake_kfp: filters and scripts in JSONPath are not modelled; select by key or index")
    return _subscript(token, inside)


def _subscript(token: str, inside: str) -> Step:
    member = _member(inside)
    if member is not None:
        return Step("key" if isinstance(member, str) else "index", member)
    if "," in inside:
        members = [_member(part) for part in inside.split(",")]
        if None in members:
            raise _malformed(token)
        return Step("union", members)
    bounds = inside.split(":")
    numbers = [_member(part) if part.strip() else None for part in bounds]
    wrong = any(
        part.strip() and not isinstance(number, int) for part, number in zip(bounds, numbers, strict=True)
    )
    if wrong or not 2 <= len(bounds) <= 3:
        raise _malformed(token)
    return Step("range", numbers)


def _member(text: str) -> str | int | None:
    """A quoted key or an index."""
    quoted, integer = _QUOTED.match(text), _INTEGER.match(text)
    if quoted:
        return (quoted[1] or quoted[2] or "").replace("\\'", "'").replace('\\"', '"')
    return int(integer[1]) if integer else None


def _malformed(token: str) -> GoError:
    return GoError(f"invalid token. '{token}' does not match any token format")


def _wrong_target(step: Step, expected: str, value: object) -> GoError:
    got = _KINDS.get(type(value), "int64")
    return GoError(f"{step.kind}: invalid token target. expected [{expected}] got [{got}]")


def _key(value: object, step: Step, rest: Sequence[Step]) -> object:
    if not isinstance(value, dict):
        raise _wrong_target(step, "map", value)
    if step.value not in value:
        raise GoError(f"key: invalid token key '{step.value}' not found")
    return _apply(value[step.value], rest)


def _length(value: object, step: Step, rest: Sequence[Step]) -> object:
    if isinstance(value, dict) and "length" in value:
        return _apply(value["length"], rest)
    if not isinstance(value, (dict, list, str)):
        raise _wrong_target(step, "array map slice string", value)
    size = len(value.encode("utf-8", "replace")) if isinstance(value, str) else len(value)
    return _apply(Int64(size), rest)


def _index(value: object, step: Step, rest: Sequence[Step]) -> object:
    if not isinstance(value, list):
        raise _wrong_target(step, _ARRAYS, value)
    assert isinstance(step.value, int)
    if not -len(value) <= step.value < len(value):
        raise GoError("index: invalid token out of range")
    return _apply(value[step.value], rest)


def _children(value: dict[str, object] | list[object]) -> list[object]:
    return [value[key] for key in sorted(value)] if isinstance(value, dict) else list(value)


def _wildcard(value: object, step: Step, rest: Sequence[Step]) -> object:
    if not isinstance(value, (dict, list)):
        raise _wrong_target(step, _CONTAINERS, value)
    return _each(_children(value), rest) if rest else _children(value)


def _each(values: Sequence[object], rest: Sequence[Step]) -> list[object]:
    """The rest of the path on every value; where it finds nothing, nothing is added."""
    return [found for value in values if (found := _quietly(value, rest)) is not None]


def _quietly(value: object, steps: Sequence[Step]) -> object:
    try:
        return _apply(value, steps)
    except GoError as error:
        if error.is_ours:
            raise
        return None


def _several(values: list[object], rest: Sequence[Step]) -> object:
    """An index after a range or union counts in what they selected; any other step goes into each of it."""
    if rest and rest[0].kind != "index":
        return _each(values, rest)
    return _apply(values, rest)


def _range(value: object, step: Step, rest: Sequence[Step]) -> object:
    if not isinstance(value, list):
        raise _wrong_target(step, _ARRAYS, value)
    assert isinstance(step.value, list)
    start, stop, stride = (*step.value, None)[:3]
    if stride == 0:
        raise GoError("range: invalid token out of range")
    selected = value[start:stop]
    return _several(selected[:: stride or 1], rest)


def _union(value: object, step: Step, rest: Sequence[Step]) -> object:
    assert isinstance(step.value, list)
    if len({type(member) for member in step.value}) > 1:
        raise GoError("union: invalid token argument. expected [string] got [int]")
    if isinstance(step.value[0], str):
        if not isinstance(value, dict):
            raise _wrong_target(step, "map", value)
        return _several([value[key] for key in step.value if key in value], rest)
    if not isinstance(value, list):
        raise _wrong_target(step, _ARRAYS, value)
    return _several([value[index] for index in step.value if -len(value) <= index < len(value)], rest)


def _recursive(value: object, step: Step, rest: Sequence[Step]) -> list[object]:
    """The rest of the path on the value and everything inside it; lists among the results are spread out."""
    if value is None:
        return []
    found = _quietly(value, rest)
    results = list(found) if isinstance(found, list) and rest else [] if found is None else [found]
    for child in _children(value) if isinstance(value, (dict, list)) else []:
        found = _recursive(child, step, rest)
        step.effort.spend(1 + len(found))
        results.extend(found)
    return results


_APPLIERS: dict[str, Callable[[object, Step, Sequence[Step]], object]] = {
    "key": _key,
    "length": _length,
    "index": _index,
    "wildcard": _wildcard,
    "range": _range,
    "union": _union,
    "recursive": _recursive,
}
