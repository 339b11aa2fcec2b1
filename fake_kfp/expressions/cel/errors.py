"""What CEL complains about: at compile time with the place in the source, at run time without."""

from __future__ import annotations

from fake_kfp.golang.errors import GoError


class CelError(GoError):
    """An error value of CEL, in cel-go's words."""


def at(source: str, position: int, message: str) -> CelError:
    """An error of the parser or the checker, with the line it is about (``common/error.go: ToDisplayString``)."""
    before = source[:position]
    line = before.count("\n")
    column = position - (before.rfind("\n") + 1)
    snippet = source.split("\n")[line].replace("\t", " ")
    dots = "".join("." if character.isascii() else "\uff0e" for character in snippet[:column])
    mark = "^" if snippet[column : column + 1].isascii() else "\uff3e"
    return CelError(f"ERROR: <input>:{line + 1}:{column + 1}: {message}\n | {snippet}\n | {dots}{mark}")
