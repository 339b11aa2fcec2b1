"""Errors of expr-lang: a message with its place in the expression."""

from __future__ import annotations

from fake_kfp.simulator.expressions.errors import ExpressionError


def error_at(source: str, position: int, message: str) -> ExpressionError:
    """``message (line:column)`` and the line itself, a caret under the place (``file/error.go: Bind``)."""
    if not source:
        return ExpressionError(message)
    before = source[: max(position, 0)]
    line = before.count("\n")
    # Columns go on counting from where the last line break left them: at zero.
    column = len(before) - (before.rfind("\n") + 1)
    snippet = source.split("\n")[line].replace("\t", " ")
    return ExpressionError(f"{message} ({line + 1}:{column + 1})\n | {snippet}{_indicator(snippet, column)}")


def _indicator(snippet: str, column: int) -> str:
    """The caret line; none when a character outside ASCII stands before or at the place."""
    if not snippet[: column + 1].isascii():
        return ""
    return f"\n | {'.' * min(column, len(snippet))}^"
