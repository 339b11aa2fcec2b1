"""Headers as Go's ``net/textproto`` and ``net/http`` take them apart."""

from __future__ import annotations

import re
from collections.abc import Iterable

TOKEN_CHARACTERS = r"!#$%&'*+\-.^_`|~0-9A-Za-z"
"""What may stand in the name of a header, a method, a media type: the inside of a regular expression's class."""

CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""What may not stand in the value of a header."""


def all_values(fields: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """All values of each header by its name in lower case, in the order in which they came."""
    values: dict[str, list[str]] = {}
    for name, value in fields:
        values.setdefault(name.lower(), []).append(value)
    return {name: tuple(several) for name, several in values.items()}


def first_values(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The first value of each header by its name in lower case."""
    values: dict[str, str] = {}
    for name, value in fields:
        values.setdefault(name.lower(), value)
    return values
