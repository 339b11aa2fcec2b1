"""Errors of expr-lang: a message with its place in the expression."""

from __future__ import annotations

from fake_kfp.golang.errors import GoError


def error_at(source: str, position: int, message: str) -> GoError:
    """``message (line:column)`` and the line itself, a caret under the place (``file/error.go: Bind``)."""
    if not source:
        return GoError(message)
    before = source[: max(position, 0)]
    line = before.count("\n")
    # Columns go on counting from where the last line break left them: at zero.
    column = len(before) - (before.rfind("\n") + 1)
    snippet = source.split("\n")[line].replace("\t", " ")
    return GoError(f"{message} ({line + 1}:{column + 1})\n | {snippet}{_indicator(snippet, column)}")


def _indicator(snippet: str, column: int) -> str:
    """The caret line; none when a character outside ASCII stands before or at the place."""
    if not snippet[: column + 1].isascii():
        return ""
    return f"\n | {'.' * min(column, len(snippet))}^"
