"""How Go values look in Python, and how Go names their types.

``int`` is Go's int (64 bits), ``float`` float64, ``str`` string, ``bool`` bool, ``None`` nil, ``list``
``[]interface {}`` and ``dict`` ``map[string]interface {}``. The classes here are the types that Python lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


class Int64(int):
    """Go's int64, which Go keeps apart from int in type checks and in the names of error texts."""


class UInt8(int):
    """Go's uint8, which an index into a string gives."""


class Strings(list[str]):
    """Go's ``[]string``, as ``split`` returns it."""


class Ints(list[int]):
    """Go's ``[]int``, as the range operator returns it."""


class Pairs(list[object]):
    """Go's ``[][2]interface {}``, as ``toPairs`` returns it."""


class Groups(dict[object, object]):
    """Go's ``map[interface {}][]interface {}``, as ``groupBy`` returns it."""


class AnyMap(dict[object, object]):
    """Go's ``map[interface {}]interface {}``, as ``fromPairs`` returns it."""


class StringMap(dict[str, str]):
    """Go's ``map[string]string``, as sprig's ``split`` returns it."""


class Duration(int):
    """Go's ``time.Duration``, in nanoseconds."""


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

    @property
    def type_name(self) -> str:
        """The function's type as Go prints it."""
        return f"func({', '.join(self.parameters)}) {self.result}"


ANY = "interface {}"
ARRAY = "[]interface {}"
MAP = "map[string]interface {}"

_TYPE_NAMES: dict[type, str] = {
    bool: "bool",
    int: "int",
    Int64: "int64",
    UInt8: "uint8",
    float: "float64",
    str: "string",
    list: ARRAY,
    dict: MAP,
    Strings: "[]string",
    Ints: "[]int",
    Pairs: "[][2]interface {}",
    Groups: "map[interface {}][]interface {}",
    AnyMap: "map[interface {}]interface {}",
    StringMap: "map[string]string",
    Duration: "time.Duration",
    type(None): "<nil>",
}


def type_name(value: object) -> str:
    """What ``%T`` prints for the value."""
    name = _TYPE_NAMES.get(type(value))
    if name is not None:
        return name
    if isinstance(value, (GoStruct, GoFunction)):
        return value.type_name
    return type(value).__name__


def wrap_int(value: int) -> int:
    """``value`` in 64 bits, overflowing as Go's int does."""
    if -0x8000000000000000 <= value <= 0x7FFFFFFFFFFFFFFF:
        return value
    return ((value + 0x8000000000000000) & 0xFFFFFFFFFFFFFFFF) - 0x8000000000000000


def truncate(value: float) -> int:
    """Go's ``int(value)`` on amd64, where what does not fit is the smallest integer."""
    if value != value or not -(2.0**63) <= value < 2.0**63:
        return -0x8000000000000000
    return int(value)
