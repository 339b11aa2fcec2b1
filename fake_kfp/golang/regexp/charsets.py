"""Sets of characters as sorted ranges of code points: the classes of ``regexp/syntax`` and Unicode's tables."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib import resources

Ranges = tuple[tuple[int, int], ...]

MAX_RUNE = 0x10FFFF
ANY: Ranges = ((0, MAX_RUNE),)
NEWLINE: Ranges = ((10, 10),)


def merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """The same set in order, without overlaps."""
    result: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if result and low <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(high, result[-1][1]))
        else:
            result.append((low, high))
    return tuple(result)


def negated(ranges: Ranges) -> Ranges:
    """All other characters."""
    result: list[tuple[int, int]] = []
    following = 0
    for low, high in ranges:
        if low > following:
            result.append((following, low - 1))
        following = high + 1
    if following <= MAX_RUNE:
        result.append((following, MAX_RUNE))
    return tuple(result)


def folded(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """The set with every other case of its characters."""
    letters, orbits = _cases()
    more = list(ranges)
    for low, high in tuple(more):
        for code in letters[bisect_left(letters, low) : bisect_left(letters, high + 1)]:
            more += [(other, other) for other in orbits[code]]
    return merged(more)


@cache
def _cases() -> tuple[list[int], Mapping[int, tuple[int, ...]]]:
    """The letters that have several cases, and for each of them the others (``unicode.SimpleFold``)."""
    orbit_of: dict[int, set[int]] = {}
    for code in range(_CASED):
        letter = chr(code)
        for other in (letter.lower(), letter.upper(), letter.casefold()):
            if len(other) == 1 and other != letter and code != _DOTLESS_I:
                orbit = orbit_of.get(code, {code}) | orbit_of.get(ord(other), {ord(other)})
                orbit_of.update(dict.fromkeys(orbit, orbit))
    orbits = {code: tuple(sorted(orbit - {code})) for code, orbit in orbit_of.items()}
    return sorted(orbits), orbits


_CASED = 0x20000
"""Behind here no letters come in cases."""
_DOTLESS_I = 0x131  # its capital is I, but only in Turkish
_SPACE: Ranges = ((9, 10), (12, 13), (32, 32))
_DIGIT: Ranges = ((48, 57),)
WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))

PERL: Mapping[str, Ranges] = {"d": _DIGIT, "s": _SPACE, "w": WORD}
"""What stands behind ``\\d``, ``\\s`` and ``\\w``: ASCII only. Capitals are the others."""

POSIX: Mapping[str, Ranges] = {
    "alnum": ((48, 57), (65, 90), (97, 122)),
    "alpha": ((65, 90), (97, 122)),
    "ascii": ((0, 127),),
    "blank": ((9, 9), (32, 32)),
    "cntrl": ((0, 31), (127, 127)),
    "digit": _DIGIT,
    "graph": ((33, 126),),
    "lower": ((97, 122),),
    "print": ((32, 126),),
    "punct": ((33, 47), (58, 64), (91, 96), (123, 126)),
    "space": ((9, 13), (32, 32)),
    "upper": ((65, 90),),
    "word": WORD,
    "xdigit": ((48, 57), (65, 70), (97, 102)),
}
"""What stands behind ``[:alpha:]`` and its like."""

_CATEGORIES = "C Cc Cf Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs".split()


@lru_cache(maxsize=64)
def unicode_table(name: str) -> Ranges | None:
    """The set of that name in Go's ``unicode.Categories`` or ``unicode.Scripts``, or ``Any``; None where there is none."""
    if name == "Any":
        return ANY
    if name in _CATEGORIES:
        return merged(
            each
            for category, ranges in _by_category().items()
            if category.startswith(name)
            for each in ranges
        )
    return _scripts().get(name)


@cache
def _by_category() -> Mapping[str, list[tuple[int, int]]]:
    """Runs of characters of one category, by category; those that are assigned to nothing are in none, as in Go."""
    found: dict[str, list[tuple[int, int]]] = {}
    start, current = 0, unicodedata.category("\0")
    for code in range(1, MAX_RUNE + 2):
        category = unicodedata.category(chr(code)) if code <= MAX_RUNE else ""
        if category != current:
            found.setdefault(current, []).append((start, code - 1))
            start, current = code, category
    found.pop("Cn")
    return found


@cache
def _scripts() -> Mapping[str, Ranges]:
    """Unicode's scripts, a line each: the name and its ranges, which ``unicodedata`` does not know."""
    text = resources.files(__package__).joinpath("scripts.txt").read_text(encoding="ascii")
    lines = (line.split() for line in text.splitlines())
    return {name: tuple(map(_range, ranges)) for name, *ranges in lines}


def _range(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    return int(low, 16), int(high or low, 16)
