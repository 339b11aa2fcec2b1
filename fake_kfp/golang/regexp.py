"""Go's regular expressions (RE2) by way of Python's ``re``: the common part, with Go's error texts."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from functools import lru_cache

from fake_kfp.golang.errors import GoError

_MAX_PATTERN = 10_000
_MAX_REPEAT = 1000
_MAX_COST = 10**9
_MAX_NESTED_TEXT = 24
_REPEAT = re.compile(r"\{(\d+)(,(\d*))?\}")
_NAMED_GROUP = re.compile(r"\(\?P?<([A-Za-z0-9_]+)>")
_FLAGS = re.compile(r"\(\?([imsU]*(?:-[imsU]+)?)([:)])")
_POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": "\\x00-\\x7F",
    "blank": "\\t ",
    "cntrl": "\\x00-\\x1F\\x7F",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": "\\t\\n\\v\\f\\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": "\\t\\n\\f\\r "}
_SAME_ESCAPES = frozenset("afnrtvbBAdDwWsS")


@dataclass(frozen=True)
class Regex:
    """A compiled pattern; matching refuses texts on which Python's backtracking might not come back."""

    pattern: re.Pattern[str]
    unbounded: int
    nested: bool

    def matches(self, text: str) -> bool:
        """Whether the pattern occurs in the text."""
        self.guard(text)
        return self.pattern.search(text) is not None

    def guard(self, text: str) -> None:
        """Raises where matching this text could take too long."""
        too_nested = self.nested and len(text) > _MAX_NESTED_TEXT
        if too_nested or max(len(text), 2) ** min(self.unbounded, 20) > _MAX_COST:
            raise GoError(
                "fake_kfp: matching this regular expression against so long a text may take for ever here; "
                "use one with fewer (nested) repetitions"
            )


@lru_cache(maxsize=256)
def compile_regex(pattern: str) -> Regex:
    """``regexp.Compile``; raises Go's ``error parsing regexp: ...``."""
    if len(pattern) > _MAX_PATTERN:
        raise GoError(f"fake_kfp: regular expressions are limited to {_MAX_PATTERN} characters")
    translation = _Translation(pattern)
    translated = translation.translate()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiled = re.compile(translated, re.ASCII)
    except (re.error, OverflowError, RecursionError):
        raise _unmodelled(pattern) from None
    return Regex(compiled, translation.unbounded, translation.nested)


def _unmodelled(what: str) -> GoError:
    return GoError(f"fake_kfp: this part of a regular expression is not modelled: {what}")


def _invalid(reason: str, part: str) -> GoError:
    return GoError(f"error parsing regexp: {reason}: `{part}`")


@dataclass
class _Group:
    """An open parenthesis: what closes it, the flags set since, and those outside it."""

    closer: str
    flags: list[str]
    multiline: bool
    swap_greed: bool
    has_unbounded: bool = False


