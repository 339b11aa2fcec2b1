"""Running a checked tree (expr's ``vm/vm.go``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Sequence as AbstractSequence

from fake_kfp.expressions.effort import Effort
from fake_kfp.expressions.expr.containers import (
    contains,
    elements_to_visit,
    fetch,
    length_of,
    slice_of,
)
from fake_kfp.expressions.expr.costs import weigh
from fake_kfp.expressions.expr.library import COUNTED, call
from fake_kfp.expressions.expr.library_lists import sort_values
from fake_kfp.expressions.expr.library_texts import MEMORY_BUDGET
from fake_kfp.expressions.expr.nodes import (
    Array,
    Binary,
    Builtin,
    Call,
    Chain,
    Conditional,
    Constant,
    Declaration,
    Identifier,
    Literal,
    Map,
    Member,
    Members,
    Nil,
    Node,
    Pointer,
    Predicate,
    Sequence,
    Slice,
    Unary,
)
from fake_kfp.expressions.expr.operators import (
    BINARY,
    Panic,
    add,
    as_bool,
    as_str,
    negate,
    to_int,
)
from fake_kfp.expressions.expr.reflection import call_function
from fake_kfp.expressions.expr.source import error_at
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.regexp import compile_regex
from fake_kfp.golang.values import Groups, Ints, type_name


def _occurs(pattern: str, text: str) -> bool:
    return compile_regex(pattern).matches(text)


class _NilInChain(Exception):
    """``?.`` met nil: the chain around it is nil."""


class _Scope:
    """What ``#``, ``#index`` and ``#acc`` mean in a predicate."""

    __slots__ = ("accumulator", "elements", "index")

    def __init__(self, elements: AbstractSequence[object]) -> None:
        self.elements = elements
        self.index = 0
        self.accumulator: object = None


