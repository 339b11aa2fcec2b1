"""What can be changed in a module, one change at a time: comparisons, conditions, constants, results, statements."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Change = Callable[[], None]

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
}


@dataclass(frozen=True)
class Mutation:
    """One change of a parsed module; ``apply`` makes it in the tree that it was found in."""

    line: int
    about: str
    apply: Change


def mutations(tree: ast.Module) -> list[Mutation]:
    """All that can be changed, in the order of the source. Annotations, docstrings and imports stay as they are."""
    found: list[Mutation] = []
    _walk(tree, found)
    return found


def _walk(node: ast.AST, found: list[Mutation]) -> None:
    found += _of(node)
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "type_comment", "decorator_list"):
            continue
        children = value if isinstance(value, list) else [value]
        for child in children:
            if isinstance(child, ast.AST) and not _says_nothing(child):
                _walk(child, found)


def _says_nothing(node: ast.AST) -> bool:
    """Whether a statement is a docstring or an import."""
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_text or isinstance(node, (ast.Import, ast.ImportFrom))


def _of(node: ast.AST) -> Iterator[Mutation]:
    """The changes of one node, itself, not of what is in it."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
        yield _set(node, "ops", [_COMPARISONS[type(node.ops[0])](), *node.ops[1:]], "turn the comparison")
    elif isinstance(node, ast.BoolOp):
        other = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
        yield _set(node, "op", other, "and for or, or for and")
    elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS and not _joins_texts(node):
        yield _set(node, "op", _OPERATORS[type(node.op)](), "another operator")
    elif isinstance(node, ast.If):
        yield _set(node, "test", _constant(node, False), "never")
        yield _set(node, "test", _constant(node, True), "always")
    elif isinstance(node, ast.IfExp):
        yield _set(node, "test", _constant(node, False), "never")
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield _without_not(node)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        value = not node.value if isinstance(node.value, bool) else node.value + 1
        yield _set(node, "value", value, f"{node.value!r} is {value!r}")
    elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield _set(node, "value", _constant(node, None), "return nothing")
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield _set(node, "value", _constant(node, None), "leave the call out")
    elif isinstance(node, ast.AugAssign) and type(node.op) in _OPERATORS:
        yield _set(node, "op", _OPERATORS[type(node.op)](), "another operator")
    elif isinstance(node, ast.Raise):
        yield Mutation(node.lineno, "raise nothing", lambda: _defuse(node))


def _defuse(node: ast.Raise) -> None:
    """Makes a ``raise`` an expression without effect, in place."""
    node.__class__ = ast.Expr  # type: ignore[assignment]  # what refers to the node stays, and sees another statement
    node.value = ast.copy_location(ast.Constant(None), node)  # type: ignore[attr-defined]


def _without_not(node: ast.UnaryOp) -> Mutation:
    """``not x`` as ``not not x``."""
    inner = ast.copy_location(ast.UnaryOp(ast.Not(), node.operand), node)
    return _set(node, "operand", inner, "no not")


def _joins_texts(node: ast.BinOp) -> bool:
    return any(
        isinstance(side, (ast.JoinedStr, ast.Constant)) and _is_text(side) for side in (node.left, node.right)
    )


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _constant(node: ast.AST, value: bool | None) -> ast.expr:
    made = ast.Constant(value)
    return ast.copy_location(made, node)


def _set(node: ast.expr | ast.stmt, field: str, value: object, about: str) -> Mutation:
    return Mutation(node.lineno, about, lambda: setattr(node, field, value))
