"""What the checker knows about the type of a node (expr's ``checker/nature``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from fake_kfp.golang.values import ANY, ARRAY, GoStruct, type_name


@dataclass(frozen=True, eq=False)
class Nature:
    """A Go type by its name; neither ``type`` nor ``nil`` means unknown."""

    type: str | None = None
    nil: bool = False
    element: Nature | None = None
    fields: Mapping[str, Nature] | None = None
    builtin: str | None = None

    def __str__(self) -> str:
        return self.type or "unknown"

    @property
    def kind(self) -> str:
        """Go's ``reflect.Kind`` of the type."""
        return kind_of(self.type)

    @property
    def is_unknown(self) -> bool:
        """Whether nothing is known before the expression runs."""
        return (self.type is None and not self.nil) or self.type == ANY

    def key(self) -> Nature:
        """The nature of a map's keys."""
        if self.kind != "map":
            return UNKNOWN
        assert self.type is not None
        return Nature(self.type[4 : self.type.index("]")])

    def elem(self) -> Nature:
        """The nature of the elements of an array or map."""
        if self.kind not in ("slice", "map"):
            return UNKNOWN
        if self.element is not None:
            return self.element
        assert self.type is not None
        return Nature(self.type[self.type.index("]") + 1 :])

    def assignable_to(self, other: Nature) -> bool:
        """Go's assignability."""
        if self.nil and other.type == ANY:
            return True
        if self.type is None or other.type is None:
            return False
        return self.type == other.type or other.type == ANY


@lru_cache(maxsize=512)
def kind_of(name: str | None) -> str:
    """Go's ``reflect.Kind`` of a type by its name."""
    if name is None:
        return "invalid"
    if name in _BASIC_KINDS:
        return name
    if name == ANY:
        return "interface"
    for prefix, kind in (("[]", "slice"), ("map[", "map"), ("func(", "func"), ("[", "array"), ("*", "ptr")):
        if name.startswith(prefix):
            return kind
    return "int64" if name == "time.Duration" else "struct"


_INTEGERS = frozenset({"int", "int64", "uint8"})
_BASIC_KINDS = _INTEGERS | {"float64", "string", "bool"}

UNKNOWN = Nature()
NIL = Nature(nil=True)
BOOL = Nature("bool")
INTEGER = Nature("int")
FLOAT = Nature("float64")
STRING = Nature("string")
ARRAY_OF_ANY = Nature(ARRAY)
MAP_OF_ANY = Nature("map[string]interface {}")


def array_of(element: Nature) -> Nature:
    """An ``[]interface {}`` whose elements are known."""
    return Nature(ARRAY, element=element)


def nature_of(value: object) -> Nature:
    """The nature of a value in the environment; always the same object for the same type."""
    if value is None:
        return NIL
    if isinstance(value, GoStruct):
        fields = tuple([(name, nature_of(field)) for name, field in value.fields.items()])
        return _struct_nature(value.type_name, fields)
    return _named_nature(type_name(value))


@lru_cache(maxsize=512)
def _named_nature(name: str) -> Nature:
    return Nature(name)


@lru_cache(maxsize=512)
def _struct_nature(name: str, fields: tuple[tuple[str, Nature], ...]) -> Nature:
    return Nature(name, fields=dict(fields))


def is_integer(nature: Nature) -> bool:
    """Whether it is an integer of any size."""
    return nature.type in _INTEGERS


def is_number(nature: Nature) -> bool:
    """Whether it is an integer or a float."""
    return nature.type in _INTEGERS or nature.type == "float64"


def is_bool(nature: Nature) -> bool:
    """Whether it is a bool."""
    return nature.type == "bool"


def is_string(nature: Nature) -> bool:
    """Whether it is a string."""
    return nature.type == "string"


def is_array(nature: Nature) -> bool:
    """Whether it is a slice or array."""
    return nature.kind in ("slice", "array")


def is_map(nature: Nature) -> bool:
    """Whether it is a map."""
    return nature.kind == "map"


def either(left: Nature, right: Nature, *tests: Callable[[Nature], bool]) -> bool:
    """Whether one side is unknown and the other unknown too or of a fitting type."""
    if left.is_unknown:
        return right.is_unknown or any(test(right) for test in tests)
    return right.is_unknown and any(test(left) for test in tests)


def is_comparable(left: Nature, right: Nature) -> bool:
    """Whether ``==`` makes sense between them."""
    if left.is_unknown or right.is_unknown or left.nil or right.nil:
        return True
    if (is_number(left) and is_number(right)) or (is_array(left) and is_array(right)):
        return True
    return left.assignable_to(right)


def combined(left: Nature, right: Nature) -> Nature:
    """The nature of arithmetic between two numbers."""
    return FLOAT if "float64" in (left.type, right.type) else INTEGER
