"""What the functions of expressions are about to do, counted before it is done."""

from __future__ import annotations

from collections.abc import Callable

from fake_kfp.expressions.effort import Effort

_FREE = frozenset(
    {"type", "len", "first", "last", "get", "int", "float", "abs", "ceil", "floor", "round", "now"}
)
_DEEP = frozenset(
    {"toJSON", "string", "flatten", "join", "uniq", "max", "min", "sum", "mean", "median", "concat"}
)
"""They look at everything in their arguments."""


def weigh(effort: Effort, name: str, arguments: list[object]) -> None:
    """Raises GoError where a function would have too much to do."""
    if name in _FREE:
        return
    (effort.go_through if name in _DEEP else effort.look_at)(*arguments)
    special = _SPECIAL.get(name)
    if special is not None:
        special(effort, *arguments)


def _replace(effort: Effort, *arguments: object) -> None:
    if len(arguments) < 3 or not all(isinstance(each, str) for each in arguments[:3]):
        return
    text, old, new = map(str, arguments[:3])
    effort.write(len(text) + text.count(old) * max(0, len(new) - len(old)))


def _join(effort: Effort, *arguments: object) -> None:
    values, glue = (*arguments, "")[:2]
    if isinstance(values, list) and isinstance(glue, str):
        effort.write(len(values) * len(glue))


def _split(effort: Effort, *arguments: object) -> None:
    if len(arguments) > 1 and isinstance(arguments[0], str) and isinstance(arguments[1], str):
        effort.spend(arguments[0].count(arguments[1]))


def _quadratic(effort: Effort, *arguments: object) -> None:
    for values in arguments[:1]:
        if isinstance(values, list):
            effort.spend(len(values) ** 2 // 8)


_SPECIAL: dict[str, Callable[..., None]] = {
    "replace": _replace,
    "join": _join,
    "split": _split,
    "splitAfter": _split,
    "uniq": _quadratic,
}
