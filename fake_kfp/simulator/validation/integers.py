"""Integers in texts, as Go's strconv.Atoi takes them."""

from __future__ import annotations

from typing import Any

from fake_kfp.golang.strconv import NumError, atoi


def is_integer(text: str) -> bool:
    """Whether ``strconv.Atoi`` reads the text."""
    return _integer(text) is not None


def is_positive_or_variable(value: Any) -> bool:
    """Whether an int-or-string is a number not below zero, or a ``{{variable}}`` (``util/intstr``)."""
    number = value if isinstance(value, int) else _integer(value)
    if number is not None:
        return number >= 0
    return bool(value.startswith("{{") and value.endswith("}}"))


def _integer(text: str) -> int | None:
    try:
        return atoi(text)
    except NumError:
        return None
