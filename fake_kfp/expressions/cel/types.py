"""CEL's types, and what can stand where (``checker/types.go``), as far as conditions need them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Type:
    """A type by its name; ``parameters`` are those of lists and maps. Names of one capital letter stand for any type."""

    name: str
    parameters: tuple[Type, ...] = ()

    def __str__(self) -> str:
        if not self.parameters:
            return self.name
        return f"{self.name}({', '.join(map(str, self.parameters))})"

    @property
    def is_variable(self) -> bool:
        """Whether it stands for any type."""
        return len(self.name) == 1


DYN = Type("dyn")
BOOL = Type("bool")
NULL = Type("null")
STRING = Type("string")


def list_of(element: Type) -> Type:
    """The type of lists."""
    return Type("list", (element,))


def map_of(key: Type, value: Type) -> Type:
    """The type of maps."""
    return Type("map", (key, value))


def join(first: Type | None, second: Type) -> Type:
    """The type of a literal's elements so far and one more: any, once they differ."""
    return second if first is None or first == second else DYN


def read_type(text: str) -> Type:
    """A type from its text: ``map(string, dyn)``."""
    name, _, inner = text.partition("(")
    if not inner:
        return Type(name)
    parts, depth, start = [], 0, 0
    inner = inner.removesuffix(")")
    for position, character in enumerate(inner):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append(inner[start:position])
            start = position + 1
    return Type(name, tuple(read_type(part.strip()) for part in [*parts, inner[start:]]))


@dataclass(slots=True)
class Bindings:
    """What the type variables of one overload stand for."""

    of: dict[str, Type] = field(default_factory=dict)

    def assign(self, wanted: Type, given: Type) -> bool:
        """Whether a value of type ``given`` may stand where ``wanted`` is asked for; binds variables."""
        if wanted.is_variable:
            bound = self.of.setdefault(wanted.name, given)
            return bound == given or DYN in (bound, given) or self.assign(bound, given)
        if DYN in (wanted, given) or wanted == given:
            return True
        return (
            wanted.name == given.name
            and len(wanted.parameters) == len(given.parameters)
            and all(map(self.assign, wanted.parameters, given.parameters))
        )

    def resolve(self, type: Type) -> Type:
        """The type with its variables filled in."""
        if type.is_variable:
            return self.of.get(type.name, DYN)
        return Type(type.name, tuple(map(self.resolve, type.parameters)))
