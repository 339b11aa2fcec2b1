"""What the functions and operators of CEL are about to do, counted before it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fake_kfp.expressions.cel.values import Message
from fake_kfp.expressions.effort import Effort

_JSON_CHARACTERS = 4
"""So many characters of JSON are read in the time of a step."""


def weigh(effort: Effort, function: str, arguments: list[object]) -> None:
    """Raises GoError where a call would have too much to do."""
    _COSTS.get(function, _look)(effort, *arguments)


def _look(effort: Effort, *arguments: object) -> None:
    effort.look_at(*arguments)


def _nothing(effort: Effort, *arguments: object) -> None:
    """It takes no longer, however large they are."""


def _compare(effort: Effort, *arguments: object) -> None:
    effort.go_through(*[each.fields if isinstance(each, Message) else each for each in arguments])


def _find(effort: Effort, value: object, container: object) -> None:
    """Elements are compared one by one; only texts are looked up."""
    if isinstance(value, (list, dict, Message)):
        effort.go_through(container)
    elif isinstance(container, list) or not isinstance(value, str):
        effort.look_at(container)


def _index(effort: Effort, container: object, key: object) -> None:
    if isinstance(container, dict):
        _find(effort, key, container)


def _read(effort: Effort, text: object) -> None:
    if isinstance(text, str):
        effort.spend(len(text) // _JSON_CHARACTERS)


_COSTS: Mapping[str, Callable[..., None]] = {
    "_==_": _compare,
    "_!=_": _compare,
    "@in": _find,
    "_[_]": _index,
    "parseJson": _read,
    "size": _nothing,
    "dyn": _nothing,
}
