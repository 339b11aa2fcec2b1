"""github.com/expr-lang/expr: compile once, run over environments."""

from __future__ import annotations

from collections.abc import Mapping


def evaluate(expression: str, env: Mapping[str, object]) -> object:
    """The value of ``expression`` (``expr.Compile`` and ``expr.Run``); unknown names are errors."""
    raise NotImplementedError


def evaluate_bool(expression: str, env: Mapping[str, object]) -> bool:
    """``util/expr/argoexpr/eval.go: EvalBool``, with its words around run-time errors and values that are no bool."""
    raise NotImplementedError
