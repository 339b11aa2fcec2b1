"""How the real server's database compares texts: MariaDB's ``utf8mb4_general_ci``.

Every character has one weight (``é`` and ``E`` weigh the same, ``ß`` as ``S``), and the shorter text counts as if it went on in
blanks. Characters beyond the basic plane cannot be stored at all, the server's connection speaks 3-byte UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from fake_kfp.errors import invalid_input
from fake_kfp.store.mariadb.weights import LETTERS

HIGHEST = "\U0010ffff"
"""Sorts after every sort key."""

_WEIGHTS = {ord(letter): ord(word[0]) for word in LETTERS.split() for letter in word[1:]}
_WEIGHTS |= {ord(letter): ord(letter.upper()) for letter in "abcdefghijklmnopqrstuvwxyz"}

_BEYOND_BASIC_PLANE = re.compile("[\U00010000-\U0010ffff]")
_BLANKS_BEFORE_CONTROL = re.compile("(?<! ) +(?=[\x00-\x1f])")
_NUMBER = re.compile(r"[ \t\n\r\v\f]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)", re.ASCII)
_LARGEST = 1.7976931348623157e308
_EXACT = 300
"""From so many digits on a number is but a float."""

_Regex = re.Pattern[str]


def weights(text: str) -> str:
    """The text with every character replaced by its weight."""
    if text.isascii():
        return text.upper()
    return _BEYOND_BASIC_PLANE.sub("\ufffd", text.translate(_WEIGHTS))


def sort_key(text: str) -> str:
    """A text that compares by code points as ``text`` does in the database; equal texts have equal keys.

    The key ends with a blank, so that a longer text sorts before it only if it goes on below the blank.
    """
    if text.isascii() and text.isprintable():
        return text.upper().rstrip(" ") + " "
    return _marked(weights(text).rstrip(" ")) + " "


def _marked(text: str) -> str:
    """Blanks before a control character must sort below the endless blanks of a text's end, but above all control characters."""
    if "\x1f" in text:
        text = text.replace("\x1f", "\x1f\x00")
    return _BLANKS_BEFORE_CONTROL.sub(lambda blanks: "\x1f\x01" * len(blanks[0]), text)


def equal(one: str, other: str) -> bool:
    """Whether the database takes the texts for the same."""
    return one == other or sort_key(one) == sort_key(other)


def as_number(text: str) -> float:
    """A text cast to a number: what it starts with, 0 if that is none; an ``int`` if it has digits only."""
    found = _NUMBER.match(text)
    number = found[1] if found else "0"
    return (
        int(number)
        if number.isdigit() and len(number) < _EXACT
        else max(-_LARGEST, min(_LARGEST, float(number)))
    )


_MOST_TRIED = 50_000_000
"""Comparisons of characters in one text: about as many as are made in a tenth of a second."""


def like(pattern: str) -> Callable[[str], bool]:
    """A test for ``LIKE pattern``: ``%`` is any text, ``_`` any character, a backslash takes the next character as it is.

    Trailing blanks count here.
    """
    parts = _parts(pattern)
    first, *others = [re.compile(_part_pattern(part), re.S) for part in parts]
    if not others:
        return lambda text: first.fullmatch(weights(text)) is not None
    if len(others) == 2 and not parts[0] and not parts[2] and None not in parts[1]:
        needle = "".join(filter(None, parts[1]))
        return lambda text: needle in weights(text)
    tried = max([len(part) for part in parts[1:-1] if None in part], default=0)
    return lambda text: _in_turn(weights(text), first, others[:-1], others[-1], len(parts[-1]), tried)


def _in_turn(
    text: str, first: _Regex, middle: list[_Regex], last: _Regex, last_length: int, tried: int
) -> bool:
    """Whether the parts follow each other in the text, the first at its start and the last at its end.

    The leftmost place of each part is as good as any, so nothing is tried twice. Parts with ``_`` in them are tried at every place.
    """
    if len(text) * tried > _MOST_TRIED:
        raise invalid_input(
            f"fake_kfp: a text of {len(text)} characters is not searched for {tried} that hold _; ask for less"
        )
    end = len(text) - last_length
    found = first.match(text, 0, end) if end >= 0 else None
    for part in middle:
        found = found and part.search(text, found.end(), end)
    return found is not None and last.match(text, end) is not None


def _parts(pattern: str) -> list[list[str | None]]:
    """The pattern's characters as weights (None for any character), split at its ``%``."""
    parts: list[list[str | None]] = [[]]
    characters = iter(pattern)
    for character in characters:
        if character == "%":
            parts.append([])
        elif character == "_":
            parts[-1].append(None)
        else:
            parts[-1].append(weights(next(characters, "\\") if character == "\\" else character))
    return parts


def _part_pattern(part: list[str | None]) -> str:
    return "".join("." if character is None else re.escape(character) for character in part)
