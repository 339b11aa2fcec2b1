"""How Go values look in Python, and how Go names their types.

``int`` is Go's int (64 bits), ``float`` float64, ``str`` string, ``bool`` bool, ``None`` nil, ``list``
``[]interface {}`` and ``dict`` ``map[string]interface {}``. The classes here are the types that Python lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


class Int64(int):
    """Go's int64, which Go keeps apart from int in type checks and in the names of error texts."""


class Strings(list[str]):
    """Go's ``[]string``, as ``split`` returns it."""


class Ints(list[int]):
    """Go's ``[]int``, as the range operator returns it."""


@dataclass(frozen=True)
class GoStruct:
    """A Go struct in an environment: ``GoStruct("controller.TaskResults", {"Succeeded": True})``.

    ``type_name`` is the name in error texts. ``origin`` is the caller's own object, such as the artifact
    that an expression selects; it plays no part in evaluation.
    """

    type_name: str
    fields: Mapping[str, object]
    origin: object = field(default=None, compare=False)


@dataclass(frozen=True)
class GoFunction:
    """A Go function in an environment.

    ``parameters`` and ``result`` are Go type names; a last parameter that starts with ``...`` is variadic.
    """

    call: Callable[..., object]
    parameters: tuple[str, ...]
    result: str
