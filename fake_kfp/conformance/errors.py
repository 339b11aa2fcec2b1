"""What a broken contract looks like."""

from __future__ import annotations

from typing import Any


class ContractError(AssertionError):
    """A server did what the contract does not allow."""


def expect(condition: bool, text: str) -> None:
    """Raises :class:`ContractError` with this text unless the condition holds."""
    if not condition:
        raise ContractError(text)


def expect_equal(got: Any, wanted: Any, what: str) -> None:
    """Raises :class:`ContractError` unless both are equal."""
    if got != wanted:
        raise ContractError(f"{what}: wanted {_shown(wanted)}, got {_shown(got)}")


def _shown(value: Any) -> str:
    """A value in one line."""
    if isinstance(value, list):
        return "[" + ", ".join(map(_shown, value)) + "]"
    return "{" + " ".join(str(value).split()) + "}" if hasattr(value, "DESCRIPTOR") else repr(value)
