"""Pieces of programs, as a parser puts them together (``regexp/syntax/compile.go``).

A fragment begins at its first instruction and goes on behind its last one. Jumps are relative, so that it may be copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import NamedTuple

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.regexp.charsets import Ranges

MAX_INSTRUCTIONS = 20_000


class Op(IntEnum):
    """What an instruction does."""

    CHARACTER = 0
    """Goes on where the next character is in ``ranges``."""
    SPLIT = 1
    """Goes on at both ``first`` and ``second``, in this order of preference."""
    ASSERT = 2
    """Goes on where ``place`` is true of where it stands."""
    SAVE = 3
    """Notes where it stands in the slot ``slot``."""
    MATCH = 4
    """Is done."""


class Place(IntFlag):
    """What can be asked of a place between two characters."""

    TEXT_START = 1
    TEXT_END = 2
    LINE_START = 4
    LINE_END = 8
    WORD_BOUNDARY = 16
    NO_WORD_BOUNDARY = 32


class Instruction(NamedTuple):
    """One instruction; ``first`` and ``second`` are relative to its own position."""

    op: Op
    ranges: Ranges = ()
    first: int = 0
    second: int = 0
    place: Place = Place(0)
    slot: int = 0


@dataclass(frozen=True, slots=True)
class Fragment:
    """Instructions that match something. ``nullable``: that may be nothing at all.

    ``repeats`` is how often its most repeated part stands in it by counts such as ``{3}``; ``height`` the depth of its nesting.
    """

    code: tuple[Instruction, ...]
    nullable: bool
    repeats: int = 1
    height: int = 1


NOTHING = Fragment((), nullable=True)


def character(ranges: Ranges) -> Fragment:
    """One character of a set."""
    return Fragment((Instruction(Op.CHARACTER, ranges),), nullable=False)


def assertion(place: Place) -> Fragment:
    """No character, but a certain place."""
    return Fragment((Instruction(Op.ASSERT, place=place),), nullable=True)


def concatenation(parts: Sequence[Fragment]) -> Fragment:
    """One after the other."""
    if len(parts) == 1:
        return parts[0]
    code = tuple([each for part in parts for each in part.code])
    return _made(code, all(part.nullable for part in parts), parts)


def alternation(parts: Sequence[Fragment]) -> Fragment:
    """The first of these that fits."""
    if len(parts) == 1:
        return parts[0]
    left = sum(len(part.code) + 2 for part in parts) - 2
    code: list[Instruction] = []
    for part in parts[:-1]:
        size = len(part.code)
        left -= size + 2
        code += (_split(True, 1, size + 2), *part.code, _jump(left + 1))
    code += parts[-1].code
    return _made(tuple(code), any(part.nullable for part in parts), parts)


def group(part: Fragment, number: int) -> Fragment:
    """What this matches is noted as a submatch."""
    start, end = Instruction(Op.SAVE, slot=2 * number), Instruction(Op.SAVE, slot=2 * number + 1)
    return _made((start, *part.code, end), part.nullable, [part])


def question(part: Fragment, greedy: bool) -> Fragment:
    """Once or not at all."""
    split = _split(greedy, 1, len(part.code) + 1)
    return _made((split, *part.code), True, [part])


def plus(part: Fragment, greedy: bool) -> Fragment:
    """Once or more often."""
    split = _split(greedy, -len(part.code), 1)
    return _made((*part.code, split), part.nullable, [part])


def star(part: Fragment, greedy: bool) -> Fragment:
    """Any number of times. What may match nothing is tried first, and only then left out (``compile.go: star``)."""
    if part.nullable:
        return question(plus(part, greedy), greedy)
    size = len(part.code)
    return _made((_split(greedy, 1, size + 2), *part.code, _jump(-size - 1)), True, [part])


def repetition(part: Fragment, least: int, most: int | None, greedy: bool) -> Fragment:
    """So many times, written out (``simplify.go``): ``x{2,5}`` is ``xx(x(x(x)?)?)?``; without ``most`` any number from ``least`` on."""
    count = (least if most is None else most) or 1
    if most == 0 or not part.code:
        return NOTHING
    if count * (len(part.code) + 1) > MAX_INSTRUCTIONS:
        raise too_large()
    if most is None:
        parts = [part] * (least - 1) + [plus(part, greedy)] if least else [star(part, greedy)]
    else:
        parts = [part] * least + _optional(part, most - least, greedy)
    found = concatenation(parts)
    return Fragment(found.code, found.nullable, part.repeats * count, part.height + 1)


def _optional(part: Fragment, count: int, greedy: bool) -> list[Fragment]:
    """``(x(x(x)?)?)?``: each may be left out, with all that follow."""
    size = len(part.code) + 1
    code = [each for left in range(count, 0, -1) for each in (_split(greedy, 1, left * size), *part.code)]
    return [Fragment(tuple(code), True)] if code else []


def _split(greedy: bool, inside: int, beyond: int) -> Instruction:
    first, second = (inside, beyond) if greedy else (beyond, inside)
    return Instruction(Op.SPLIT, first=first, second=second)


def _jump(distance: int) -> Instruction:
    return Instruction(Op.SPLIT, first=distance, second=distance)


def _made(code: tuple[Instruction, ...], nullable: bool, parts: Sequence[Fragment]) -> Fragment:
    if len(code) > MAX_INSTRUCTIONS:
        raise too_large()
    repeats, height = max(part.repeats for part in parts), max(part.height for part in parts)
    return Fragment(code, nullable, repeats, height + 1)


def too_large() -> GoError:
    """What is said of a pattern that would be too large a program."""
    return GoError(
        f"fake_kfp: this regular expression makes more than {MAX_INSTRUCTIONS} instructions; use one with fewer repetitions"
    )
