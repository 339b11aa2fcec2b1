"""Reads regular expressions as Go does, and complains about them in its words (``regexp/syntax/parse.go``)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.regexp.charsets import (
    ANY,
    MAX_RUNE,
    NEWLINE,
    PERL,
    POSIX,
    Ranges,
    folded,
    merged,
    negated,
    unicode_table,
)
from fake_kfp.golang.regexp.fragments import (
    NOTHING,
    Fragment,
    Place,
    alternation,
    assertion,
    character,
    concatenation,
    group,
    plus,
    question,
    repetition,
    star,
)

_MAX_PATTERN = 10_000
_MAX_REPEAT = 1000
_MAX_HEIGHT = 1000
_COUNT = r"(0|[1-9][0-9]*)"
_REPEAT = re.compile(rf"\{{{_COUNT}(,{_COUNT}?)?\}}")
_NAME = re.compile(r"[A-Za-z0-9_]+")
_HEX_DIGITS = re.compile(r"[0-9A-Fa-f]+")
_OCTAL = re.compile(r"0[0-7]{0,2}|[1-7][0-7]{1,2}")
_HEX = re.compile(r"x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))")
_CONTROLS = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_PLACES = {
    "A": Place.TEXT_START,
    "b": Place.WORD_BOUNDARY,
    "B": Place.NO_WORD_BOUNDARY,
    "z": Place.TEXT_END,
}


@dataclass(frozen=True, slots=True)
class Parsed:
    """A pattern's meaning: the fragment, and the names of its groups (empty where they have none), the whole first."""

    fragment: Fragment
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Flags:
    fold: bool = False
    multiline: bool = False
    dot_all: bool = False
    lazy: bool = False


@dataclass(slots=True)
class _Group:
    """An open parenthesis: its number (None where it does not capture), the flags outside, and what it holds so far."""

    number: int | None
    outside: _Flags
    alternatives: list[Fragment] = field(default_factory=list)
    parts: list[Fragment] = field(default_factory=list)

    def close_alternative(self) -> None:
        self.alternatives.append(concatenation(self.parts) if self.parts else NOTHING)
        self.parts = []

    def fragment(self) -> Fragment:
        self.close_alternative()
        found = alternation(self.alternatives)
        return found if self.number is None else group(found, self.number)


def parse(pattern: str) -> Parsed:
    """The meaning of a pattern. Raises Go's ``error parsing regexp: ...``."""
    if len(pattern) > _MAX_PATTERN:
        raise GoError(f"fake_kfp: regular expressions are limited to {_MAX_PATTERN} characters")
    return _Parser(pattern).parse()


def _invalid(reason: str, part: str) -> GoError:
    return GoError(f"error parsing regexp: {reason}: `{part}`")


