"""``when`` conditions: github.com/Knetic/govaluate as Argo uses it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from fake_kfp.expressions.effort import Effort
from fake_kfp.expressions.govaluate.grammar import Token, check_balance, check_order
from fake_kfp.expressions.govaluate.lexer import tokenize
from fake_kfp.expressions.govaluate.stages import Pattern, Stage, evaluate_stage, plan
from fake_kfp.golang.errors import GoError, GoPanic
from fake_kfp.golang.fmt import format_value
from fake_kfp.golang.regexp import compile_regex

MAX_LENGTH = 20_000
_HINT = ' (hint: try wrapping the affected expression in quotes ("))'


def should_execute(when: str) -> bool:
    """Whether a step or task with this (substituted) condition runs; an empty one does.

    Raises ``GoError`` in Argo's words, ``Invalid 'when' expression '...': ...`` and so on
    (``workflow/controller/steps.go: shouldExecute``).
    """
    return _should_execute(when) if when else True


@lru_cache(maxsize=1024)
def _should_execute(when: str) -> bool:
    effort = Effort()
    stage = _parse(when, effort)
    try:
        result = evaluate_stage(stage, effort)
    except GoError as error:
        raise _wrapped(error, f"Failed to evaluate 'when' expresion '{when}': {error.text}") from None
    if not isinstance(result, bool):
        raise GoError(f"Expected boolean evaluation for '{when}'. Got {format_value(result)}")
    return result


def _parse(when: str, effort: Effort) -> Stage:
    try:
        tokens = _checked(tokenize(_bounded(when)), effort)
        _plan_names(tokens)
    except GoError as error:
        hint = _HINT if "Invalid token" in error.text else ""
        raise _wrapped(error, f"Invalid 'when' expression '{when}': {error.text}{hint}") from None
    # Bare words are strings, so that `foo != bar` needs no quotes.
    bare = [replace(token, kind="STRING") if token.kind == "VARIABLE" else token for token in tokens]
    try:
        return plan(_checked(bare, effort))
    except GoError as error:
        raise _wrapped(error, f"Failed to parse 'when' expression '{when}': {error.text}") from None


def _wrapped(error: GoError, text: str) -> GoError:
    """Panics and our own limits keep their words."""
    return error if isinstance(error, GoPanic) or error.is_ours else GoError(text)


def _bounded(expression: str) -> str:
    if len(expression) > MAX_LENGTH:
        raise GoError(f"fake_kfp: conditions are limited to {MAX_LENGTH} characters")
    return expression


def _checked(tokens: Sequence[Token], effort: Effort) -> list[Token]:
    """The tokens after the checks of their order, patterns compiled (``optimizeTokens``)."""
    check_balance(tokens)
    check_order(tokens)
    result = list(tokens)
    for index, token in enumerate(tokens[:-1]):
        following = tokens[index + 1]
        if token.kind == "COMPARATOR" and token.value in ("=~", "!~") and following.kind == "STRING":
            source = str(following.value)
            result[index + 1] = Token("PATTERN", Pattern(source, effort.call(compile_regex, source)))
    return result


def _plan_names(tokens: Sequence[Token]) -> None:
    """The first planning, while bare words are still variables; only its errors matter."""
    plan([replace(token, kind="STRING") if token.kind == "VARIABLE" else token for token in tokens])


def evaluate(expression: str) -> object:
    """The value of a govaluate expression whose bare words are strings; errors are govaluate's own texts."""
    effort = Effort()
    tokens = _checked(tokenize(_bounded(expression)), effort)
    bare = [replace(token, kind="STRING") if token.kind == "VARIABLE" else token for token in tokens]
    return evaluate_stage(plan(_checked(bare, effort)), effort)
