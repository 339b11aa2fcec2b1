"""Integers in texts, as Go's strconv.Atoi takes them."""

from __future__ import annotations

import re
from typing import Any

_INTEGER = re.compile(r"[-+]?[0-9]{1,30}\Z")


def is_integer(text: str) -> bool:
    """Whether ``strconv.Atoi`` reads the text."""
    return _INTEGER.match(text) is not None and -(1 << 63) <= int(text) < 1 << 63


def is_positive_or_variable(value: Any) -> bool:
    """Whether an int-or-string is a number not below zero, or a ``{{variable}}`` (``util/intstr``)."""
    if isinstance(value, int):
        return value >= 0
    if is_integer(value):
        return int(value) >= 0
    return bool(value.startswith("{{") and value.endswith("}}"))
