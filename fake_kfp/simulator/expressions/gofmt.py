"""What is needed of Go's fmt and strconv packages."""

from __future__ import annotations


def format_value(value: object) -> str:
    """``fmt.Sprintf("%v", value)``."""
    raise NotImplementedError


def quote(text: str) -> str:
    """``strconv.Quote``, with the quotes."""
    raise NotImplementedError


def sprintf(layout: str, *values: object) -> str:
    """``fmt.Sprintf`` for the verbs that ``withSequence.format`` and sprig's ``printf`` meet."""
    raise NotImplementedError
