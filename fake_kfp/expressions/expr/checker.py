"""Type checking before anything runs (expr's ``checker/checker.go``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fake_kfp.expressions.expr.calls import CallChecker
from fake_kfp.expressions.expr.natures import (
    ARRAY_OF_ANY,
    BOOL,
    FLOAT,
    INTEGER,
    MAP_OF_ANY,
    NIL,
    STRING,
    UNKNOWN,
    Nature,
    array_of,
    combined,
    either,
    is_array,
    is_bool,
    is_comparable,
    is_integer,
    is_map,
    is_number,
    is_string,
)
from fake_kfp.expressions.expr.nodes import (
    Array,
    Binary,
    Builtin,
    Call,
    Chain,
    Conditional,
    Declaration,
    Identifier,
    Literal,
    Map,
    Member,
    Nil,
    Node,
    Pointer,
    Sequence,
    Slice,
    Unary,
)
from fake_kfp.expressions.expr.signatures import BUILTIN_NAMES, function_type
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.fmt import sprintf
from fake_kfp.golang.regexp import compile_regex

_LITERALS = {bool: BOOL, int: INTEGER, float: FLOAT, str: STRING}


def check(node: Node, source: str, env: Mapping[str, Nature]) -> None:
    """Gives every node its nature; raises for what cannot work, such as unknown names and mismatched types."""
    Checker(source, env).visit(node)


class Checker(CallChecker):
    """Visits each node once; the first mistake ends it."""

    def visit(self, node: Node) -> Nature:
        node.nature = nature = _VISITORS[type(node)](self, node)
        return nature

    def _nil(self, _node: Nil) -> Nature:
        return NIL

    def _literal(self, node: Literal) -> Nature:
        return _LITERALS[type(node.value)]

    def _identifier(self, node: Identifier) -> Nature:
        if node.name in self.variables:
            return self.variables[node.name]
        if node.name == "$env":
            return UNKNOWN
        return self._environment(node, node.name, builtins=True)

    def _environment(self, node: Node, name: str, *, builtins: bool, strict: bool = True) -> Nature:
        if name in self.env:
            return self.env[name]
        if builtins and name in BUILTIN_NAMES:
            return Nature(function_type(name), builtin=name)
        if strict:
            raise self.error(node, f"unknown name {name}")
        return UNKNOWN

    def _unary(self, node: Unary) -> Nature:
        nature = self.visit(node.node)
        if node.operator in ("!", "not"):
            if is_bool(nature) or nature.is_unknown:
                return BOOL
        elif is_number(nature) or nature.is_unknown:
            return UNKNOWN if nature.is_unknown else nature
        raise self.error(node, f"invalid operation: {node.operator} (mismatched type {nature})")

    def _binary(self, node: Binary) -> Nature:
        """Goes down the left side in a loop: conditions of hundreds of terms are common."""
        spine = [node]
        while isinstance(spine[-1].left, Binary):
            spine.append(spine[-1].left)
        left = self.visit(spine[-1].left)
        for binary in reversed(spine):
            left = binary.nature = self._operation(binary, left, self.visit(binary.right))
        return left

    def _operation(self, node: Binary, left: Nature, right: Nature) -> Nature:
        result = _OPERATIONS[node.operator](self, node, left, right)
        if result is None:
            raise self.error(
                node, f"invalid operation: {node.operator} (mismatched types {left} and {right})"
            )
        return result

    def _equality(self, _node: Binary, left: Nature, right: Nature) -> Nature | None:
        return BOOL if is_comparable(left, right) else None

    def _logic(self, _node: Binary, left: Nature, right: Nature) -> Nature | None:
        return BOOL if (is_bool(left) and is_bool(right)) or either(left, right, is_bool) else None

    def _order(self, _node: Binary, left: Nature, right: Nature) -> Nature | None:
        alike = (is_number(left) and is_number(right)) or (is_string(left) and is_string(right))
        return BOOL if alike or either(left, right, is_number, is_string) else None

    def _arithmetic(self, _node: Binary, left: Nature, right: Nature) -> Nature | None:
        if is_number(left) and is_number(right):
            return combined(left, right)
        return UNKNOWN if either(left, right, is_number) else None

    def _addition(self, node: Binary, left: Nature, right: Nature) -> Nature | None:
        if is_string(left) and is_string(right):
            return STRING
        if either(left, right, is_string):
            return UNKNOWN
        return self._arithmetic(node, left, right)

    def _float_result(self, _node: Binary, left: Nature, right: Nature) -> Nature | None:
        return FLOAT if (is_number(left) and is_number(right)) or either(left, right, is_number) else None

    def _modulo(self, _node: Binary, left: Nature, right: Nature) -> Nature | None:
        return (
            INTEGER if (is_integer(left) and is_integer(right)) or either(left, right, is_integer) else None
        )

    def _range(self, node: Binary, left: Nature, right: Nature) -> Nature | None:
        return array_of(INTEGER) if self._modulo(node, left, right) else None

    def _membership(self, node: Binary, left: Nature, right: Nature) -> Nature | None:
        if (is_string(left) or left.is_unknown) and right.kind == "struct":
            return BOOL
        if is_map(right):
            if not left.is_unknown and not left.assignable_to(right.key()):
                raise self.error(node, f"cannot use {left} as type {right.key()} in map key")
            return BOOL
        if is_array(right):
            if not is_comparable(left, right.elem()):
                raise self.error(node, f"cannot use {left} as type {right.elem()} in array")
            return BOOL
        return BOOL if right.is_unknown or (left.is_unknown and is_string(right)) else None

    def _matching(self, node: Binary, left: Nature, right: Nature) -> Nature | None:
        if isinstance(node.right, Literal) and isinstance(node.right.value, str):
            try:
                compile_regex(node.right.value)
            except GoError as error:
                raise self.error(node, sprintf(error.text)) from None
        return self._text_test(node, left, right)

    def _text_test(self, _node: Binary, left: Nature, right: Nature) -> Nature | None:
        return BOOL if (is_string(left) and is_string(right)) or either(left, right, is_string) else None

    def _coalesce(self, _node: Binary, left: Nature, right: Nature) -> Nature | None:
        if left.nil:
            return right
        return left if right.nil or right.assignable_to(left) else UNKNOWN

    def _chain(self, node: Chain) -> Nature:
        return self.visit(node.node)

    def _member(self, node: Member) -> Nature:
        name = node.property.value if isinstance(node.property, Literal) else None
        if isinstance(node.node, Identifier) and node.node.name == "$env":
            if not isinstance(name, str):
                return UNKNOWN
            return self._environment(node, name, builtins=False, strict=not node.optional)
        base = self.visit(node.node)
        index = self.visit(node.property)
        if base.is_unknown:
            return UNKNOWN
        if base.nil and isinstance(name, str):
            raise self.error(node, f"type nil has no field {name}")
        return self._element(node, base, index, name if isinstance(name, str) else None)

    def _element(self, node: Member, base: Nature, index: Nature, name: str | None) -> Nature:
        if is_map(base):
            if not index.assignable_to(base.key()) and not index.is_unknown:
                raise self.error(node.property, f"cannot use {index} to get an element from {base}")
            return base.elem()
        if is_array(base):
            if not is_integer(index) and not index.is_unknown:
                text = f"array elements can only be selected using an integer (got {index})"
                raise self.error(node.property, text)
            return base.elem()
        if name is None:
            raise self.error(node, f"type {base}[{index}] is undefined")
        if base.fields is not None and name in base.fields:
            return base.fields[name]
        raise self.error(node, f"type {base} has no {'method' if node.method else 'field'} {name}")

    def _slice(self, node: Slice) -> Nature:
        nature = self.visit(node.node)
        if nature.is_unknown:
            return UNKNOWN
        if not is_string(nature) and not is_array(nature):
            raise self.error(node, f"cannot slice {nature}")
        for bound in (node.start, node.stop):
            if bound is not None:
                index = self.visit(bound)
                if not is_integer(index) and not index.is_unknown:
                    raise self.error(bound, f"non-integer slice index {index}")
        return nature

    def _pointer(self, node: Pointer) -> Nature:
        if not self.scopes:
            raise self.error(node, "cannot use pointer accessor outside predicate")
        collection, names = self.scopes[-1]
        if not node.name:
            return UNKNOWN if collection.is_unknown else collection.elem()
        if node.name in names:
            return names[node.name]
        raise self.error(node, f"unknown pointer #{node.name}")

    def _declaration(self, node: Declaration) -> Nature:
        if node.name in self.env:
            raise self.error(node, f"cannot redeclare {node.name}")
        if node.name in BUILTIN_NAMES:
            raise self.error(node, f"cannot redeclare builtin {node.name}")
        if node.name in self.variables:
            raise self.error(node, f"cannot redeclare variable {node.name}")
        self.variables[node.name] = self.visit(node.value)
        nature = self.visit(node.body)
        del self.variables[node.name]
        return nature

    def _sequence(self, node: Sequence) -> Nature:
        return [self.visit(child) for child in node.nodes][-1]

    def _conditional(self, node: Conditional) -> Nature:
        condition = self.visit(node.condition)
        if not is_bool(condition) and not condition.is_unknown:
            text = f"non-bool expression (type {condition}) used as condition"
            raise self.error(node.condition, text)
        first, second = self.visit(node.first), self.visit(node.second)
        if first.nil:
            return second
        return first if second.nil or first.assignable_to(second) else UNKNOWN

    def _array(self, node: Array) -> Nature:
        natures = [self.visit(child) for child in node.nodes]
        if len({nature.kind for nature in natures}) > 1:
            return ARRAY_OF_ANY
        return array_of(natures[-1] if natures else UNKNOWN)

    def _map(self, node: Map) -> Nature:
        for key, value in node.pairs:
            self.visit(key)
            self.visit(value)
        return MAP_OF_ANY


_Operation = Callable[[Checker, Binary, Nature, Nature], "Nature | None"]
_OPERATIONS: dict[str, _Operation] = {
    **dict.fromkeys(("==", "!="), Checker._equality),
    **dict.fromkeys(("or", "||", "and", "&&"), Checker._logic),
    **dict.fromkeys(("<", ">", ">=", "<="), Checker._order),
    **dict.fromkeys(("-", "*"), Checker._arithmetic),
    **dict.fromkeys(("/", "**", "^"), Checker._float_result),
    **dict.fromkeys(("contains", "startsWith", "endsWith"), Checker._text_test),
    "+": Checker._addition,
    "%": Checker._modulo,
    "..": Checker._range,
    "in": Checker._membership,
    "matches": Checker._matching,
    "??": Checker._coalesce,
}
_VISITORS: dict[type[Node], Callable[..., Nature]] = {
    Nil: Checker._nil,
    Identifier: Checker._identifier,
    Literal: Checker._literal,
    Unary: Checker._unary,
    Binary: Checker._binary,
    Chain: Checker._chain,
    Member: Checker._member,
    Slice: Checker._slice,
    Call: Checker.call,
    Builtin: Checker.builtin,
    Pointer: Checker._pointer,
    Declaration: Checker._declaration,
    Sequence: Checker._sequence,
    Conditional: Checker._conditional,
    Array: Checker._array,
    Map: Checker._map,
}
