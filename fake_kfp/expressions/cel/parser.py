"""From tokens to the syntax tree (``parser/parser.go``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from fake_kfp.expressions.cel.errors import CelError, at
from fake_kfp.expressions.cel.lexer import Token, tokenize
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
from fake_kfp.expressions.cel.values import Uint
from fake_kfp.golang.strconv import parse_float

T = TypeVar("T")

MAX_DEPTH = 250
MAX_LENGTH = 100_000

_RELATIONS = frozenset({"<", "<=", ">=", ">", "==", "!=", "in"})
_SUMS = frozenset("+-")
_PRODUCTS = frozenset("*/%")
_CONSTANTS = {"true": True, "false": False, "null": None}
_RESERVED = frozenset(
    "as break const continue else for function if import in let loop package namespace return var void"
    " while".split()
)
_MACROS = frozenset({"all", "exists", "exists_one", "existsOne", "filter", "map"})
_STARTS = (
    "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES,"
    " IDENTIFIER}"
)


def too_deep() -> CelError:
    """What is said of an expression that nests too deeply; Python's own bound may come first."""
    return CelError(f"ERROR: <input>:-1:0: expression recursion limit exceeded: {MAX_DEPTH}")


def parse(source: str) -> Node:
    """The tree of an expression. Raises CelError."""
    if len(source) > MAX_LENGTH:
        raise CelError(
            "ERROR: <input>:-1:0: expression code point size exceeds limit:"
            f" size: {len(source)}, limit {MAX_LENGTH}"
        )
    parser = _Parser(source)
    tree = parser.expression()
    parser.expect("end", "<EOF>")
    return tree


