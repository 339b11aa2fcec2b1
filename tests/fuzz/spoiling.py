"""Spoils what was good: a part is cut, doubled, patched, or made of something that costs a careless reader dearly.

One good input gives many, for next to nothing, and they get further than random ones: most of each is still what it should be.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random  # noqa: TID251 -- what is sent is no business of the world's
from typing import Any, TypeVar

T = TypeVar("T")

PIECES = (
    *("[", "]", "{", "}", "(", ")", "{{", "}}", "{{=", "[[", "]]", "${", "#{", "%5B", "%", "\\", "\\(", '"', "'", "`"),
    *("(a|a)*", "^(a|ab)*$", "a?", "(a{0,30})", "(?i)", "[[:alpha:]]", ".*", "$..*", "[?(@.a=~'(a|a)*')]", "@", "..", "../"),
    *("9", "-", "1e", "0x", ".", "/", ":", ";a=b", ",", "=", "&", "*", "&a [*a]", "<<: *a\n", "- ", "\n", "\r\n", "\t", " "),
    *("\0", "🦜", "é", "ß", "\u2028", "null", "true", "NaN", "Infinity", "sum(map(1..999, #))", "filter(1..99, # > 0)"),
    *("{{workflow.name}}", "{{item}}", "{{=sprig.repeat(9, 'a')}}", "{{$.inputs.parameters['a']}}", "9999999999h", "@every 1s"),
)  # fmt: skip
"""What readers take for the beginning, the end, or many of something."""

TIMES = (1, 1, 1, 2, 3, 40, 500)
MOST_CHARACTERS = 200_000

NUMBERS = (0, -1, 1, 2, 999, 2**31 - 1, 2**31, -(2**63), 2**63 - 1, 2**64, 10**400, 0.5, 1e300, -1e-300)
OTHERS: tuple[Any, ...] = (None, True, False, "", [], {}, "a", "0", *NUMBERS)


class Spoiler:
    """Spoils inputs, each time in another way, drawn from ``random``."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def one_of(self, things: Sequence[T]) -> T:
        """Any of them."""
        return self._random.choice(things)

    def data(self, data: bytes) -> bytes:
        """Bytes that differ from these in one place."""
        start, end = self._part(len(data))
        patch = self._random.choice(
            (self._piece().encode(), self._random.randbytes(3), data[start:end] * self._many())
        )
        return self._patched(data, start, end, patch)[:MOST_CHARACTERS]

    def text(self, text: str) -> str:
        """A text that differs from this in one place."""
        start, end = self._part(len(text))
        patch = self._random.choice((self._piece(), text[start:end] * self._many()))
        return self._patched(text, start, end, patch)[:MOST_CHARACTERS]

    def value(self, value: Any) -> Any:
        """The like for JSON: mostly one of its texts or numbers is another, sometimes something is lost, doubled, or of another kind.

        Texts that are JSON themselves are spoilt within.
        """
        if self._random.random() < 0.05:
            return self._random.choice(OTHERS)
        if isinstance(value, dict) and value:
            return self._in_object(value)
        if isinstance(value, list) and value:
            return self._in_list(value)
        if isinstance(value, str):
            return self._in_text(value)
        return self._random.choice(OTHERS)

    def _in_object(self, value: dict[str, Any]) -> dict[str, Any]:
        key = self._random.choice(list(value))
        chance = self._random.random()
        if chance < 0.05:
            return {name: each for name, each in value.items() if name != key}
        if chance < 0.1:
            return {**value, self.text(key): value[key]}
        return {**value, key: self.value(value[key])}

    def _in_list(self, value: list[Any]) -> list[Any]:
        at = self._random.randrange(len(value))
        changed = [value[at]] * self._many() if self._random.random() < 0.1 else [self.value(value[at])]
        return [*value[:at], *changed, *value[at + 1 :]]

    def _in_text(self, text: str) -> str:
        if text.startswith("{") and self._random.random() < 0.9:
            try:
                return json.dumps(self.value(json.loads(text)))
            except ValueError:  # a template such as {{a}}, or a number of very many digits
                pass
        return self.text(text)

    def _part(self, length: int) -> tuple[int, int]:
        """Where the part lies that is spoilt: mostly a short one."""
        start = self._random.randint(0, length)
        return start, min(length, start + self._random.choice((0, 1, 2, 8, length)))

    def _piece(self) -> str:
        return self._random.choice(PIECES) * self._many()

    def _many(self) -> int:
        return self._random.choice(TIMES)

    def _patched(self, whole: Any, start: int, end: int, patch: Any) -> Any:
        """In place of the part, beside it, without it, or as all that is left of what follows."""
        return self._random.choice(
            (
                lambda: whole[:start] + patch + whole[end:],
                lambda: whole[:end] + patch + whole[end:],
                lambda: whole[:start] + whole[end:],
                lambda: whole[:start] + patch,
            )
        )()