class Evaluator:
    """One run of one expression."""

    def __init__(self, source: str, env: Mapping[str, object]) -> None:
        self.source = source
        self.env = env
        self.variables: dict[str, object] = {}
        self.scopes: list[_Scope] = []
        self.memory = 0
        self.effort = Effort()
        self.panicking: Node | None = None

    def run(self, node: Node) -> object:
        """The value; a run-time error names the place of the innermost node that failed."""
        try:
            return self.visit(node)
        except Panic as panic:
            position = self.panicking.position if self.panicking is not None else 0
            raise error_at(self.source, position, str(panic)) from None

    def visit(self, node: Node) -> object:
        """The value of a node."""
        self.effort.spend(1)
        try:
            return _VISITORS[type(node)](self, node)
        except Panic:
            if self.panicking is None:
                self.panicking = node
            raise

    def grow(self, size: int) -> None:
        """Counts what an expression makes."""
        self.memory += size
        if self.memory >= MEMORY_BUDGET:
            raise Panic("memory budget exceeded")

    def spare(self, size: int) -> None:
        """Refuses what will be too large before it is made."""
        if self.memory + size >= MEMORY_BUDGET:
            raise Panic("memory budget exceeded")

    def _nil(self, _node: Nil) -> None:
        return None

    def _literal(self, node: Literal) -> object:
        return node.value

    def _constant(self, node: Constant) -> object:
        return list(node.value)

    def _members(self, node: Members) -> object:
        return node

    def _identifier(self, node: Identifier) -> object:
        if node.name in self.variables:
            return self.variables[node.name]
        return self.env if node.name == "$env" else self.env.get(node.name)

    def _unary(self, node: Unary) -> object:
        value = self.visit(node.node)
        if node.operator in ("!", "not"):
            return not as_bool(value)
        return negate(value) if node.operator == "-" else value

    def _binary(self, node: Binary) -> object:
        """Left sides in a loop, as in the checker."""
        spine = [node]
        while isinstance(spine[-1].left, Binary):
            spine.append(spine[-1].left)
        value = self.visit(spine[-1].left)
        for binary in reversed(spine):
            try:
                value = _OPERATORS[binary.operator](self, binary, value)
            except Panic:
                self.panicking = self.panicking or binary
                raise
        return value

    def _or(self, node: Binary, left: object) -> object:
        return left if as_bool(left) else self.visit(node.right)

    def _and(self, node: Binary, left: object) -> object:
        return self.visit(node.right) if as_bool(left) else left

    def _coalesce(self, node: Binary, left: object) -> object:
        return self.visit(node.right) if left is None else left

    def _simple(self, node: Binary, left: object) -> object:
        right = self.visit(node.right)
        if isinstance(left, (str, list, dict)):
            self._weigh(node.operator, left, right)
        return BINARY[node.operator](left, right)

    def _weigh(self, operator: str, left: object, right: object) -> None:
        """Counts what an operator is about to do with what may be large."""
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            self.effort.write(len(left) + len(right))
        else:
            self.effort.go_through(left)

    def _in(self, node: Binary, left: object) -> bool:
        container = self.visit(node.right)
        if isinstance(left, (list, dict)):
            self.effort.go_through(container)
        elif not isinstance(container, dict):
            self.effort.look_at(container)
        return contains(container, left)

    def _range(self, node: Binary, left: object) -> Ints:
        start, stop = to_int(left), to_int(self.visit(node.right))
        size = max(stop - start + 1, 0)
        self.grow(size)
        self.effort.spend(size // 2)
        return Ints(range(start, stop + 1))

    def _matches(self, node: Binary, left: object) -> bool:
        pattern = self.visit(node.right)
        if left is None or pattern is None:
            return False
        text = as_str(left) if isinstance(node.right, Literal) else None
        try:
            return bool(self.effort.call(_occurs, as_str(pattern), as_str(left) if text is None else text))
        except GoError as error:
            if error.is_ours:
                raise
            raise Panic(error.text) from None

    def _text_test(self, node: Binary, left: object) -> bool:
        right = self.visit(node.right)
        if left is None or right is None:
            return False
        text = as_str(left)
        part = as_str(right)
        return _TEXT_TESTS[node.operator](text, part)

    def _chain(self, node: Chain) -> object:
        try:
            return self.visit(node.node)
        except _NilInChain:
            return None

    def _member(self, node: Member) -> object:
        container = self.visit(node.node)
        if node.optional and container is None:
            raise _NilInChain
        return fetch(container, self.visit(node.property))

    def _slice(self, node: Slice) -> object:
        container = self.visit(node.node)
        stop = length_of(container) if node.stop is None else self.visit(node.stop)
        start = 0 if node.start is None else self.visit(node.start)
        found = slice_of(container, start, stop)
        self.effort.look_at(found)
        return found

    def _call(self, node: Call) -> object:
        arguments = [self.visit(argument) for argument in node.arguments]
        if isinstance(node.callee, Identifier) and node.callee.name not in self.env:
            if node.callee.name in self.variables:
                return call_function(self.variables[node.callee.name], arguments)
            raise Panic("reflect: call of reflect.Value.Type on zero Value")
        function = self.visit(node.callee)
        self.effort.go_through(*arguments)
        result = self.effort.call(call_function, function, arguments)
        self.effort.look_at(result)
        return result

    def _builtin(self, node: Builtin) -> object:
        looping = _LOOPS.get(node.name)
        if looping is not None:
            return self._loop(node, looping)
        arguments = [self.visit(argument) for argument in node.arguments]
        weigh(self.effort, node.name, arguments)
        if node.name in ("sort", "reverse") and arguments and isinstance(arguments[0], list):
            self.spare(len(arguments[0]))
        result = call(node.name, arguments)
        if (node.name in COUNTED and isinstance(result, list)) or (
            node.name == "repeat" and isinstance(result, str)
        ):
            self.grow(len(result))
        return result

    def _loop(self, node: Builtin, looping: Callable[[Evaluator, Builtin, _Scope], object]) -> object:
        scope = _Scope(elements_to_visit(self.visit(node.arguments[0])))
        self.scopes.append(scope)
        result = looping(self, node, scope)
        self.scopes.pop()
        return result

    def _outcomes(self, node: Builtin, scope: _Scope, indexes: range | None = None) -> Iterator[object]:
        """What the predicate says of each element; of the element itself where there is none."""
        predicate = node.arguments[1] if len(node.arguments) > 1 else None
        for index in indexes if indexes is not None else range(len(scope.elements)):
            scope.index = index
            yield scope.elements[index] if predicate is None else self.visit(predicate)

    def _all(self, node: Builtin, scope: _Scope) -> bool:
        return all(as_bool(outcome) for outcome in self._outcomes(node, scope))

    def _none(self, node: Builtin, scope: _Scope) -> bool:
        return not self._any(node, scope)

    def _any(self, node: Builtin, scope: _Scope) -> bool:
        return any(as_bool(outcome) for outcome in self._outcomes(node, scope))

    def _one(self, node: Builtin, scope: _Scope) -> bool:
        return self._count(node, scope) == 1

    def _count(self, node: Builtin, scope: _Scope) -> int:
        return sum(as_bool(outcome) for outcome in self._outcomes(node, scope))

    def _filter(self, node: Builtin, scope: _Scope) -> list[object]:
        found = [scope.elements[scope.index] for outcome in self._outcomes(node, scope) if as_bool(outcome)]
        self.grow(len(found))
        return found

    def _map_elements(self, node: Builtin, scope: _Scope) -> list[object]:
        mapped = list(self._outcomes(node, scope))
        self.grow(len(mapped))
        return mapped

    def _sum(self, node: Builtin, scope: _Scope) -> object:
        total: object = 0
        for outcome in self._outcomes(node, scope):
            total = add(outcome, total)
        return total

    def _first_index(self, node: Builtin, scope: _Scope) -> int | None:
        backwards = node.name.startswith("findLast")
        indexes = range(len(scope.elements))
        for outcome in self._outcomes(node, scope, indexes[::-1] if backwards else indexes):
            if as_bool(outcome):
                return scope.index
        return None

    def _find(self, node: Builtin, scope: _Scope) -> object:
        index = self._first_index(node, scope)
        if index is None and node.throws:
            raise Panic("reflect: slice index out of range")
        return None if index is None else scope.elements[index]

    def _group_by(self, node: Builtin, scope: _Scope) -> Groups:
        groups = Groups()
        for key in self._outcomes(node, scope):
            if isinstance(key, (list, dict)):
                raise Panic(f"runtime error: hash of unhashable type {type_name(key)}")
            group = groups.setdefault(key, [])
            assert isinstance(group, list)
            group.append(scope.elements[scope.index])
        return groups

    def _sort_by(self, node: Builtin, scope: _Scope) -> list[object]:
        order = as_str(self.visit(node.arguments[2])) if len(node.arguments) == 3 else "asc"
        if order not in ("asc", "desc"):
            raise Panic("unknown order, use asc or desc")
        keyed = [(key, scope.elements[scope.index]) for key in self._outcomes(node, scope)]
        self.grow(len(keyed))
        return sort_values(keyed, order == "desc")

    def _reduce(self, node: Builtin, scope: _Scope) -> object:
        first = 0
        if len(node.arguments) == 3:
            scope.accumulator = self.visit(node.arguments[2])
        elif not scope.elements:
            raise Panic("reflect: slice index out of range")
        else:
            scope.accumulator = scope.elements[0]
            first = 1
        for outcome in self._outcomes(node, scope, range(first, len(scope.elements))):
            scope.accumulator = outcome
        return scope.accumulator

    def _predicate(self, node: Predicate) -> object:
        return self.visit(node.node)

    def _pointer(self, node: Pointer) -> object:
        scope = self.scopes[-1]
        if node.name == "index":
            return scope.index
        return scope.accumulator if node.name == "acc" else scope.elements[scope.index]

    def _declaration(self, node: Declaration) -> object:
        self.variables[node.name] = self.visit(node.value)
        result = self.visit(node.body)
        del self.variables[node.name]
        return result

    def _sequence(self, node: Sequence) -> object:
        return [self.visit(child) for child in node.nodes][-1]

    def _conditional(self, node: Conditional) -> object:
        return self.visit(node.first if as_bool(self.visit(node.condition)) else node.second)

    def _array(self, node: Array) -> list[object]:
        elements = [self.visit(child) for child in node.nodes]
        self.grow(len(elements))
        return elements

    def _map(self, node: Map) -> dict[str, object]:
        pairs = [(self.visit(key), self.visit(value)) for key, value in node.pairs]
        self.grow(len(pairs))
        return {as_str(key): value for key, value in pairs}


_Operator = Callable[[Evaluator, Binary, object], object]
_OPERATORS: dict[str, _Operator] = {
    **dict.fromkeys(BINARY, Evaluator._simple),
    **dict.fromkeys(("or", "||"), Evaluator._or),
    **dict.fromkeys(("and", "&&"), Evaluator._and),
    **dict.fromkeys(("contains", "startsWith", "endsWith"), Evaluator._text_test),
    "??": Evaluator._coalesce,
    "in": Evaluator._in,
    "..": Evaluator._range,
    "matches": Evaluator._matches,
}
_TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
}
_LOOPS: dict[str, Callable[[Evaluator, Builtin, _Scope], object]] = {
    "all": Evaluator._all,
    "none": Evaluator._none,
    "any": Evaluator._any,
    "one": Evaluator._one,
    "count": Evaluator._count,
    "filter": Evaluator._filter,
    "map": Evaluator._map_elements,
    "sum": Evaluator._sum,
    "find": Evaluator._find,
    "findLast": Evaluator._find,
    "findIndex": Evaluator._first_index,
    "findLastIndex": Evaluator._first_index,
    "groupBy": Evaluator._group_by,
    "sortBy": Evaluator._sort_by,
    "reduce": Evaluator._reduce,
}
_VISITORS: dict[type[Node], Callable[..., object]] = {
    Nil: Evaluator._nil,
    Literal: Evaluator._literal,
    Constant: Evaluator._constant,
    Members: Evaluator._members,
    Identifier: Evaluator._identifier,
    Unary: Evaluator._unary,
    Binary: Evaluator._binary,
    Chain: Evaluator._chain,
    Member: Evaluator._member,
    Slice: Evaluator._slice,
    Call: Evaluator._call,
    Builtin: Evaluator._builtin,
    Predicate: Evaluator._predicate,
    Pointer: Evaluator._pointer,
    Declaration: Evaluator._declaration,
    Sequence: Evaluator._sequence,
    Conditional: Evaluator._conditional,
    Array: Evaluator._array,
    Map: Evaluator._map,
}
