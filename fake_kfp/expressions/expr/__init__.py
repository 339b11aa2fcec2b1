"""github.com/expr-lang/expr: compile once, run over environments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from fake_kfp.expressions.expr.checker import check
from fake_kfp.expressions.expr.evaluator import Evaluator
from fake_kfp.expressions.expr.lexer import IDENTIFIER, lex
from fake_kfp.expressions.expr.natures import Nature, nature_of
from fake_kfp.expressions.expr.nodes import Node
from fake_kfp.expressions.expr.optimizer import optimize
from fake_kfp.expressions.expr.parser import parse
from fake_kfp.expressions.expr.signatures import BUILTIN_NAMES
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.fmt import sprintf

MAX_LENGTH = 20_000


@dataclass(frozen=True)
class Program:
    """A compiled expression, good for environments whose names have the types it was compiled for."""

    source: str
    tree: Node

    def run(self, env: Mapping[str, object]) -> object:
        """The expression's value."""
        try:
            return Evaluator(self.source, env).run(self.tree)
        except RecursionError:
            raise GoError("fake_kfp: a value in this expression is nested too deeply") from None


def compile_expression(expression: str, env: Mapping[str, object]) -> Program:
    """``expr.Compile`` with ``expr.Env(env)``: unknown names and mismatched types are errors here already."""
    if len(expression) > MAX_LENGTH:
        raise GoError(f"fake_kfp: expressions are limited to {MAX_LENGTH} characters")
    names = _names(expression)
    if "$env" in names:
        return _compile(expression, {name: nature_of(value) for name, value in env.items()})
    return _compile_for(expression, tuple([nature_of(env[name]) if name in env else None for name in names]))


def evaluate(expression: str, env: Mapping[str, object]) -> object:
    """The value of ``expression`` (``expr.Compile`` and ``expr.Run``); unknown names are errors."""
    return compile_expression(expression, env).run(env)


def evaluate_bool(expression: str, env: Mapping[str, object]) -> bool:
    """``util/expr/argoexpr/eval.go: EvalBool``, with its words around run-time errors and values that are no bool."""
    program = compile_expression(expression, env)
    try:
        result = program.run(env)
    except GoError as error:
        raise GoError(f"unable to evaluate expression '{expression}': {error.text}") from None
    if not isinstance(result, bool):
        raise GoError(sprintf("unable to cast expression result '%s' to bool", result))
    return result


@lru_cache(maxsize=4096)
def _names(expression: str) -> tuple[str, ...]:
    return tuple(sorted({token.value for token in lex(expression) if token.kind == IDENTIFIER}))


@lru_cache(maxsize=4096)
def _compile_for(expression: str, natures: tuple[Nature | None, ...]) -> Program:
    pairs = zip(_names(expression), natures, strict=True)
    return _compile(expression, {name: nature for name, nature in pairs if nature is not None})


def _compile(expression: str, natures: Mapping[str, Nature]) -> Program:
    try:
        tree = parse(expression, BUILTIN_NAMES & natures.keys())
        check(tree, expression, natures)
        return Program(expression, optimize(tree, expression))
    except RecursionError:
        raise GoError("fake_kfp: this expression is nested too deeply; write it flatter") from None
