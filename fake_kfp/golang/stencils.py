"""JSON in which some texts differ: all else is written once."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fake_kfp.golang.json_text import in_quotes

EDGE = "\ue000"
"""What a mark begins and ends with: a character that is nobody's. Where a text has some of its own, it makes no stencil."""

_MARK = re.compile(f"{EDGE}([^{EDGE}]*){EDGE}")


def mark(name: str) -> str:
    """What stands for a text of this name, in JSON as well as outside."""
    return f"{EDGE}{name}{EDGE}"


class Stencil:
    """A JSON text with marks inside of its strings."""

    __slots__ = ("_pieces",)

    def __init__(self, text: str) -> None:
        self._pieces = _MARK.split(text)

    def filled(self, texts: Mapping[str, str]) -> str:
        """The text with these in place of the marks, by their names."""
        pieces, quoted = list(self._pieces), {name: in_quotes(text) for name, text in texts.items()}
        pieces[1::2] = [quoted[name] for name in pieces[1::2]]
        return "".join(pieces)
