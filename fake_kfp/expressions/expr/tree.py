"""Rewriting a syntax tree from its leaves upwards."""

from __future__ import annotations

from collections.abc import Callable

from fake_kfp.expressions.expr.nodes import (
    Array,
    Binary,
    Builtin,
    Call,
    Chain,
    Conditional,
    Declaration,
    Map,
    Member,
    Node,
    Predicate,
    Sequence,
    Slice,
    Unary,
)

Visitor = Callable[[Node], Node]
_ONE_CHILD = (Unary, Chain, Predicate)


def transform(node: Node, visit: Visitor) -> Node:
    """The tree with every node replaced by what ``visit`` makes of it, children first."""
    if isinstance(node, Binary):
        return _transform_binary(node, visit)
    if isinstance(node, _ONE_CHILD):
        node.node = transform(node.node, visit)
    else:
        rewrite = _REWRITERS.get(type(node))
        if rewrite is not None:
            rewrite(node, visit)
    return visit(node)


def _transform_binary(node: Binary, visit: Visitor) -> Node:
    """Left sides in a loop, as in the checker."""
    spine = [node]
    while isinstance(spine[-1].left, Binary):
        spine.append(spine[-1].left)
    left = transform(spine[-1].left, visit)
    for binary in reversed(spine):
        binary.left = left
        binary.right = transform(binary.right, visit)
        left = visit(binary)
    return left


def _member(node: Member, visit: Visitor) -> None:
    node.node = transform(node.node, visit)
    node.property = transform(node.property, visit)


def _slice(node: Slice, visit: Visitor) -> None:
    node.node = transform(node.node, visit)
    node.start = node.start and transform(node.start, visit)
    node.stop = node.stop and transform(node.stop, visit)


def _call(node: Call, visit: Visitor) -> None:
    node.callee = transform(node.callee, visit)
    _children(node.arguments, visit)


def _builtin(node: Builtin, visit: Visitor) -> None:
    _children(node.arguments, visit)


def _conditional(node: Conditional, visit: Visitor) -> None:
    node.condition = transform(node.condition, visit)
    node.first = transform(node.first, visit)
    node.second = transform(node.second, visit)


def _declaration(node: Declaration, visit: Visitor) -> None:
    node.value = transform(node.value, visit)
    node.body = transform(node.body, visit)


def _list(node: Sequence | Array, visit: Visitor) -> None:
    _children(node.nodes, visit)


def _map(node: Map, visit: Visitor) -> None:
    node.pairs = [(transform(key, visit), transform(value, visit)) for key, value in node.pairs]


def _children(nodes: list[Node], visit: Visitor) -> None:
    nodes[:] = [transform(child, visit) for child in nodes]


_REWRITERS: dict[type[Node], Callable[..., None]] = {
    Member: _member,
    Slice: _slice,
    Call: _call,
    Builtin: _builtin,
    Conditional: _conditional,
    Declaration: _declaration,
    Sequence: _list,
    Array: _list,
    Map: _map,
}