class _Parser:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._position = 0
        self._flags = _Flags()
        self._groups = [_Group(None, self._flags)]
        self._names = [""]
        self._repeat_before: int | None = None
        """Where the repetition begins that stands just before, if one does."""

    def parse(self) -> Parsed:
        while self._position < len(self._pattern):
            before, self._repeat_before = self._repeat_before, None
            if self._pattern[self._position] in "*+?{":
                self._repeat_before = self._repetition(before)
            else:
                _HANDLERS.get(self._pattern[self._position], _Parser._literal)(self)
        if len(self._groups) > 1:
            raise _invalid("missing closing )", self._pattern)
        return Parsed(self._checked(group(self._groups[0].fragment(), 0)), tuple(self._names))

    def _checked(self, fragment: Fragment) -> Fragment:
        if fragment.height > _MAX_HEIGHT:
            raise _invalid("expression nests too deeply", self._pattern)
        return fragment

    def _push(self, fragment: Fragment) -> None:
        self._groups[-1].parts.append(self._checked(fragment))

    def _literal(self) -> None:
        self._push_code(ord(self._pattern[self._position]))
        self._position += 1

    def _push_code(self, code: int) -> None:
        self._push(character(folded([(code, code)]) if self._flags.fold else ((code, code),)))

    def _dot(self) -> None:
        self._push(character(ANY if self._flags.dot_all else negated(NEWLINE)))
        self._position += 1

    def _start(self) -> None:
        self._push(assertion(Place.LINE_START if self._flags.multiline else Place.TEXT_START))
        self._position += 1

    def _end(self) -> None:
        self._push(assertion(Place.LINE_END if self._flags.multiline else Place.TEXT_END))
        self._position += 1

    def _bar(self) -> None:
        self._groups[-1].close_alternative()
        self._position += 1

    def _open(self) -> None:
        rest = self._pattern[self._position :]
        if rest.startswith("(?P<") and len(rest) > 4:
            self._named(rest, 4)
        elif rest.startswith("(?<") and len(rest) > 3:
            self._named(rest, 3)
        elif rest.startswith("(?"):
            self._set_flags(rest)
        else:
            self._open_group("", 1)

    def _open_group(self, name: str, length: int) -> None:
        self._groups.append(_Group(len(self._names), self._flags))
        self._names.append(name)
        self._position += length

    def _named(self, rest: str, start: int) -> None:
        end = rest.find(">")
        if end < 0:
            raise _invalid("invalid named capture", rest)
        if not _NAME.fullmatch(rest, start, end):
            raise _invalid("invalid named capture", rest[: end + 1])
        self._open_group(rest[start:end], end + 1)

    def _set_flags(self, rest: str) -> None:
        """``(?i)`` holds to the end of the group it stands in, ``(?i:...)`` for its own."""
        on, changed, flags = True, False, self._flags
        for index, letter in enumerate(rest[2:], 2):
            if letter in _FLAG_NAMES:
                flags, changed = replace(flags, **{_FLAG_NAMES[letter]: on}), True
            elif letter == "-" and on:
                on, changed = False, False
            elif letter in ":)" and (on or changed):
                if letter == ":":
                    self._groups.append(_Group(None, self._flags))
                self._flags = flags
                self._position += index + 1
                return
            else:
                raise _invalid("invalid or unsupported Perl syntax", rest[: index + 1])
        raise _invalid("invalid or unsupported Perl syntax", rest)

    def _close(self) -> None:
        if len(self._groups) == 1:
            raise _invalid("unexpected )", self._pattern)
        closed = self._groups.pop()
        self._flags = closed.outside
        self._push(closed.fragment())
        self._position += 1

    def _repetition(self, before: int | None) -> int | None:
        """Applies a repetition to what stands before it; gives its position. A brace that is none is a literal."""
        start = self._position
        braces = _REPEAT.match(self._pattern, start)
        if self._pattern[start] == "{" and braces is None:
            self._literal()
            return None
        least, most = _bounds(self._pattern[start], braces)
        operator_end = braces.end() if braces else start + 1
        lazy = self._pattern.startswith("?", operator_end)
        if least > _MAX_REPEAT or (most is not None and (most > _MAX_REPEAT or least > most)):
            raise _invalid("invalid repeat count", self._pattern[start:operator_end])
        self._position = operator_end + lazy
        shown = self._pattern[start : self._position]
        if before is not None:
            raise _invalid("invalid nested repetition operator", self._pattern[before : self._position])
        parts = self._groups[-1].parts
        if not parts:
            raise _invalid("missing argument to repetition operator", shown)
        count = (least if most is None else most) or 1
        if braces and count > 1 and parts[-1].repeats * count > _MAX_REPEAT:
            raise _invalid("invalid repeat count", shown)
        self._push(_repeated(parts.pop(), self._pattern[start], least, most, lazy == self._flags.lazy))
        return start

    def _escape(self) -> None:
        letter = self._pattern[self._position + 1 : self._position + 2]
        if letter in _PLACES:
            self._push(assertion(_PLACES[letter]))
            self._position += 2
        elif letter == "Q":
            literal, _, _ = self._pattern[self._position + 2 :].partition("\\E")
            for each in literal:
                self._push_code(ord(each))
            self._position = min(self._position + 4 + len(literal), len(self._pattern))
        elif (ranges := self._set_escape()) is not None:
            self._push(character(ranges))
        else:
            self._push_code(self._code_escape())

    def _set_escape(self) -> Ranges | None:
        """The set behind ``\\d`` and its like or ``\\pL``; None where there is no such escape."""
        letter = self._pattern[self._position + 1 : self._position + 2]
        if letter in ("p", "P"):
            return self._unicode_class()
        ranges = PERL.get(letter.lower()) if letter else None
        if ranges is None:
            return None
        self._position += 2
        ranges = folded(ranges) if self._flags.fold else ranges
        return negated(ranges) if letter.isupper() else ranges

    def _unicode_class(self) -> Ranges:
        start = self._position
        if self._pattern.startswith("{", start + 2):
            end = self._pattern.find("}", start) + 1
            name = self._pattern[start + 3 : end - 1]
            if not end:
                raise _invalid("invalid character class range", self._pattern[start:])
        else:
            end = min(start + 3, len(self._pattern))
            name = self._pattern[start + 2 : end]
        ranges = unicode_table(name.removeprefix("^"))
        if ranges is None:
            raise _invalid("invalid character class range", self._pattern[start:end])
        self._position = end
        ranges = folded(ranges) if self._flags.fold else ranges
        return ranges if (self._pattern[start + 1] == "p") != name.startswith("^") else negated(ranges)

    def _code_escape(self) -> int:
        """The character that an escape stands for."""
        rest = self._pattern[self._position + 1 :]
        if not rest:
            raise _invalid("trailing backslash at end of expression", "")
        octal, hexadecimal = _OCTAL.match(rest), _HEX.match(rest)
        if octal:
            length, code = octal.end(), int(octal[0], 8)
        elif hexadecimal:
            length, code = hexadecimal.end(), int((hexadecimal[1] or hexadecimal[2])[-8:], 16)
            code = MAX_RUNE + 1 if (hexadecimal[1] or "")[:-8].strip("0") else code
        elif rest[0] in _CONTROLS:
            length, code = 1, _CONTROLS[rest[0]]
        elif rest[0].isascii() and not rest[0].isalnum():
            length, code = 1, ord(rest[0])
        else:
            length, code = 0, MAX_RUNE + 1
        if code > MAX_RUNE:
            raise _invalid("invalid escape sequence", "\\" + rest[: _faulty_length(rest)])
        self._position += 1 + length
        return code

    def _class(self) -> None:
        start = self._position
        negative = self._pattern.startswith("^", start + 1)
        self._position += 1 + negative
        ranges: list[tuple[int, int]] = []
        first = True
        while first or not self._pattern.startswith("]", self._position):
            ranges += self._class_part(start)
            first = False
        self._position += 1
        found = merged(ranges)
        self._push(character(negated(found) if negative else found))

    def _class_part(self, start: int) -> Ranges:
        named = self._named_class()
        if named is None and self._pattern.startswith("\\", self._position):
            named = self._set_escape()
        if named is not None:
            return named
        at = self._position
        low = high = self._class_character(start)
        following = self._pattern[self._position : self._position + 2]
        if len(following) == 2 and following[0] == "-" and following[1] != "]":
            self._position += 1
            high = self._class_character(start)
            if high < low:
                raise _invalid("invalid character class range", self._pattern[at : self._position])
        return folded([(low, high)]) if self._flags.fold else ((low, high),)

    def _named_class(self) -> Ranges | None:
        """``[:alpha:]`` and its like."""
        at = self._position
        end = self._pattern.find(":]", at + 2) if self._pattern.startswith("[:", at) else -1
        if end < 0:
            return None
        name = self._pattern[at + 2 : end]
        ranges = POSIX.get(name.removeprefix("^"))
        if ranges is None:
            raise _invalid("invalid character class range", self._pattern[at : end + 2])
        self._position = end + 2
        ranges = folded(ranges) if self._flags.fold else ranges
        return negated(ranges) if name.startswith("^") else ranges

    def _class_character(self, start: int) -> int:
        if self._position >= len(self._pattern):
            raise _invalid("missing closing ]", self._pattern[start:])
        if self._pattern[self._position] == "\\":
            return self._code_escape()
        self._position += 1
        return ord(self._pattern[self._position - 1])


