"""Compiled expressions, and how they are evaluated (``interpreter/interpretable.go``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from fake_kfp.expressions.cel.checker import Checker
from fake_kfp.expressions.cel.errors import CelError
from fake_kfp.expressions.cel.functions import FUNCTIONS, NO_OVERLOAD, index
from fake_kfp.expressions.cel.parser import parse, too_deep
from fake_kfp.expressions.cel.tree import (
    Call,
    Identifier,
    ListLiteral,
    Literal,
    Logic,
    MapLiteral,
    Node,
    Select,
)
from fake_kfp.expressions.cel.types import read_type
from fake_kfp.expressions.cel.values import Message

Variables = Mapping[str, object]
Fields = tuple[tuple[str, str], ...]
"""Names and the texts of their types."""


@dataclass(frozen=True, slots=True)
class Program:
    """An expression that has been checked."""

    tree: Node

    def evaluate(self, variables: Variables) -> object:
        """Its value. Raises CelError where that is an error."""
        try:
            return _evaluate(self.tree, variables)
        except RecursionError:
            raise too_deep() from None


@lru_cache(maxsize=1024)
def compile_expression(
    source: str, variables: Fields, messages: tuple[tuple[str, Fields], ...] = ()
) -> Program:
    """Parses and checks an expression over ``variables``; ``messages`` holds the fields of each type of message.

    Raises CelError for what is wrong with it.
    """
    declared = {name: read_type(text) for name, text in variables}
    fields = {
        message: {name: read_type(text) for name, text in its_fields} for message, its_fields in messages
    }
    try:
        tree = parse(source)
        Checker(source, declared, fields).check(tree)
    except RecursionError:
        raise too_deep() from None
    return Program(tree)


def _evaluate(node: Node, variables: Variables) -> object:
    return _EVALUATORS[type(node)](node, variables)


def _identifier(node: Identifier, variables: Variables) -> object:
    if node.name not in variables:
        raise CelError(f"no such attribute(s): {node.name}")
    return variables[node.name]


def _select(node: Select, variables: Variables) -> object:
    operand = _evaluate(node.operand, variables)
    if isinstance(operand, Message):
        if node.test:
            return bool(operand.fields.get(node.field))
        if node.field not in operand.fields:
            raise CelError(f"no such field '{node.field}'")
        return operand.fields[node.field]
    if node.test:
        if not isinstance(operand, dict):
            raise CelError(NO_OVERLOAD)
        return node.field in operand
    return index(operand, node.field)


def _call(node: Call, variables: Variables) -> object:
    if node.function == "_?_:_":
        condition = _evaluate(node.arguments[0], variables)
        if not isinstance(condition, bool):
            raise CelError(NO_OVERLOAD)
        return _evaluate(node.arguments[1 if condition else 2], variables)
    arguments = [_evaluate(argument, variables) for argument in node.arguments]
    return FUNCTIONS[node.function](*arguments)


def _logic(node: Logic, variables: Variables) -> object:
    """``&&`` and ``||``: a term that decides does so even where another one is an error."""
    decides = node.function == "_||_"
    failure: CelError | None = None
    for term in node.terms:
        try:
            value = _evaluate(term, variables)
        except CelError as error:
            failure = failure or error
            continue
        if value is decides:
            return decides
        if not isinstance(value, bool):
            failure = failure or CelError(NO_OVERLOAD)
    if failure is not None:
        raise failure
    return not decides


def _map(node: MapLiteral, variables: Variables) -> object:
    entries: dict[object, object] = {}
    for key_node, value_node in node.entries:
        key = _evaluate(key_node, variables)
        if not isinstance(key, (str, int)):
            raise CelError("unsupported key type")
        if key in entries:
            raise CelError(f"Failed with repeated key: {key}")
        entries[key] = _evaluate(value_node, variables)
    return entries


_EVALUATORS: Mapping[type, Callable[..., object]] = {
    Literal: lambda node, _: node.value,
    Identifier: _identifier,
    Select: _select,
    Call: _call,
    Logic: _logic,
    ListLiteral: lambda node, variables: [_evaluate(each, variables) for each in node.elements],
    MapLiteral: _map,
}
