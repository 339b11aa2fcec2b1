"""JSON in which the runs of a pipeline differ by a few texts: all else is written once."""

from __future__ import annotations

import re
from collections.abc import Mapping

EDGE = "\ue000"
"""What a mark begins and ends with: a character that is nobody's. Where a text has some of its own, it makes no stencil."""

_MARK = re.compile(f"{EDGE}([^{EDGE}]*){EDGE}")


def mark(name: str) -> str:
    """What stands for a text of this name, in JSON as well as outside."""
    return f"{EDGE}{name}{EDGE}"


class Stencil:
    """A JSON text with marks in it."""

    __slots__ = ("_pieces",)

    def __init__(self, text: str) -> None:
        self._pieces = _MARK.split(text)

    def filled(self, texts: Mapping[str, str]) -> str:
        """The text with these in place of the marks, by their names; they are parts of JSON strings, escaped already."""
        pieces = list(self._pieces)
        pieces[1::2] = [texts[name] for name in pieces[1::2]]
        return "".join(pieces)