_SIMPLE = {"*": star, "+": plus, "?": question}
_FLAG_NAMES = {"i": "fold", "m": "multiline", "s": "dot_all", "U": "lazy"}
_HANDLERS = {
    ".": _Parser._dot,
    "|": _Parser._bar,
    "^": _Parser._start,
    "$": _Parser._end,
    "(": _Parser._open,
    ")": _Parser._close,
    "[": _Parser._class,
    "\\": _Parser._escape,
}


def _bounds(operator: str, braces: re.Match[str] | None) -> tuple[int, int | None]:
    """How often at least and at most; numbers that are too big stand for themselves no longer."""
    if braces is None:
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[operator]
    least = int(braces[1][:9])
    return least, (int(braces[3][:9]) if braces[3] else None) if braces[2] else least


def _repeated(part: Fragment, operator: str, least: int, most: int | None, greedy: bool) -> Fragment:
    simple = _SIMPLE.get(operator)
    return simple(part, greedy) if simple else repetition(part, least, most, greedy)


def _faulty_length(rest: str) -> int:
    """How much of an escape Go has read when it sees that it is none."""
    if rest[0] != "x":
        return 1
    if not rest.startswith("x{"):
        return min(3, len(rest))
    digits = _HEX_DIGITS.match(rest, 2)
    if digits is None:
        return min(3, len(rest))
    significant = len(digits[0]) - len(digits[0].lstrip("0"))
    read = next(
        (
            n
            for n in range(significant, len(digits[0]) + 1)
            if int(digits[0][significant:n] or "0", 16) > MAX_RUNE
        ),
        None,
    )
    return min(2 + (len(digits[0]) + 1 if read is None else read), len(rest))
