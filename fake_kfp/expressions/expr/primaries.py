"""Literals, collections, calls and what follows them (``.name``, ``[i]``, ``[a:b]``)."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Set

from fake_kfp.expressions.expr.cursor import Cursor
from fake_kfp.expressions.expr.lexer import (
    BRACKET,
    IDENTIFIER,
    NUMBER,
    OPERATOR,
    STRING,
    Token,
    is_word,
)
from fake_kfp.expressions.expr.nodes import (
    Array,
    Builtin,
    Call,
    Chain,
    Identifier,
    Literal,
    Map,
    Member,
    Nil,
    Node,
    Predicate,
    Slice,
)
from fake_kfp.expressions.expr.signatures import BUILTIN_NAMES, PREDICATE_FUNCTIONS
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.quoting import quote

_CONSTANTS = {"true": True, "false": False}
_BASES = {"0x": (16, "hex"), "0b": (2, "binary"), "0o": (8, "octal")}
_MAX_INT = 0x7FFFFFFFFFFFFFFF


class PrimaryParser(Cursor):
    """The lower half of the parser; ``Parser`` adds the operators."""

    def __init__(self, source: str, overridden: Set[str]) -> None:
        super().__init__(source)
        self.overridden = overridden
        self.predicate_depth = 0

    @abstractmethod
    def parse_expression(self, precedence: int) -> Node:
        """An expression whose operators bind at least that strongly."""

    @abstractmethod
    def parse_sequence(self) -> Node:
        """Expressions separated by semicolons."""

    def parse_secondary(self) -> Node:
        """A literal, a name, a call or a collection, with its postfixes."""
        token = self.current
        if token.kind == IDENTIFIER:
            return self._name(token)
        if token.kind == NUMBER:
            self.next()
            return self.create(Literal(self._number(token)), token.position)
        if token.kind == STRING:
            self.next()
            return self.parse_postfix(self.create(Literal(token.value), token.position))
        if token.is_a(BRACKET, "["):
            return self.parse_postfix(self._array(token))
        if token.is_a(BRACKET, "{"):
            return self.parse_postfix(self._map(token))
        raise self.unexpected(token)

    def _name(self, token: Token) -> Node:
        self.next()
        if token.value in _CONSTANTS:
            return self.create(Literal(_CONSTANTS[token.value]), token.position)
        if token.value == "nil":
            return self.create(Nil(), token.position)
        if self.at_bracket("("):
            return self.parse_postfix(self.parse_call(token, [], overridable=True))
        return self.parse_postfix(self.create(Identifier(token.value), token.position))

    def _number(self, token: Token) -> int | float:
        text = token.value.replace("_", "")
        base, word = _BASES.get(text[:2].lower(), (10, "integer"))
        if base != 16 and any(mark in text for mark in ".eE"):
            return self._float(text)
        digits = text[2:] if base != 10 else text
        try:
            value = int(digits, base)
        except ValueError:
            raise self._bad_number(word, "ParseInt", text, "invalid syntax") from None
        if value > _MAX_INT:
            raise self._bad_number(word, "ParseInt", text, "value out of range")
        return value

    def _float(self, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise self._bad_number("float", "ParseFloat", text, "invalid syntax") from None
        if math.isinf(value):
            raise self._bad_number("float", "ParseFloat", text, "value out of range")
        return value

    def _bad_number(self, word: str, function: str, text: str, reason: str) -> GoError:
        return self.error(f"invalid {word} literal: strconv.{function}: parsing {quote(text)}: {reason}")

    def parse_call(self, name: Token, arguments: list[Node], *, overridable: bool) -> Node:
        """A call of ``name``; ``arguments`` holds what a pipe put in front."""
        overridden = overridable and name.value in self.overridden
        if name.value in PREDICATE_FUNCTIONS and not overridden:
            return self.create(
                Builtin(name.value, self._predicate_arguments(name.value, arguments)), name.position
            )
        if name.value in BUILTIN_NAMES and not overridden:
            return self.create(Builtin(name.value, self._arguments(arguments)), name.position)
        callee = self.create(Identifier(name.value), name.position)
        return self.create(Call(callee, self._arguments(arguments)), name.position)

    def _predicate_arguments(self, name: str, arguments: list[Node]) -> list[Node]:
        self.expect(BRACKET, "(")
        wanted = PREDICATE_FUNCTIONS[name][len(arguments) :]
        for index, (is_predicate, optional) in enumerate(wanted):
            if self.at_bracket(")"):
                if optional:
                    break
                raise self.error(f"expected at least {len(wanted)} arguments")
            if index > 0:
                self.expect(OPERATOR, ",")
            arguments.append(self._predicate() if is_predicate else self.parse_expression(0))
        if self.at_operator(","):
            self.next()
        self.expect(BRACKET, ")")
        return arguments

    def _arguments(self, arguments: list[Node]) -> list[Node]:
        self.expect(BRACKET, "(")
        self._elements(")", arguments)
        return arguments

    def _elements(self, closing: str, nodes: list[Node]) -> None:
        """Expressions up to the closing bracket; a comma may stand before it."""
        first = True
        while not self.at_bracket(closing):
            if not first:
                self.expect(OPERATOR, ",")
                if self.at_bracket(closing):
                    break
            first = False
            nodes.append(self.parse_expression(0))
        self.next()

    def _predicate(self) -> Node:
        start = self.current
        in_braces = self.at_bracket("{")
        self.predicate_depth += 1
        if in_braces:
            self.next()
            node = self.parse_sequence()
        else:
            node = self.parse_expression(0)
            if self.at_operator(";"):
                raise self.error("wrap predicate with brackets { and }")
        self.predicate_depth -= 1
        if in_braces:
            self.expect(BRACKET, "}")
        return self.create(Predicate(node), start.position)

    def _array(self, token: Token) -> Node:
        self.next()
        nodes: list[Node] = []
        self._elements("]", nodes)
        return self.create(Array(nodes), token.position)

    def _map(self, token: Token) -> Node:
        self.next()
        pairs: list[tuple[Node, Node]] = []
        while not self.at_bracket("}"):
            if pairs:
                self.expect(OPERATOR, ",")
                if self.at_bracket("}"):
                    break
                if self.at_operator(","):
                    raise self.unexpected(self.current)
            key = self._map_key()
            self.expect(OPERATOR, ":")
            pairs.append((key, self.parse_expression(0)))
        self.next()
        return self.create(Map(pairs), token.position)

    def _map_key(self) -> Node:
        token = self.current
        if token.kind in (NUMBER, STRING, IDENTIFIER):
            self.next()
            return self.create(Literal(token.value), token.position)
        if token.is_a(BRACKET, "("):
            return self.parse_expression(0)
        raise self.error(
            "a map key must be a quoted string, a number, a identifier, or an expression enclosed in parentheses "
            f"(unexpected token {token})"
        )

    def parse_postfix(self, node: Node) -> Node:
        """``node`` with the members, indexes, slices and method calls that follow it."""
        while True:
            token = self.current
            if token.is_a(OPERATOR, ".", "?."):
                self.next()
                if token.value == "?." and self.at_bracket("["):
                    node = self._index(node, self.current, optional=True)
                else:
                    node = self._member(node, optional=token.value == "?.")
            elif token.is_a(BRACKET, "["):
                node = self._index(node, token, optional=False)
            else:
                return node

    def _member(self, node: Node, *, optional: bool) -> Node:
        token = self.current
        self.next()
        if token.kind != IDENTIFIER and not (token.kind == OPERATOR and _is_name(token.value)):
            raise self.error("expected name")
        name = self.create(Literal(token.value), token.position)
        in_chain = isinstance(node, Chain)
        inner = node.node if isinstance(node, Chain) else node
        member = self.create(Member(inner, name, optional), token.position)
        result: Node = member
        if self.at_bracket("("):
            member.method = True
            result = self.create(Call(member, self._arguments([])), token.position)
        return self.create(Chain(result), token.position) if in_chain or optional else result

    def _index(self, node: Node, token: Token, *, optional: bool) -> Node:
        self.next()
        start = None if self.at_operator(":") else self.parse_expression(0)
        if start is None or self.at_operator(":"):
            self.next()
            stop = None if self.at_bracket("]") else self.parse_expression(0)
            result: Node = self.create(Slice(node, start, stop), token.position)
        else:
            result = self.create(Member(node, start, optional), token.position)
            if optional:
                result = self.create(Chain(result), token.position)
        self.expect(BRACKET, "]")
        return result


def _is_name(text: str) -> bool:
    return text != "" and not text[0].isdecimal() and all(map(is_word, text))