class _Translation:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.position = 0
        self.parts: list[str] = []
        self.groups: list[_Group] = [_Group("", [], False, False)]
        self.multiline = False
        self.swap_greed = False
        self.unbounded = 0
        self.nested = False
        # Whether a repetition may follow, and the one that stands just before.
        self.repeatable = False
        self.last_repeat = ""
        self.atom_unbounded = False

    def translate(self) -> str:
        """The Python pattern; raises at the first mistake."""
        while self.position < len(self.pattern):
            character = self.pattern[self.position]
            handler = _HANDLERS.get(character)
            if handler is None:
                self._atom(re.escape(character), 1)
            else:
                handler(self)
        if len(self.groups) > 1:
            raise _invalid("missing closing )", self.pattern)
        return "".join(self.parts) + ")" * len(self.groups[0].flags)

    def _atom(self, translated: str, consumed: int) -> None:
        self.parts.append(translated)
        self.position += consumed
        self.repeatable, self.last_repeat, self.atom_unbounded = True, "", False

    def _dot(self) -> None:
        self._atom(".", 1)

    def _bar(self) -> None:
        """Flags hold beyond the bar, but the groups that stand for them may not swallow it."""
        flags = self.groups[-1].flags
        self._atom(f"{')' * len(flags)}|{''.join(flags)}", 1)
        self.repeatable = False

    def _start(self) -> None:
        self._atom("^", 1)

    def _end(self) -> None:
        self._atom("$" if self.multiline else r"\Z", 1)

    def _open(self) -> None:
        if not self.pattern.startswith("(?", self.position):
            self._open_group("(", 1)
            return
        named = _NAMED_GROUP.match(self.pattern, self.position)
        flags = _FLAGS.match(self.pattern, self.position)
        if named:
            self._open_group(f"(?P<{named[1]}>", len(named[0]))
        elif flags:
            self._flags(flags)
        else:
            shown = self.pattern[self.position : self.position + 3]
            if shown in ("(?P", "(?<"):
                end = self.pattern.find(">", self.position)
                shown = self.pattern[self.position : end + 1] if end >= 0 else self.pattern[self.position :]
                if shown[:4] not in ("(?<=", "(?<!") and (end < 0 or shown.startswith(("(?P<", "(?<"))):
                    raise _invalid("invalid named capture", shown)
                shown = self.pattern[self.position : self.position + 4]
            raise _invalid("invalid or unsupported Perl syntax", shown)

    def _open_group(self, translated: str, consumed: int) -> None:
        self.groups.append(_Group(")" if translated else "", [], self.multiline, self.swap_greed))
        self.parts.append(translated)
        self.position += consumed
        self.repeatable = False
        if len(self.groups) > 100:
            raise _unmodelled("more than 100 nested groups")

    def _flags(self, match: re.Match[str]) -> None:
        """``(?i)`` holds to the end of the group it stands in, ``(?i:...)`` for its own."""
        on, _, off = match[1].partition("-")
        if match[2] == ":":
            self._open_group("", len(match[0]))
        else:
            self.position += len(match[0])
            self.repeatable = False
        self.multiline = ("m" in on or self.multiline) and "m" not in off
        self.swap_greed = ("U" in on or self.swap_greed) and "U" not in off
        on, off = on.replace("U", ""), off.replace("U", "")
        opening = f"(?{on}{'-' if off else ''}{off}:"
        self.parts.append(opening)
        self.groups[-1].flags.append(opening)

    def _close(self) -> None:
        if len(self.groups) == 1:
            raise _invalid("unexpected )", self.pattern)
        group = self.groups.pop()
        self.multiline, self.swap_greed = group.multiline, group.swap_greed
        self._atom(")" * len(group.flags) + group.closer, 1)
        self.atom_unbounded = group.has_unbounded
        self.groups[-1].has_unbounded |= group.has_unbounded

    def _repetition(self) -> None:
        brace = _REPEAT.match(self.pattern, self.position)
        if self.pattern[self.position] == "{" and brace is None:
            self._atom(r"\{", 1)
            return
        operator = brace[0] if brace else self.pattern[self.position]
        lazy = self.pattern.startswith("?", self.position + len(operator))
        shown = operator + "?" * lazy
        if self.last_repeat:
            raise _invalid("invalid nested repetition operator", self.last_repeat + shown)
        if not self.repeatable:
            raise _invalid("missing argument to repetition operator", shown)
        self._check_count(brace)
        if operator in "*+" or (brace and brace[2] and not brace[3]):
            self._count_unbounded()
        self.parts.append(operator + ("?" if lazy != self.swap_greed else ""))
        self.position += len(shown)
        self.last_repeat = shown

    def _check_count(self, brace: re.Match[str] | None) -> None:
        if brace is None:
            return
        least, most = int(brace[1][:6]), int((brace[3] or brace[1])[:6])
        if least > _MAX_REPEAT or most > _MAX_REPEAT or least > most:
            raise _invalid("invalid repeat count", brace[0])

    def _count_unbounded(self) -> None:
        self.unbounded += 1
        self.nested |= self.atom_unbounded
        self.groups[-1].has_unbounded = True

    def _escape(self) -> None:
        rest = self.pattern[self.position + 1 :]
        if rest.startswith("Q"):
            literal, _, _ = rest[1:].partition("\\E")
            for character in literal:
                self._atom(re.escape(character), 0)
            self.position += 2 + len(literal) + (2 if "\\E" in rest else 0)
            return
        translated, consumed = _escaped(rest, in_class=False)
        self._atom(translated, consumed + 1)

    def _class(self) -> None:
        pattern, start = self.pattern, self.position
        position = start + 1
        negated = pattern.startswith("^", position)
        position += negated
        parts: list[str] = []
        first = True
        while first or not pattern.startswith("]", position):
            first = False
            if position >= len(pattern):
                raise _invalid("missing closing ]", pattern[start:])
            part, position = self._class_part(position, start)
            parts.append(part)
        self._atom(f"[{'^' * negated}{''.join(parts)}]", position + 1 - start)

    def _class_part(self, position: int, start: int) -> tuple[str, int]:
        pattern = self.pattern
        if pattern.startswith("[:", position) and (end := pattern.find(":]", position)) > 0:
            name = pattern[position + 2 : end]
            if name.removeprefix("^") not in _POSIX or name.startswith("^"):
                if name.removeprefix("^") in _POSIX:
                    raise _unmodelled(pattern[position : end + 2])
                raise _invalid("invalid character class range", pattern[position : end + 2])
            return _POSIX[name], end + 2
        low, middle = self._class_character(position, start)
        if not pattern.startswith("-", middle) or pattern.startswith("-]", middle) or len(_plain(low)) != 1:
            return low, middle
        high, end = self._class_character(middle + 1, start)
        if len(_plain(high)) != 1:
            raise _invalid("invalid escape sequence", pattern[middle + 1 : end])
        if _plain(high) < _plain(low):
            raise _invalid("invalid character class range", pattern[position:end])
        return f"{low}-{high}", end

    def _class_character(self, position: int, start: int) -> tuple[str, int]:
        if position >= len(self.pattern):
            raise _invalid("missing closing ]", self.pattern[start:])
        character = self.pattern[position]
        if character != "\\":
            return ("\\" + character if character in r"[]&~|-^" else character), position + 1
        translated, consumed = _escaped(self.pattern[position + 1 :], in_class=True)
        return translated, position + 1 + consumed


