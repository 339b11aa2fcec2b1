"""Compiled patterns, and what Go's package ``regexp`` does with them (``regexp.go``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from fake_kfp.golang.regexp.machine import WORK, Machine, Slots
from fake_kfp.golang.regexp.program import Program
from fake_kfp.golang.regexp.syntax import parse

_SPECIAL = re.compile(r"([\\.+*?()|\[\]{}^$])")
_REFERENCE = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_NO_GROUP = 1 << 31
_STEPS_AN_INSTRUCTION = 10
"""What it takes to make one of a program's instructions, in steps of running it."""


@lru_cache(maxsize=256)
def compile_regex(pattern: str) -> Regex:
    """``regexp.Compile``; raises Go's ``error parsing regexp: ...``."""
    parsed = parse(pattern)
    program = Program(parsed.fragment)
    WORK.steps += _STEPS_AN_INSTRUCTION * len(program.ops)
    return Regex(pattern, program, parsed.names)


def quote_meta(text: str) -> str:
    """``regexp.QuoteMeta``."""
    return _SPECIAL.sub(r"\\\1", text)


class Match:
    """One match in a text; ``start`` and ``end`` count characters."""

    __slots__ = ("_slots", "_text", "end", "start")

    def __init__(self, text: str, slots: Slots) -> None:
        self._text = text
        self._slots = slots
        self.start, self.end = slots[:2]

    @property
    def text(self) -> str:
        """What was matched."""
        return self._text[self.start : self.end]

    def span(self, number: int) -> tuple[int, int] | None:
        """Where a group matched; None where it did not, or is none."""
        start, end = self._slots[2 * number : 2 * number + 2] or (-1, -1)
        return None if start < 0 or end < 0 else (start, end)

    def group(self, number: int) -> str:
        """What a group matched; nothing where it did not, or is none."""
        span = self.span(number)
        return "" if span is None else self._text[span[0] : span[1]]


class Regex:
    """A compiled pattern; ``names`` are those of its groups, the whole first, empty where they have none."""

    def __init__(self, pattern: str, program: Program, names: tuple[str, ...]) -> None:
        self.pattern = pattern
        self.names = names
        self._program = program
        self._machines: dict[int, Machine] = {}

    def matches(self, text: str) -> bool:
        """Whether the pattern occurs in the text (``MatchString``)."""
        return self._machine(0).search(self._program.classes(text)) is not None

    def find(self, text: str) -> Match | None:
        """The first match, with its groups (``FindStringSubmatch``)."""
        slots = self._machine(self._program.slots).search(self._program.classes(text))
        return None if slots is None else Match(text, slots)

    def find_all(self, text: str, limit: int = -1) -> Iterator[Match]:
        """All matches one behind the other, at most ``limit`` unless that is negative (``FindAllString``)."""
        machine, classes = self._machine(self._program.slots), self._program.classes(text)
        at, previous_end, left = 0, -1, limit
        while left != 0 and at <= len(text):
            slots = machine.search(classes, at)
            if slots is None:
                return
            start, end = slots[:2]
            # nothing, right behind a match, is no match of its own
            if end > at or start != previous_end:
                yield Match(text, slots)
                left -= 1
            at, previous_end = max(end, at + (end == at)), end

    def replaced(self, text: str, template: str) -> Iterator[str]:
        """The pieces of the text in which matches have become ``template``, its ``$1`` and ``${name}`` filled in
        (``ReplaceAllString``)."""
        return self._pieces(text, self._program.slots if "$" in template else 2, self._expander(template))

    def replaced_literally(self, text: str, replacement: str) -> Iterator[str]:
        """The pieces of the text in which matches have become ``replacement`` (``ReplaceAllLiteralString``)."""
        return self._pieces(text, 2, lambda match: replacement)

    def split(self, text: str, limit: int = -1) -> list[str]:
        """The pieces between matches, at most ``limit`` unless that is negative (``Split``)."""
        if limit == 0:
            return []
        if self.pattern and not text:
            return [""]
        pieces: list[str] = []
        begin = end = 0
        for match in self.find_all(text, limit):
            if len(pieces) == limit - 1:
                break
            end = match.start
            if match.end != 0:
                pieces.append(text[begin:end])
            begin = match.end
        return [*pieces, text[begin:]] if end != len(text) else pieces

    def _machine(self, slots: int) -> Machine:
        """What notes so many places, since the more it notes the slower it is."""
        machine = self._machines.get(slots)
        if machine is None:
            machine = self._machines[slots] = Machine(self._program, slots)
        machine.start()
        return machine

    def _pieces(self, text: str, slots: int, expand: Callable[[Match], str]) -> Iterator[str]:
        machine, classes = self._machine(slots), self._program.classes(text)
        at = last_end = 0
        while at <= len(text):
            found = machine.search(classes, at)
            if found is None:
                break
            start, end = found[:2]
            yield text[last_end:start]
            # nothing, right behind a match, is no match of its own
            if end > last_end or start == 0:
                yield expand(Match(text, found))
            last_end = end
            at = max(at + 1, end)
        yield text[last_end:]

    def _expander(self, template: str) -> Callable[[Match], str]:
        """What fills in a template (``regexp.go: expand``); a name that several groups have means the first that matched."""

        def reference(found: re.Match[str], match: Match) -> str:
            if found[1]:
                return "$"
            name = found[2] or found[3]
            if _NUMBER.fullmatch(name):
                return match.group(int(name))
            named = (number for number, each in enumerate(self.names) if each == name and match.span(number))
            return match.group(next(named, _NO_GROUP))

        return lambda match: _REFERENCE.sub(lambda found: reference(found, match), template)
