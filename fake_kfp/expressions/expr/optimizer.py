"""Folding what is known before the expression runs, as far as results or errors show it (expr's ``optimizer``)."""

from __future__ import annotations

from collections.abc import Callable

from fake_kfp.expressions.expr.nodes import (
    Array,
    Binary,
    Builtin,
    Constant,
    Literal,
    Member,
    Members,
    Node,
    Unary,
)
from fake_kfp.expressions.expr.operators import power, quotient, truncated_remainder
from fake_kfp.expressions.expr.source import error_at
from fake_kfp.expressions.expr.tree import transform
from fake_kfp.golang.values import wrap_int

_MAX_TERMS = 50  # deeper sums are added up in a loop
_Numbers = Callable[["int | float", "int | float"], "int | float"]


def optimize(node: Node, source: str) -> Node:
    """The tree with constants folded; raises for an integer division by zero between literals."""
    node = transform(node, _fold_membership)
    node = transform(node, lambda child: _fold(child, source))
    return transform(node, lambda child: _sum_of_array(_first_of_filter(_in_range(child))))


def _fold_membership(node: Node) -> Node:
    """``x in [literals]`` becomes a look-up in a set of one type."""
    if not (
        isinstance(node, Binary)
        and node.operator == "in"
        and isinstance(node.right, Array)
        and node.right.nodes
    ):
        return node
    values = [child.value if isinstance(child, Literal) else None for child in node.right.nodes]
    types = {type(value) for value in values}
    if types == {int} and node.left.nature.type == "int":
        return _replacing(node, Binary("in", node.left, Members(frozenset(values), "int")))
    if types == {str}:
        return _replacing(node, Binary("in", node.left, Members(frozenset(values), "string")))
    return node


def _replacing(old: Node, new: Node) -> Node:
    new.position, new.nature = old.position, old.nature
    return new


def _fold(node: Node, source: str) -> Node:
    if isinstance(node, Unary) and isinstance(node.node, Literal):
        return _fold_unary(node, node.node.value)
    if isinstance(node, Binary):
        return _fold_binary(node, source)
    if isinstance(node, Array) and node.nodes:
        values = [child.value for child in node.nodes if isinstance(child, Literal)]
        if len(values) == len(node.nodes):
            return _replacing(node, Constant(list(values)))
    return node


def _fold_unary(node: Unary, value: object) -> Node:
    if isinstance(value, bool):
        return _replacing(node, Literal(not value)) if node.operator in ("!", "not") else node
    if isinstance(value, (int, float)):
        negated = -value if isinstance(value, float) else wrap_int(-value)
        return _replacing(node, Literal(negated if node.operator == "-" else value))
    return node


def _fold_binary(node: Binary, source: str) -> Node:
    left = node.left.value if isinstance(node.left, Literal) else None
    right = node.right.value if isinstance(node.right, Literal) else None
    if node.operator in ("and", "&&", "or", "||"):
        return _fold_logic(node, left, right)
    if left is None or right is None:
        return node
    if _is_number(left) and _is_number(right):
        return _fold_numbers(node, left, right, source)
    if isinstance(left, str) and isinstance(right, str) and node.operator == "+":
        return _replacing(node, Literal(left + right))
    if type(left) is type(right) and not isinstance(left, float) and node.operator == "==":
        return _replacing(node, Literal(left == right))
    return node


def _fold_logic(node: Binary, left: object, right: object) -> Node:
    neutral = node.operator in ("and", "&&")
    if left is neutral:
        return _replacing(node, node.right)
    if right is neutral:
        return _replacing(node, node.left)
    if isinstance(left, bool) or isinstance(right, bool):
        return _replacing(node, Literal(not neutral))
    return node


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _fold_numbers(node: Binary, left: object, right: object, source: str) -> Node:
    assert isinstance(left, (int, float)) and isinstance(right, (int, float))
    integers = isinstance(left, int) and isinstance(right, int)
    if node.operator == "%":
        if not (isinstance(left, int) and isinstance(right, int)):
            return node
        if right == 0:
            raise error_at(source, node.position, "integer divide by zero")
        return _replacing(node, Literal(truncated_remainder(left, right)))
    if node.operator == "==":
        return _replacing(node, Literal(left == right)) if integers else node
    if node.operator not in _FOLDED:
        return node
    result = _FOLDED[node.operator](left, right)
    return _replacing(node, Literal(wrap_int(result) if isinstance(result, int) else result))


_FOLDED: dict[str, _Numbers] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": quotient,
    "**": power,
    "^": power,
}


def _in_range(node: Node) -> Node:
    """``x in 1..9`` needs no array where x is an int."""
    if not (isinstance(node, Binary) and node.operator == "in" and node.left.nature.type == "int"):
        return node
    span = node.right
    if not (isinstance(span, Binary) and span.operator == ".."):
        return node
    if not all(isinstance(end, Literal) and type(end.value) is int for end in (span.left, span.right)):
        return node
    from_start = _replacing(node, Binary(">=", node.left, span.left))
    to_stop = _replacing(node, Binary("<=", node.left, span.right))
    return _replacing(node, Binary("and", from_start, to_stop))


def _first_of_filter(node: Node) -> Node:
    """``filter(...)[0]`` and its like stop at the first match; an index that is missing is then another error."""
    name: str | None = None
    if isinstance(node, Member) and not node.optional and isinstance(node.property, Literal):
        name = (
            {0: "find", -1: "findLast"}.get(node.property.value) if type(node.property.value) is int else None
        )
        inner, throws = node.node, True
    elif isinstance(node, Builtin) and node.name in ("first", "last") and len(node.arguments) == 1:
        name = "find" if node.name == "first" else "findLast"
        inner, throws = node.arguments[0], False
    if name is None or not (isinstance(inner, Builtin) and inner.name == "filter"):
        return node
    return _replacing(node, Builtin(name, inner.arguments, throws=throws))


def _sum_of_array(node: Node) -> Node:
    """``sum([a, b, c])`` is ``a + (b + c)``, which adds up strings as well."""
    if not (isinstance(node, Builtin) and node.name == "sum" and len(node.arguments) == 1):
        return node
    array = node.arguments[0]
    if not (isinstance(array, Array) and 2 <= len(array.nodes) <= _MAX_TERMS):
        return node
    total = array.nodes[-1]
    for child in reversed(array.nodes[:-1]):
        total = Binary("+", child, total)
    return _replacing(node, total)
