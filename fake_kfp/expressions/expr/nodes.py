"""The syntax tree of an expression (expr's ``ast``)."""

from __future__ import annotations

from dataclasses import dataclass, field

from fake_kfp.expressions.expr.natures import UNKNOWN, Nature


@dataclass(eq=False)
class Node:
    """A node; ``position`` is where its token starts. The checker fills in ``nature``."""

    position: int = field(default=0, kw_only=True)
    nature: Nature = field(default=UNKNOWN, kw_only=True, repr=False)


@dataclass(eq=False)
class Nil(Node):
    """``nil``."""


@dataclass(eq=False)
class Identifier(Node):
    """A name of the environment, a variable or a function."""

    name: str


@dataclass(eq=False)
class Literal(Node):
    """A bool, int, float or string."""

    value: bool | int | float | str


@dataclass(eq=False)
class Constant(Node):
    """An array of literals, folded into one value."""

    value: list[object]


@dataclass(eq=False)
class Members(Node):
    """The literals of ``x in [...]``, folded into a set of one Go type (``int`` or ``string``)."""

    values: frozenset[object]
    type_name: str


@dataclass(eq=False)
class Unary(Node):
    """``!x``, ``not x``, ``-x``, ``+x``."""

    operator: str
    node: Node


@dataclass(eq=False)
class Binary(Node):
    """``left operator right``."""

    operator: str
    left: Node
    right: Node


@dataclass(eq=False)
class Chain(Node):
    """The end of a chain with ``?.``: nil inside makes nil of the whole."""

    node: Node


@dataclass(eq=False)
class Member(Node):
    """``node.property`` or ``node[property]``."""

    node: Node
    property: Node
    optional: bool = False
    method: bool = False


@dataclass(eq=False)
class Slice(Node):
    """``node[start:stop]``."""

    node: Node
    start: Node | None
    stop: Node | None


@dataclass(eq=False)
class Call(Node):
    """A call of something in the environment."""

    callee: Node
    arguments: list[Node]


@dataclass(eq=False)
class Builtin(Node):
    """A call of a function of the language. ``throws`` is the optimizer's: nothing found is an error."""

    name: str
    arguments: list[Node]
    throws: bool = False


@dataclass(eq=False)
class Predicate(Node):
    """The closure of ``filter`` and its like."""

    node: Node


@dataclass(eq=False)
class Pointer(Node):
    """``#``, ``#index`` or ``#acc`` inside a predicate."""

    name: str


@dataclass(eq=False)
class Conditional(Node):
    """``condition ? first : second``, also written with if and else."""

    condition: Node
    first: Node
    second: Node


@dataclass(eq=False)
class Declaration(Node):
    """``let name = value; body``."""

    name: str
    value: Node
    body: Node


@dataclass(eq=False)
class Sequence(Node):
    """``a; b``: the value is the last one's."""

    nodes: list[Node]


@dataclass(eq=False)
class Array(Node):
    """``[a, b]``."""

    nodes: list[Node]


@dataclass(eq=False)
class Map(Node):
    """``{key: value}``."""

    pairs: list[tuple[Node, Node]]
