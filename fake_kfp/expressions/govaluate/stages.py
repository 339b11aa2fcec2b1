"""From tokens to a tree of operators, and its value (govaluate's ``stagePlanner.go`` and ``evaluationStage.go``)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fake_kfp.expressions.effort import Effort
from fake_kfp.expressions.expr.operators import deep_equal, power, quotient
from fake_kfp.expressions.govaluate.grammar import Token
from fake_kfp.expressions.govaluate.times import Time
from fake_kfp.golang.errors import GoError, GoPanic
from fake_kfp.golang.fmt import format_value
from fake_kfp.golang.regexp import Regex, compile_regex
from fake_kfp.golang.values import truncate

MAX_DEPTH = 60
_SEPARATOR, _TERNARY, _OR, _AND, _COMPARATOR, _BITWISE, _SHIFT, _ADDITIVE, _MULTIPLICATIVE, _EXPONENT = range(
    10
)
_LEVELS = {
    ("SEPARATOR", ","): _SEPARATOR,
    **{("TERNARY", symbol): _TERNARY for symbol in ("?", ":", "??")},
    ("LOGICALOP", "||"): _OR,
    ("LOGICALOP", "&&"): _AND,
    **{
        ("COMPARATOR", symbol): _COMPARATOR for symbol in ("==", "!=", ">", ">=", "<", "<=", "=~", "!~", "in")
    },
    **{("MODIFIER", symbol): _BITWISE for symbol in "&|^"},
    **{("MODIFIER", symbol): _SHIFT for symbol in ("<<", ">>")},
    **{("MODIFIER", symbol): _ADDITIVE for symbol in "+-"},
    **{("MODIFIER", symbol): _MULTIPLICATIVE for symbol in "*/%"},
    ("MODIFIER", "**"): _EXPONENT,
}
_COMPLAINTS = {
    _TERNARY: "Value '{}' cannot be used with the ternary operator '{}', it is not a bool",
    _OR: "Value '{}' cannot be used with the logical operator '{}', it is not a bool",
    _AND: "Value '{}' cannot be used with the logical operator '{}', it is not a bool",
    _COMPARATOR: "Value '{}' cannot be used with the comparator '{}', it is not a number",
    _BITWISE: "Value '{}' cannot be used with the modifier '{}', it is not a number",
}
_VALUE_KINDS = frozenset({"NUMERIC", "STRING", "PATTERN", "BOOLEAN"})
_UINT64 = 0xFFFFFFFFFFFFFFFF


@dataclass(frozen=True)
class Pattern:
    """A regular expression that was compiled while parsing."""

    source: str
    regex: Regex

    def __str__(self) -> str:
        return self.source


@dataclass(frozen=True)
class Value:
    """A literal."""

    value: object


@dataclass(frozen=True)
class Access:
    """``a.B``: there is never anything to access."""

    name: str


@dataclass(frozen=True)
class Prefix:
    """``-x``, ``!x``, ``~x``."""

    symbol: str
    operand: Stage


@dataclass(frozen=True)
class Operation:
    """A binary operator; sides that the text leaves out are None."""

    symbol: str
    level: int
    left: Stage
    right: Stage


Stage = Value | Access | Prefix | Operation | None


def plan(tokens: Sequence[Token]) -> Stage:
    """The tree; what follows a complete expression is ignored, as in ``(1 == 1) rest``."""
    return _Planner(tokens).level(_SEPARATOR)


class _Planner:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.index = 0
        self.depth = 0

    def level(self, lowest: int) -> Stage:
        """Operators of that level and the ones that bind more strongly, all from left to right."""
        left = self._operand()
        while self.index < len(self.tokens):
            token = self.tokens[self.index]
            level = _LEVELS.get((token.kind, str(token.value)), -1)
            if level < lowest:
                break
            self.index += 1
            left = Operation(str(token.value), level, left, self.level(level + 1))
        return left

    def _next(self) -> Token:
        if self.index >= len(self.tokens):
            length = len(self.tokens)
            raise GoPanic(f"runtime error: index out of range [{length}] with length {length}")
        self.index += 1
        return self.tokens[self.index - 1]

    def _operand(self) -> Stage:
        token = self._next()
        if token.kind in _VALUE_KINDS:
            return Value(token.value)
        if token.kind == "TIME":
            assert isinstance(token.value, Time)
            return Value(float(token.value.seconds))
        if token.kind == "ACCESSOR":
            return self._access(token)
        if token.kind == "PREFIX":
            return Prefix(str(token.value), self._operand())
        if token.kind == "CLAUSE":
            return self._clause()
        if token.kind == "CLAUSE_CLOSE":
            self.index -= 1
            return None
        text = f"Unable to plan token kind: '{token.kind}', value: '{format_value(token.value)}'"
        raise GoError(text)

    def _access(self, token: Token) -> Access:
        if self.index < len(self.tokens) and self.tokens[self.index].kind == "CLAUSE":
            self.level(_SEPARATOR)
        assert isinstance(token.value, list)
        return Access(token.value[0])

    def _clause(self) -> Stage:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise GoError(f"fake_kfp: this condition is nested more than {MAX_DEPTH} levels deep")
        inner = self.level(_SEPARATOR)
        self._next()  # the closing parenthesis, or whatever stands in its place
        self.depth -= 1
        return inner


def evaluate_stage(stage: Stage, effort: Effort) -> object:
    """The value of a tree; left sides are walked in a loop, since conditions may be long. Raises GoError."""
    spine: list[Operation] = []
    while isinstance(stage, Operation):
        spine.append(stage)
        stage = stage.left
    value = _evaluate_operand(stage, effort)
    for operation in reversed(spine):
        value = _apply(operation, value, effort)
    return value


def _evaluate_operand(stage: Value | Access | Prefix | None, effort: Effort) -> object:
    effort.spend(1)
    if isinstance(stage, Value):
        return stage.value
    if isinstance(stage, Prefix):
        operand = evaluate_stage(stage.operand, effort)
        fits = isinstance(operand, bool) if stage.symbol == "!" else isinstance(operand, float)
        if not fits:
            text = f"Value '{format_value(operand)}' cannot be used with the prefix '{stage.symbol}'"
            raise GoError(text)
        return _PREFIXES[stage.symbol](operand)
    if isinstance(stage, Access):
        raise GoError(f"No parameter '{stage.name}' found.")
    return None


def _apply(operation: Operation, left: object, effort: Effort) -> object:
    if operation.symbol in _SHORT_CUTS and _SHORT_CUTS[operation.symbol](left):
        return None if operation.symbol == "?" else left
    right = evaluate_stage(operation.right, effort)
    problem = _misfit(operation, left, right)
    if problem is not None:
        complaint = _COMPLAINTS[min(operation.level, _BITWISE)]
        raise GoError(complaint.format(format_value(problem[0]), operation.symbol))
    if operation.symbol != ",":
        (effort.go_through if operation.symbol in _DEEP else effort.look_at)(left, right)
    return effort.call(_OPERATORS[operation.symbol], left, right)


_DEEP = frozenset({"==", "!=", "in", "+"})
"""Operators that look at everything in their sides."""

# When the right side is not looked at; the result then is the left one, or nil for `false ? x`.
_SHORT_CUTS: dict[str, Callable[[object], bool]] = {
    "&&": lambda left: left is False,
    "||": lambda left: left is True,
    "??": lambda left: left is not None,
    ":": lambda left: left is not None,
    "?": lambda left: left is False,
}


def _misfit(operation: Operation, left: object, right: object) -> tuple[object] | None:
    """The value whose type the operator cannot use."""
    symbol = operation.symbol
    if symbol in ("<", ">", "<=", ">="):
        alike = any(isinstance(left, kind) and isinstance(right, kind) for kind in (float, str))
        return None if alike else (left,)
    if symbol == "+":
        usable = isinstance(left, str) or isinstance(right, str) or (_is_number(left) and _is_number(right))
        return None if usable else (left,)
    for value, check in zip((left, right), _checks(operation), strict=True):
        if check is not None and not isinstance(value, check):
            return (value,)
    return None


_Types = type | tuple[type, ...] | None


def _checks(operation: Operation) -> tuple[_Types, _Types]:
    if operation.symbol in ("=~", "!~"):
        return str, (str, Pattern)
    if operation.symbol == "in":
        return None, list
    if operation.symbol == "?":
        return bool, None
    if operation.level in (_OR, _AND):
        return bool, bool
    return (float, float) if operation.level >= _BITWISE else (None, None)


def _is_number(value: object) -> bool:
    return isinstance(value, float)


def _add(left: object, right: object) -> object:
    if isinstance(left, str) or isinstance(right, str):
        return format_value(left) + format_value(right)
    assert isinstance(left, float) and isinstance(right, float)
    return left + right


def _separate(left: object, right: object) -> list[object]:
    if not isinstance(left, list):
        return [left, right]
    left.append(right)  # nobody else has it: lists come from here alone
    return left


def _matches(text: str, pattern: str | Pattern) -> bool:
    if isinstance(pattern, Pattern):
        return pattern.regex.matches(text)
    try:
        regex = compile_regex(pattern)
    except GoError as error:
        raise GoError(f"Unable to compile regexp pattern '{pattern}': {error.text}") from None
    return regex.matches(text)


def _in(left: object, right: list[object]) -> bool:
    return any(deep_equal(left, element) for element in right)


def _modulus(left: float, right: float) -> float:
    if math.isinf(left) or right == 0 or math.isnan(left) or math.isnan(right):
        return math.nan
    return math.fmod(left, right)


def _shift_left(left: float, right: float) -> float:
    count = truncate(right) & _UINT64
    return float(((truncate(left) & _UINT64) << count) & _UINT64) if count < 64 else 0.0


def _shift_right(left: float, right: float) -> float:
    count = truncate(right) & _UINT64
    return float((truncate(left) & _UINT64) >> count) if count < 64 else 0.0


_PREFIXES: dict[str, Callable[..., object]] = {
    "-": lambda value: -value,
    "!": lambda value: not value,
    "~": lambda value: float(~truncate(value)),
}
_OPERATORS: dict[str, Callable[..., object]] = {
    ",": _separate,
    "?": lambda left, right: right if left else None,
    ":": lambda left, right: right,
    "??": lambda left, right: right,
    "||": lambda left, right: left or right,
    "&&": lambda left, right: left and right,
    "==": deep_equal,
    "!=": lambda left, right: not deep_equal(left, right),
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    "=~": _matches,
    "!~": lambda left, right: not _matches(left, right),
    "in": _in,
    "&": lambda left, right: float(truncate(left) & truncate(right)),
    "|": lambda left, right: float(truncate(left) | truncate(right)),
    "^": lambda left, right: float(truncate(left) ^ truncate(right)),
    "<<": _shift_left,
    ">>": _shift_right,
    "+": _add,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": quotient,
    "%": _modulus,
    "**": power,
}