def _plain(translated: str) -> str:
    """The single character that a class member stands for, or several for a class of its own."""
    if not translated.startswith("\\"):
        return translated
    if translated[1] in "UxdDwWsSafnrtv":
        codes = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
        if translated[1] in codes:
            return codes[translated[1]]
        return chr(int(translated[2:], 16)) if translated[1] == "U" else "class"
    return translated[1:]


_HEX = re.compile(r"x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))")
_OCTAL = re.compile(r"0[0-7]{0,2}|[1-7][0-7]{1,2}")


def _escaped(rest: str, *, in_class: bool) -> tuple[str, int]:
    """What the escape at the start of ``rest`` (its backslash gone) is in Python, and its length."""
    if not rest:
        raise _invalid("trailing backslash at end of expression", "")
    hexadecimal, octal = _HEX.match(rest), _OCTAL.match(rest)
    if hexadecimal and int(hexadecimal[1] or hexadecimal[2], 16) <= 0x10FFFF:
        return f"\\U{int(hexadecimal[1] or hexadecimal[2], 16):08x}", len(hexadecimal[0])
    if octal:
        return f"\\U{int(octal[0], 8):08x}", len(octal[0])
    if rest[0] in "pP":
        raise _unmodelled("\\" + rest[:2])
    if rest[0] == "z" and not in_class:
        return r"\Z", 1
    if rest[0] in _CLASSES and in_class:
        return _CLASSES[rest[0]], 1
    if rest[0] in "sS" and not in_class:
        return ("[" if rest[0] == "s" else "[^") + _CLASSES["s"] + "]", 1
    if rest[0] in _SAME_ESCAPES and not (in_class and rest[0] in "bBA"):
        return "\\" + rest[0], 1
    if rest[0].isascii() and not rest[0].isalnum() and rest[0] != "_":
        return "\\" + rest[0], 1
    raise _invalid("invalid escape sequence", "\\" + rest[0])


_HANDLERS = {
    ".": _Translation._dot,
    "|": _Translation._bar,
    "^": _Translation._start,
    "$": _Translation._end,
    "(": _Translation._open,
    ")": _Translation._close,
    "[": _Translation._class,
    "\\": _Translation._escape,
    **dict.fromkeys("*+?{", _Translation._repetition),
}


def quote_meta(text: str) -> str:
    """``regexp.QuoteMeta``."""
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", text)
