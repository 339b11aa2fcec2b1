"""The tokens of a condition, and which may follow which (govaluate's ``tokenKind.go``, ``lexerState.go``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.fmt import format_value

Kind = Literal[
    "UNKNOWN",
    "PREFIX",
    "NUMERIC",
    "BOOLEAN",
    "STRING",
    "PATTERN",
    "TIME",
    "VARIABLE",
    "SEPARATOR",
    "ACCESSOR",
    "COMPARATOR",
    "LOGICALOP",
    "MODIFIER",
    "CLAUSE",
    "CLAUSE_CLOSE",
    "TERNARY",
]

_VALUES = "NUMERIC BOOLEAN VARIABLE ACCESSOR STRING TIME"
_AFTER_VALUE = "MODIFIER COMPARATOR LOGICALOP CLAUSE_CLOSE SEPARATOR"
_FOLLOWERS = {
    kind: frozenset(followers.split())
    for kind, followers in {
        "UNKNOWN": f"PREFIX {_VALUES} PATTERN CLAUSE",
        "CLAUSE": f"PREFIX {_VALUES} PATTERN CLAUSE CLAUSE_CLOSE",
        "CLAUSE_CLOSE": f"{_AFTER_VALUE} NUMERIC BOOLEAN VARIABLE STRING PATTERN TIME CLAUSE TERNARY",
        "NUMERIC": f"{_AFTER_VALUE} TERNARY",
        "BOOLEAN": f"{_AFTER_VALUE} TERNARY",
        "STRING": f"{_AFTER_VALUE} TERNARY",
        "TIME": _AFTER_VALUE,
        "PATTERN": _AFTER_VALUE,
        "VARIABLE": f"{_AFTER_VALUE} TERNARY",
        "MODIFIER": "PREFIX NUMERIC VARIABLE ACCESSOR STRING BOOLEAN CLAUSE CLAUSE_CLOSE",
        "COMPARATOR": f"PREFIX {_VALUES} PATTERN CLAUSE CLAUSE_CLOSE",
        "LOGICALOP": f"PREFIX {_VALUES} CLAUSE CLAUSE_CLOSE",
        "PREFIX": "NUMERIC BOOLEAN VARIABLE ACCESSOR CLAUSE CLAUSE_CLOSE",
        "TERNARY": f"PREFIX {_VALUES} CLAUSE SEPARATOR",
        "ACCESSOR": f"{_AFTER_VALUE} CLAUSE TERNARY",
        "SEPARATOR": f"PREFIX {_VALUES} CLAUSE",
    }.items()
}
_MAY_END = frozenset(
    {"CLAUSE_CLOSE", "NUMERIC", "BOOLEAN", "STRING", "TIME", "PATTERN", "VARIABLE", "ACCESSOR"}
)


@dataclass(frozen=True)
class Token:
    """One token: its kind and the value it stands for."""

    kind: Kind
    value: object

    def __str__(self) -> str:
        return f"{self.kind} [{format_value(self.value)}]"


def can_follow(kind: Kind, follower: Kind) -> bool:
    """Whether a token of the second kind may stand after one of the first."""
    return follower in _FOLLOWERS[kind]


def check_balance(tokens: Sequence[Token]) -> None:
    """As many parentheses close as open."""
    kinds = [token.kind for token in tokens]
    if kinds.count("CLAUSE") != kinds.count("CLAUSE_CLOSE"):
        raise GoError("Unbalanced parenthesis")


def check_order(tokens: Sequence[Token]) -> None:
    """Every token may follow the one before, and the last may be the last."""
    previous: Token | None = None
    for token in tokens:
        kind: Kind = previous.kind if previous is not None else "UNKNOWN"
        if not can_follow(kind, token.kind):
            if previous is not None and (kind, token.kind) == ("VARIABLE", "CLAUSE"):
                raise GoError(f"Undefined function {previous.value}")
            shown = "UNKNOWN [<nil>]" if previous is None else str(previous)
            raise GoError(f"Cannot transition token types from {shown} to {token}")
        previous = token
    if previous is None or previous.kind not in _MAY_END:
        raise GoError("Unexpected end of expression")
