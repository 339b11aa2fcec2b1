"""The syntax tree of CEL. Each node knows at which position of the source it stands, as cel-go counts it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """Any node; ``position`` is that of the operator where there is one."""

    position: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A constant, as the value it is."""

    value: object


@dataclass(frozen=True, slots=True)
class Identifier(Node):
    """A variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Select(Node):
    """``operand.field``; ``test`` for ``has(operand.field)``."""

    operand: Node
    field: str
    test: bool = False


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function, an operator (``_+_``) or a method, whose receiver is then its first argument."""

    function: str
    arguments: tuple[Node, ...]
    member: bool = False


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """``&&`` or ``||`` over two or more terms."""

    function: str
    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    """``[a, b]``."""

    elements: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class MapLiteral(Node):
    """``{a: b}``."""

    entries: tuple[tuple[Node, Node], ...]
