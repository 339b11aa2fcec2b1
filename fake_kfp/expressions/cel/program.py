"""Compiled expressions, and how they are evaluated (``interpreter/interpretable.go``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from fake_kfp.expressions.cel.checker import Checker
from fake_kfp.expressions.cel.costs import weigh
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
from fake_kfp.expressions.effort import Effort

Variables = Mapping[str, object]
Fields = tuple[tuple[str, str], ...]
"""Names and the texts of their types."""


@dataclass(frozen=True, slots=True)
class Program:
    """An expression that has been checked."""

    tree: Node

    def evaluate(self, variables: Variables) -> object:
        """Its value. Raises CelError where that is an error, and GoError where it would take too long."""
        evaluator = _Evaluator(variables)
        try:
            value = evaluator.visit(self.tree)
        except RecursionError:
            raise too_deep() from None
        evaluator.effort.go_through(value)  # it is going to be written out
        return value


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


class _Evaluator:
    """One evaluation."""

    def __init__(self, variables: Variables) -> None:
        self._variables = variables
        self.effort = Effort()

    def visit(self, node: Node) -> object:
        """The value of a node."""
        self.effort.spend(1)
        return _VISITORS[type(node)](self, node)

    def literal(self, node: Literal) -> object:
        return node.value

    def identifier(self, node: Identifier) -> object:
        if node.name not in self._variables:
            raise CelError(f"no such attribute(s): {node.name}")
        return self._variables[node.name]

    def select(self, node: Select) -> object:
        operand = self.visit(node.operand)
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

    def call(self, node: Call) -> object:
        if node.function == "_?_:_":
            condition = self.visit(node.arguments[0])
            if not isinstance(condition, bool):
                raise CelError(NO_OVERLOAD)
            return self.visit(node.arguments[1 if condition else 2])
        arguments = [self.visit(argument) for argument in node.arguments]
        weigh(self.effort, node.function, arguments)
        return self.effort.call(FUNCTIONS[node.function], *arguments)

    def logic(self, node: Logic) -> object:
        """``&&`` and ``||``: a term that decides does so even where another one is an error."""
        decides = node.function == "_||_"
        failure: CelError | None = None
        for term in node.terms:
            try:
                value = self.visit(term)
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

    def list(self, node: ListLiteral) -> object:
        return [self.visit(each) for each in node.elements]

    def map(self, node: MapLiteral) -> object:
        entries: dict[object, object] = {}
        for key_node, value_node in node.entries:
            key = self.visit(key_node)
            if not isinstance(key, (str, int)):
                raise CelError("unsupported key type")
            if key in entries:
                raise CelError(f"Failed with repeated key: {key}")
            entries[key] = self.visit(value_node)
        return entries


_VISITORS: Mapping[type, Callable[..., object]] = {
    Literal: _Evaluator.literal,
    Identifier: _Evaluator.identifier,
    Select: _Evaluator.select,
    Call: _Evaluator.call,
    Logic: _Evaluator.logic,
    ListLiteral: _Evaluator.list,
    MapLiteral: _Evaluator.map,
}