class _Parser:
    def __init__(self, source: str) -> None:
        self._source = source
        self._tokens = tokenize(source)
        self._next = 0
        self._depth = 0

    def expression(self) -> Node:
        self._depth += 1
        self._bounded(self._depth)
        tree = self._either()
        if self._at("?"):
            position = self._take().position
            yes = self._either()
            self.expect(":", "':'")
            tree = Call(position, "_?_:_", (tree, yes, self.expression()))
        self._depth -= 1
        return tree

    def expect(self, kind: str, name: str) -> Token:
        if not self._at(kind):
            raise self._unexpected(name)
        return self._take()

    def _either(self) -> Node:
        return self._logic("||", self._both)

    def _both(self) -> Node:
        return self._logic("&&", self._relation)

    def _logic(self, sign: str, term: Callable[[], Node]) -> Node:
        terms = [term()]
        position = self._peek().position
        while self._at(sign):
            self._take()
            terms.append(term())
        return Logic(position, f"_{sign}_", tuple(terms)) if len(terms) > 1 else terms[0]

    def _relation(self) -> Node:
        return self._chain(_RELATIONS, self._sum)

    def _sum(self) -> Node:
        return self._chain(_SUMS, self._product)

    def _product(self) -> Node:
        return self._chain(_PRODUCTS, self._unary)

    def _chain(self, signs: frozenset[str], term: Callable[[], Node]) -> Node:
        """Operators that bind to the left."""
        tree, length = term(), 0
        while self._peek().text in signs and self._peek().kind not in ("string", "bytes"):
            length += 1
            self._bounded(self._depth + length)
            sign = self._take()
            name = "@in" if sign.text == "in" else f"_{sign.text}_"
            tree = Call(sign.position, name, (tree, term()))
        return tree

    def _unary(self) -> Node:
        sign = self._peek()
        if sign.kind not in ("!", "-"):
            return self._member()
        count = 0
        while self._at(sign.kind):
            self._take()
            count += 1
        if sign.kind == "-" and count == 1 and self._peek().kind in ("int", "float"):
            return self._members(self._number(self._take(), "-", sign.position))
        operand = self._member()
        return Call(sign.position, f"{sign.kind}_", (operand,)) if count % 2 else operand

    def _member(self) -> Node:
        return self._members(self._primary())

    def _members(self, tree: Node) -> Node:
        length = 0
        while self._at(".", "["):
            length += 1
            self._bounded(self._depth + length)
            sign = self._take()
            if sign.kind == "[":
                tree = Call(sign.position, "_[_]", (tree, self.expression()))
                self.expect("]", "']'")
            else:
                tree = self._field(sign, tree)
        return tree

    def _field(self, dot: Token, operand: Node) -> Node:
        name = self.expect("word", "IDENTIFIER").text
        if not self._at("("):
            return Select(dot.position, operand, name)
        opening = self._take()
        if name in _MACROS:
            raise self._not_modelled(f"the macro {name}()")
        return Call(opening.position, name, (operand, *self._arguments()), member=True)

    def _primary(self) -> Node:
        token = self._take()
        if token.kind in ("int", "uint", "float"):
            return self._number(token, "", token.position)
        if token.kind == "string":
            return Literal(token.position, token.text)
        if token.kind == "bytes":
            return Literal(token.position, token.text.encode())
        if token.kind == "(":
            tree = self.expression()
            self.expect(")", "')'")
            return tree
        if token.kind == "[":
            return ListLiteral(token.position, tuple(self._items("]", self.expression)))
        if token.kind == "{":
            return MapLiteral(token.position, tuple(self._items("}", self._entry)))
        if token.kind == "." and self._at("word"):
            token = self._take()
        if token.kind == "word":
            return self._word(token)
        self._next -= 1
        raise self._unexpected(_STARTS)

    def _word(self, token: Token) -> Node:
        if token.text in _CONSTANTS:
            return Literal(token.position, _CONSTANTS[token.text])
        if token.text in _RESERVED:
            raise at(self._source, token.position, f"reserved identifier: {token.text}")
        if self._at("{"):
            raise self._not_modelled("a message as a literal")
        if not self._at("("):
            return Identifier(token.position, token.text)
        opening = self._take()
        arguments = tuple(self._arguments())
        if token.text == "has" and len(arguments) == 1:
            return self._has(arguments[0])
        return Call(opening.position, token.text, arguments)

    def _has(self, argument: Node) -> Node:
        if not isinstance(argument, Select):
            raise at(self._source, argument.position, "invalid argument to has() macro")
        return Select(argument.position, argument.operand, argument.field, test=True)

    def _arguments(self) -> list[Node]:
        arguments = [] if self._at(")") else [self.expression()]
        while self._at(","):
            self._take()
            arguments.append(self.expression())
        self.expect(")", "')'")
        return arguments

    def _items(self, closing: str, item: Callable[[], T]) -> list[T]:
        """The items up to a bracket; a comma may follow the last one."""
        items: list[T] = []
        while not self._at(closing):
            items.append(item())
            if not self._at(","):
                break
            self._take()
        self.expect(closing, f"'{closing}'")
        return items

    def _entry(self) -> tuple[Node, Node]:
        key = self.expression()
        self.expect(":", "':'")
        return key, self.expression()

    def _number(self, token: Token, sign: str, position: int) -> Literal:
        if token.kind == "float":
            try:
                return Literal(position, parse_float(sign + token.text))
            except ValueError:
                raise at(self._source, position, "invalid double literal") from None
        digits = sign + token.text.rstrip("uU")
        value = int(digits, 16 if "x" in digits else 10) if len(digits) <= 30 else 1 << 64
        if token.kind == "uint" and value < 1 << 64:
            return Literal(position, Uint(value))
        if token.kind == "int" and -(1 << 63) <= value < 1 << 63:
            return Literal(position, value)
        raise at(self._source, position, f"invalid {token.kind} literal")

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._tokens[self._next]
        self._next += 1
        return token

    def _at(self, *kinds: str) -> bool:
        return self._tokens[self._next].kind in kinds

    def _bounded(self, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise too_deep()

    def _unexpected(self, wanted: str) -> CelError:
        token = self._tokens[self._next]
        text = (
            self._source[token.position : self._tokens[self._next + 1].position].rstrip()
            if (token.kind != "end")
            else "<EOF>"
        )
        return at(self._source, token.position, f"Syntax error: mismatched input '{text}' expecting {wanted}")

    def _not_modelled(self, what: str) -> CelError:
        return CelError(
            f"fake_kfp: {what} in a condition is not modelled; script the driver of the task instead"
        )
