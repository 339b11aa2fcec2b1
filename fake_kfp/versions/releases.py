"""From a release's number to its dialect."""

from __future__ import annotations

import re
from dataclasses import fields
from functools import cache
from typing import Any

from fake_kfp.versions.dialect import UNNAMED, Dialect, since

RELEASES = ("1.8", "2.0", "2.14", "2.15", "2.16", "2.17")
"""Releases that differ from the one before as far as is modelled (2.14 is like 2.0 here), the oldest first."""

_VERSION = re.compile(r"v?([0-9]{1,3})\.([0-9]{1,3})(\.[0-9A-Za-z.-]+)?")


def dialect_of(version: str | None) -> Dialect:
    """The dialect of a release such as ``2.14`` or ``1.8.22``. Raises ValueError for one that never was."""
    return UNNAMED if version is None else _dialect(_release(version))


def modelled(version: str) -> str:
    """The one of RELEASES that a release such as ``2.16.1`` is like. Raises ValueError for one that never was."""
    number = _release(version)
    return max((each for each in RELEASES if _number(each) <= number), key=_number)


def _release(version: str) -> tuple[int, int]:
    found = _VERSION.fullmatch(version) if isinstance(version, str) else None
    number = (int(found[1]), int(found[2])) if found else (0, 0)
    if number != (1, 8) and number[0] != 2:
        raise ValueError(f'version is a text such as "1.8", "2.14" or "2.15", not {version!r}')
    return number


@cache
def _dialect(release: tuple[int, int]) -> Dialect:
    changed: dict[str, Any] = {}
    for difference in fields(Dialect):
        for first, value in since(difference).items():
            if first == "1.8" if release < (2, 0) else (2, 0) <= _number(first) <= release:
                changed[difference.name] = value
    return Dialect(**changed)


def _number(release: str) -> tuple[int, int]:
    major, minor = release.split(".")
    return int(major), int(minor)
