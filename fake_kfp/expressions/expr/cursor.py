"""Walking over the tokens of an expression while parsing."""

from __future__ import annotations

from typing import TypeVar

from fake_kfp.expressions.expr.lexer import BRACKET, EOF, OPERATOR, Token, lex
from fake_kfp.expressions.expr.nodes import Node
from fake_kfp.expressions.expr.source import error_at
from fake_kfp.golang.errors import GoError

MAX_NODES = 10_000  # conf.DefaultMaxNodes
MAX_DEPTH = 60

AnyNode = TypeVar("AnyNode", bound=Node)


class Cursor:
    """The current token, and the errors that point at it."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = lex(source)
        self.index = 0
        self.current = self.tokens[0]
        self.node_count = 0
        self.depth = 0

    def next(self) -> None:
        """Moves on; behind the last token there is nothing."""
        if self.index + 1 >= len(self.tokens):
            raise self.error("unexpected end of expression")
        self.move_to(self.index + 1)

    def move_to(self, index: int) -> None:
        """Makes that token the current one."""
        self.index = index
        self.current = self.tokens[index]

    def expect(self, kind: str, *values: str) -> None:
        """Moves past a token that has to stand here."""
        if not self.current.is_a(kind, *values):
            raise self.unexpected(self.current)
        self.next()

    def at_operator(self, *values: str) -> bool:
        """Whether the current token is one of these operators."""
        return self.current.is_a(OPERATOR, *values)

    def at_bracket(self, *values: str) -> bool:
        """Whether the current token is one of these brackets."""
        return self.current.is_a(BRACKET, *values)

    def at_end(self) -> bool:
        """Whether all tokens were read."""
        return self.current.kind == EOF

    def error(self, message: str, token: Token | None = None) -> GoError:
        """The message with the place of the token, by default the current one."""
        return error_at(self.source, (token or self.current).position, message)

    def unexpected(self, token: Token) -> GoError:
        """Points at the current token and names ``token``."""
        return self.error(f"unexpected token {token}")

    def enter(self) -> None:
        """Goes one level of nesting deeper."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise GoError(
                f"fake_kfp: this expression is nested more than {MAX_DEPTH} levels deep; write it flatter"
            )

    def leave(self) -> None:
        """Comes back from a level of nesting."""
        self.depth -= 1

    def create(self, node: AnyNode, position: int) -> AnyNode:
        """Places a node and counts it."""
        self.node_count += 1
        if self.node_count > MAX_NODES:
            raise self.error("compilation failed: expression exceeds maximum allowed nodes")
        node.position = position
        return node
