"""Programs that matchers run: instructions at fixed positions, over an alphabet of classes of characters.

Characters that no set of the pattern tells apart are of one class, so that what a matcher remembers is small.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from fake_kfp.golang.regexp.charsets import NEWLINE, WORD, Ranges
from fake_kfp.golang.regexp.fragments import Fragment, Instruction, Op, Place

END = -1
"""The class of what comes before the first character and after the last."""

_PLAIN, _WORD = -2, -3
"""Kinds of characters: any, and any of a word."""

_MOST_REMEMBERED = 10_000


class Program:
    """A fragment made fit to be run. ``slots`` are the places that it notes; the match itself is the first two."""

    def __init__(self, fragment: Fragment) -> None:
        code = (*fragment.code, Instruction(Op.MATCH))
        self.ops = [each.op for each in code]
        self.first = [at + (each.first or 1) for at, each in enumerate(code)]
        self.second = [at + each.second for at, each in enumerate(code)]
        self.places = [int(each.place) for each in code]
        self.slot = [each.slot for each in code]
        self.slots = 1 + max(self.slot)
        self.asserts = any(self.places)
        self._alphabet = Alphabet([*{each.ranges for each in code}, NEWLINE, WORD])
        self._newline = self._alphabet.classes(NEWLINE)
        self._word = self._alphabet.classes(WORD)
        self._between: dict[tuple[int, int], int] = {}
        sets = {each.ranges: self._alphabet.classes(each.ranges) for each in code}
        self.accepts = [sets[each.ranges] for each in code]

    def classes(self, text: str) -> list[int]:
        """The class of each character."""
        return self._alphabet.of(text)

    def kind(self, before: int) -> int:
        """All that assertions ask about the class of the character before: the class itself for none but a few."""
        if not self.asserts:
            return _PLAIN
        if before in self._word:
            return _WORD
        return before if before == END or before in self._newline else _PLAIN

    def places_between(self, before: int, after: int) -> int:
        """What is true of the place between characters of these classes, or of these kinds: flags of :class:`Place`."""
        found = self._between.get((before, after))
        if found is None:
            found = self._between[before, after] = int(self._places(before, after))
        return found

    def _places(self, before: int, after: int) -> Place:
        found = Place(0)
        if before == END:
            found |= Place.TEXT_START
        if after == END:
            found |= Place.TEXT_END
        if before == END or before in self._newline:
            found |= Place.LINE_START
        if after == END or after in self._newline:
            found |= Place.LINE_END
        at_boundary = (before == _WORD or before in self._word) != (after in self._word)
        return found | (Place.WORD_BOUNDARY if at_boundary else Place.NO_WORD_BOUNDARY)


class Alphabet(dict[str, int]):
    """The class of each character, worked out when it is first met."""

    def __init__(self, sets: Iterable[Ranges]) -> None:
        super().__init__()
        edges = {edge for ranges in sets for low, high in ranges for edge in (low, high + 1)}
        self._edges = sorted(edges)

    def __missing__(self, letter: str) -> int:
        found = self[letter] = bisect_right(self._edges, ord(letter))
        return found

    def of(self, text: str) -> list[int]:
        """The class of each character of a text."""
        if len(self) > _MOST_REMEMBERED:
            self.clear()
        return list(map(self.__getitem__, text))

    def classes(self, ranges: Ranges) -> frozenset[int]:
        """The classes of all characters of a set, which is one of those that it was made of."""
        found: set[int] = set()
        for low, high in ranges:
            found.update(range(bisect_right(self._edges, low), bisect_right(self._edges, high) + 1))
        return frozenset(found)
