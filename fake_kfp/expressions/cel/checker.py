"""Whether the types of an expression go together (``checker/checker.go``); most of what conditions touch is dynamic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from fake_kfp.expressions.cel.errors import CelError, at
from fake_kfp.expressions.cel.functions import OVERLOADS, Overload
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
from fake_kfp.expressions.cel.types import BOOL, DYN, NULL, Bindings, Type, join, list_of, map_of
from fake_kfp.expressions.cel.values import type_name


class Checker:
    """Checks one expression. ``variables`` are the types of those that there are, ``messages`` the fields of messages by their types."""

    def __init__(
        self, source: str, variables: Mapping[str, Type], messages: Mapping[str, Mapping[str, Type]]
    ) -> None:
        self._source = source
        self._variables = variables
        self._messages = messages

    def check(self, node: Node) -> Type:
        """The type of an expression. Raises CelError for the first thing that is wrong with it."""
        if isinstance(node, Literal):
            return NULL if node.value is None else Type(type_name(node.value))
        if isinstance(node, Identifier):
            return self._identifier(node)
        if isinstance(node, Select):
            return self._select(node)
        if isinstance(node, Logic):
            return self._logic(node)
        if isinstance(node, Call):
            return self._call(node, [self.check(each) for each in node.arguments])
        return self._literal(node)

    def _identifier(self, node: Identifier) -> Type:
        if node.name not in self._variables:
            raise self._undeclared(node, node.name)
        return self._variables[node.name]

    def _select(self, node: Select) -> Type:
        type = self.check(node.operand)
        if type.name in self._messages:
            fields = self._messages[type.name]
            if node.field not in fields:
                raise at(self._source, node.position, f"undefined field '{node.field}'")
            found = fields[node.field]
        elif type.name in ("map", "dyn"):
            found = type.parameters[1] if type.parameters else DYN
        else:
            raise at(self._source, node.position, f"type '{type}' does not support field selection")
        return BOOL if node.test else found

    def _logic(self, node: Logic) -> Type:
        types = [self.check(term) for term in node.terms]
        for left, right in pairwise(types):
            if not {left, right} <= {BOOL, DYN}:
                raise self._no_overload(node, node.function, [left, right], member=False)
        return BOOL

    def _call(self, node: Call, types: list[Type]) -> Type:
        if node.function not in OVERLOADS:
            raise self._undeclared(node, node.function)
        results = {
            result
            for overload in OVERLOADS[node.function]
            if overload.member == node.member and (result := _result(overload, types)) is not None
        }
        if not results:
            raise self._no_overload(node, node.function, types, node.member)
        return results.pop() if len(results) == 1 else DYN

    def _literal(self, node: Node) -> Type:
        if isinstance(node, ListLiteral):
            element: Type | None = None
            for each in node.elements:
                element = join(element, self.check(each))
            return list_of(element or DYN)
        assert isinstance(node, MapLiteral)
        key: Type | None = None
        value: Type | None = None
        for one, other in node.entries:
            key, value = join(key, self.check(one)), join(value, self.check(other))
        return map_of(key or DYN, value or DYN)

    def _undeclared(self, node: Node, name: str) -> CelError:
        return at(self._source, node.position, f"undeclared reference to '{name}' (in container '')")

    def _no_overload(self, node: Node, name: str, types: Sequence[Type], member: bool) -> CelError:
        texts = [str(type) for type in types]
        signature = f"{texts[0]}.({', '.join(texts[1:])})" if member else f"({', '.join(texts)})"
        return at(
            self._source, node.position, f"found no matching overload for '{name}' applied to '{signature}'"
        )


def _result(overload: Overload, types: list[Type]) -> Type | None:
    """What an overload gives for arguments of these types; None where it does not take them."""
    bindings = Bindings()
    if len(types) != len(overload.arguments) or not all(map(bindings.assign, overload.arguments, types)):
        return None
    return bindings.resolve(overload.result)
