"""Type checking of calls: the environment's functions, the language's, and those with predicates."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence

from fake_kfp.expressions.expr.natures import (
    ARRAY_OF_ANY,
    BOOL,
    INTEGER,
    UNKNOWN,
    Nature,
    array_of,
    is_array,
    is_bool,
    is_integer,
)
from fake_kfp.expressions.expr.nodes import (
    Builtin,
    Call,
    Identifier,
    Literal,
    Member,
    Node,
    Predicate,
)
from fake_kfp.expressions.expr.signatures import (
    PREDICATE_FUNCTIONS,
    SIGNATURES,
    UNMODELLED,
    result_type,
)
from fake_kfp.expressions.expr.source import error_at
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.values import ANY

_NO_PREDICATE = "predicate should has {} input and one output param"


class CallChecker:
    """The part of the checker that knows functions; ``Checker`` adds the other nodes."""

    def __init__(self, source: str, env: Mapping[str, Nature]) -> None:
        self.source = source
        self.env = env
        self.variables: dict[str, Nature] = {}
        self.scopes: list[tuple[Nature, dict[str, Nature]]] = []

    @abstractmethod
    def visit(self, node: Node) -> Nature:
        """The nature of a node, which is remembered in it."""

    def error(self, node: Node, message: str) -> GoError:
        """The message with the place of the node."""
        return error_at(self.source, node.position, message)

    def call(self, node: Call) -> Nature:
        """A call of something in the environment."""
        nature = self.visit(node.callee)
        if nature.builtin is not None:
            return self._function(nature.builtin, node, node.arguments)
        if nature.is_unknown:
            return UNKNOWN
        name = _callee_name(node.callee)
        if nature.nil:
            raise self.error(node, f"{name} is nil; cannot call nil as function")
        if nature.kind != "func":
            raise self.error(node, f"{nature} is not callable")
        parameters, result = _signature(str(nature))
        mismatch = self._mismatch(name, parameters, node.arguments, node)
        if mismatch is not None:
            raise mismatch
        return Nature(result)

    def _mismatch(
        self, name: str, parameters: Sequence[str], arguments: Sequence[Node], node: Node
    ) -> GoError | None:
        """Why the arguments do not fit; raises only for mistakes inside an argument, which come first."""
        variadic = bool(parameters) and parameters[-1].startswith("...")
        too_few = len(arguments) < len(parameters) - variadic
        if too_few or (len(arguments) > len(parameters) and not variadic):
            for argument in arguments:
                self.visit(argument)
            return self.error(node, f"{'not enough' if too_few else 'too many'} arguments to call {name}")
        for index, argument in enumerate(arguments):
            parameter = parameters[min(index, len(parameters) - 1)].removeprefix("...")
            mismatch = self._argument_mismatch(name, parameter, argument)
            if mismatch is not None:
                return mismatch
        return None

    def _argument_mismatch(self, name: str, parameter: str, argument: Node) -> GoError | None:
        nature = self.visit(argument)
        if parameter in ("float64", "int", "int64") and is_integer(nature):
            return None
        if nature.nil:
            text = f"cannot use nil as argument (type {parameter}) to call {name}"
            return None if parameter == ANY else self.error(argument, text)
        if nature.is_unknown or nature.assignable_to(Nature(parameter)):
            return None
        return self.error(argument, f"cannot use {nature} as argument (type {parameter}) to call {name} ")

    def builtin(self, node: Builtin) -> Nature:
        """A call of a function of the language."""
        if node.name in PREDICATE_FUNCTIONS:
            return self._predicate_function(node)
        if node.name == "get":
            return self._get(node)
        return self._function(node.name, node, node.arguments)

    def _function(self, name: str, node: Node, arguments: Sequence[Node]) -> Nature:
        if name in UNMODELLED:
            raise GoError(
                f"fake_kfp: {name}() is not modelled in expressions; compute the value in a task and use its output"
            )
        if name in SIGNATURES:
            return self._overloaded(name, node, arguments)
        natures = [self.visit(argument) for argument in arguments]
        try:
            return Nature(
                result_type(name, [ANY if nature.is_unknown else nature.type for nature in natures])
            )
        except GoError as error:
            raise self.error(node, error.text) from None

    def _overloaded(self, name: str, node: Node, arguments: Sequence[Node]) -> Nature:
        """The first signature that fits; the error is about the last."""
        mismatch: GoError | None = None
        for parameters, result in SIGNATURES[name]:
            mismatch = self._mismatch(name, parameters, arguments, node)
            if mismatch is None:
                return Nature(result)
        assert mismatch is not None
        raise mismatch

    def _get(self, node: Builtin) -> Nature:
        if len(node.arguments) != 2:
            text = f"invalid number of arguments (expected 2, got {len(node.arguments)})"
            raise self.error(node, text)
        of, by = node.arguments
        base, index = self.visit(of), self.visit(by)
        if isinstance(of, Identifier) and of.name == "$env":
            known = isinstance(by, Literal) and self.env.get(str(by.value))
            return known or UNKNOWN
        if base.is_unknown:
            return UNKNOWN
        if is_array(base):
            if not is_integer(index) and not index.is_unknown:
                raise self.error(by, f"non-integer slice index {index}")
            return base.elem()
        if base.kind == "map":
            if not index.assignable_to(base.key()) and not index.is_unknown:
                raise self.error(by, f"cannot use {index} to get an element from {base}")
            return base.elem()
        raise self.error(of, f"type {base} does not support indexing")

    def _predicate_function(self, node: Builtin) -> Nature:
        collection = self.visit(node.arguments[0])
        if not is_array(collection) and not collection.is_unknown:
            text = f"builtin {node.name} takes only array (got {collection})"
            raise self.error(node.arguments[0], text)
        if len(node.arguments) == 1:
            return INTEGER if node.name == "count" else collection.elem()
        outcome = self._predicate(node, collection)
        if len(node.arguments) == 3:
            self.visit(node.arguments[2])
        if node.name in _NEED_BOOL and not is_bool(outcome) and not outcome.is_unknown:
            text = f"predicate should return boolean (got {outcome})"
            raise self.error(node.arguments[1], text)
        return _predicate_result(node.name, collection, outcome)

    def _predicate(self, node: Builtin, collection: Nature) -> Nature:
        """The nature of what the predicate returns."""
        predicate = node.arguments[1]
        assert isinstance(predicate, Predicate)
        self.scopes.append((collection, _POINTERS.get(node.name, {})))
        outcome = self.visit(predicate.node)
        self.scopes.pop()
        if outcome.nil:
            if node.name == "sum":
                raise self.error(node, "unknown builtin sum")
            text = _NO_PREDICATE.format("two" if node.name == "reduce" else "one")
            raise self.error(predicate, text)
        return outcome


_NEED_BOOL = {
    "all",
    "none",
    "any",
    "one",
    "filter",
    "count",
    "find",
    "findLast",
    "findIndex",
    "findLastIndex",
}
_POINTERS = {"map": {"index": INTEGER}, "reduce": {"index": INTEGER, "acc": UNKNOWN}}


def _predicate_result(name: str, collection: Nature, outcome: Nature) -> Nature:
    if name in ("all", "none", "any", "one"):
        return BOOL
    if name in ("count", "findIndex", "findLastIndex"):
        return INTEGER
    if name == "filter":
        return ARRAY_OF_ANY if collection.is_unknown else array_of(collection.elem())
    if name == "map":
        return array_of(outcome)
    if name in ("find", "findLast"):
        return UNKNOWN if collection.is_unknown else collection.elem()
    if name == "groupBy":
        return Nature("map[interface {}][]interface {}", element=array_of(collection.elem()))
    if name == "sum":
        return Nature(ANY if outcome.is_unknown else outcome.type)
    return collection if name == "sortBy" else outcome


def _callee_name(callee: Node) -> str:
    if isinstance(callee, Identifier):
        return callee.name
    if (
        isinstance(callee, Member)
        and isinstance(callee.property, Literal)
        and isinstance(callee.property.value, str)
    ):
        return callee.property.value
    return "function"


def _signature(function: str) -> tuple[list[str], str]:
    """Parameters and result of a type such as ``func(string, int) string``."""
    parameters, _, result = function.removeprefix("func(").partition(") ")
    return parameters.split(", ") if parameters else [], result
