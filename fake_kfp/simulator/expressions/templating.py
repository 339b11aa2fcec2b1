"""``{{tags}}`` in the JSON text of a template: util/template of Argo."""

from __future__ import annotations

from collections.abc import Callable, Mapping


class Template:
    """A parsed JSON text, for substituting many times (the items of a loop)."""

    def __init__(self, text: str) -> None:
        """Raises ``ExpressionError`` for a tag that is never closed."""
        raise NotImplementedError

    def replace(self, values: Mapping[str, object], *, allow_unresolved: bool) -> str:
        """The text with its tags replaced; values are escaped for the JSON string they stand in.

        Raises ``failed to resolve {{x}}`` unless ``allow_unresolved``, which leaves unknown tags as they are.
        """
        raise NotImplementedError


def substitute(text: str, values: Mapping[str, str], *, allow_unresolved: bool) -> str:
    """``template.Replace``: ``text`` is valid JSON, and so is the result."""
    raise NotImplementedError


def tags(text: str) -> list[str]:
    """The tags of ``text`` in order, without their braces, ``=`` of expression tags included."""
    raise NotImplementedError


def visit_simple_tags(text: str, visit: Callable[[str], None]) -> None:
    """Hands every tag that is no expression to ``visit`` (``template.Validate``)."""
    raise NotImplementedError


def resolve_variable(reference: str, values: Mapping[str, object]) -> object:
    """The value a whole ``{{reference}}`` means (``template.ResolveVar``); ``Unable to resolve: "x"`` and the like."""
    raise NotImplementedError
