"""From tokens to a syntax tree: operators, conditions, declarations (expr's ``parser/parser.go``)."""

from __future__ import annotations

from collections.abc import Set

from fake_kfp.expressions.expr.lexer import BRACKET, IDENTIFIER, OPERATOR, Token
from fake_kfp.expressions.expr.nodes import (
    Binary,
    Conditional,
    Declaration,
    Node,
    Pointer,
    Sequence,
    Unary,
)
from fake_kfp.expressions.expr.primaries import PrimaryParser

_UNARY = {"not": 50, "!": 50, "-": 90, "+": 90}
_BINARY = {
    "|": 0,
    "or": 10,
    "||": 10,
    "and": 15,
    "&&": 15,
    "==": 20,
    "!=": 20,
    "<": 20,
    ">": 20,
    ">=": 20,
    "<=": 20,
    "in": 20,
    "matches": 20,
    "contains": 20,
    "startsWith": 20,
    "endsWith": 20,
    "..": 25,
    "+": 30,
    "-": 30,
    "*": 60,
    "/": 60,
    "%": 60,
    "**": 100,
    "^": 100,
    "??": 500,
}
_RIGHT_ASSOCIATIVE = {"**", "^"}
_COMPARISONS = {"<", ">", ">=", "<="}
_NEGATABLE = {"contains", "matches", "startsWith", "endsWith", "in"}


def parse(source: str, overridden: Set[str]) -> Node:
    """The tree of an expression; ``overridden`` are the language's functions that the environment replaces."""
    parser = Parser(source, overridden)
    node = parser.parse_sequence()
    if not parser.at_end():
        raise parser.unexpected(parser.current)
    return node


class Parser(PrimaryParser):
    """Precedence climbing, the operators' precedences in a table."""

    def parse_sequence(self) -> Node:
        nodes = [self.parse_expression(0)]
        while self.at_operator(";"):
            self.next()
            if self.at_end():
                break
            nodes.append(self.parse_expression(0))
        return nodes[0] if len(nodes) == 1 else self.create(Sequence(nodes), nodes[0].position)

    def parse_expression(self, precedence: int) -> Node:
        self.enter()
        if precedence == 0 and self.at_operator("let"):
            node = self._declaration()
        elif precedence == 0 and self.at_operator("if"):
            node = self._if_else()
        else:
            node = self._operators(self.parse_primary(), precedence)
            if precedence == 0:
                node = self._conditional(node)
        self.leave()
        return node

    def _operators(self, left: Node, precedence: int) -> Node:
        previous = ""
        while (operator := self._next_operator(precedence)) is not None:
            token, negated = operator
            self.next()
            if token.value == "|":
                left = self._pipe(left)
            elif previous == "??" and token.value != "??":
                text = f"Operator ({token.value}) and coalesce expressions (??) cannot be mixed. Wrap either by parentheses."
                raise self.error(text, token)
            elif token.value in _COMPARISONS:
                left = self._comparison(left, token)
            else:
                left = self._binary(left, token)
                if negated:
                    left = self.create(Unary("not", left), token.position)
            previous = token.value
        return left

    def _next_operator(self, precedence: int) -> tuple[Token, bool] | None:
        """The operator here if it binds at least that strongly, and whether a ``not`` stands before it."""
        token, start = self.current, self.index
        negated = token.is_a(OPERATOR, "not")
        if negated:
            self.next()
            token = self.current
            if token.value not in _NEGATABLE:
                raise self.unexpected(token)
        if token.is_a(OPERATOR) and _BINARY.get(token.value, -1) >= precedence:
            return token, negated
        self.move_to(start)
        return None

    def _pipe(self, left: Node) -> Node:
        name = self.current
        self.expect(IDENTIFIER)
        return self.parse_call(name, [left], overridable=True)

    def _binary(self, left: Node, token: Token) -> Node:
        precedence = _BINARY[token.value]
        right = self.parse_expression(precedence if token.value in _RIGHT_ASSOCIATIVE else precedence + 1)
        return self.create(Binary(token.value, left, right), token.position)

    def _comparison(self, left: Node, token: Token) -> Node:
        """``a < b < c`` means ``a < b && b < c``."""
        root: Node | None = None
        while True:
            right = self.parse_expression(_BINARY[token.value] + 1)
            compared = self.create(Binary(token.value, left, right), token.position)
            root = compared if root is None else self.create(Binary("&&", root, compared), token.position)
            left, token = right, self.current
            if not token.is_a(OPERATOR, *_COMPARISONS):
                return root
            self.next()

    def _declaration(self) -> Node:
        self.expect(OPERATOR, "let")
        name = self.current
        self.expect(IDENTIFIER)
        self.expect(OPERATOR, "=")
        value = self.parse_expression(0)
        self.expect(OPERATOR, ";")
        return self.create(Declaration(name.value, value, self.parse_sequence()), name.position)

    def _if_else(self) -> Node:
        self.next()
        condition = self.parse_expression(0)
        first = self._block()
        self.expect(OPERATOR, "else")
        return Conditional(condition, first, self._block())

    def _block(self) -> Node:
        self.expect(BRACKET, "{")
        node = self.parse_sequence()
        self.expect(BRACKET, "}")
        return node

    def _conditional(self, node: Node) -> Node:
        while self.at_operator("?"):
            self.next()
            if self.at_operator(":"):
                self.next()
                first = node
            else:
                first = self.parse_sequence()
                self.expect(OPERATOR, ":")
            second = self.parse_sequence()
            node = self.create(Conditional(node, first, second), self.current.position)
        return node

    def parse_primary(self) -> Node:
        token = self.current
        if token.kind == OPERATOR and token.value in _UNARY:
            self.next()
            operand = self.parse_expression(_UNARY[token.value])
            return self.parse_postfix(self.create(Unary(token.value, operand), token.position))
        if token.is_a(BRACKET, "("):
            self.next()
            node = self.parse_sequence()
            self.expect(BRACKET, ")")
            return self.parse_postfix(node)
        if self.predicate_depth and token.is_a(OPERATOR, "#", "."):
            return self.parse_postfix(self._pointer(token))
        if token.is_a(OPERATOR, "::"):
            self.next()
            name = self.current
            self.expect(IDENTIFIER)
            return self.parse_postfix(self.parse_call(name, [], overridable=False))
        return self.parse_secondary()

    def _pointer(self, token: Token) -> Node:
        name = ""
        if token.value == "#":
            self.next()
            if self.current.kind == IDENTIFIER:
                name = self.current.value
                self.next()
        return self.create(Pointer(name), token.position)
