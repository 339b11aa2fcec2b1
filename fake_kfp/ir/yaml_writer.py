"""JSON-shaped data as the YAML that the real server writes (``sigs.k8s.io/yaml: JSONToYAML``, goyaml.v2 ``encode.go``, ``emitterc.go``)."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from functools import cmp_to_key, lru_cache
from typing import Any

from fake_kfp.golang.floats import format_float
from fake_kfp.simulator.manifests.types.yaml_scalars import resolve_plain

_INDENT = 2
_LONGEST_SIMPLE_KEY = 128
_WIDTH = 80
_NEVER_WRAPPED = -(1 << 31)
"""The column of texts that stay on their line, which are the keys."""

# What keeps a text from standing without quotes: how it begins, how it ends, and what it has in it.
_NOT_PLAIN = re.compile(
    r"[#,\[\]{}&*!|>'\"%@` \n\u2028\u2029]|[-?:](?:[ \t]|\Z)|---|\.\.\.|.*(?::(?:[ \t]|\Z)|[ \t\u2028\u2029]#|[\n\u2028\u2029])",
    re.DOTALL,
)
_SPECIAL = re.compile(r"[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
_ESCAPED = re.compile(r"[^\x20\x21\x23-\x5b\x5d-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
_ESCAPES = {
    "\0": "\\0",
    "\a": "\\a",
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\v": "\\v",
    "\f": "\\f",
    "\r": "\\r",
    "\x1b": "\\e",
    '"': '\\"',
    "\\": "\\\\",
    "\x85": "\\N",
    "\u2028": "\\L",
    "\u2029": "\\P",
}
_WORDS = re.compile(" *[^ ]*")
_BLANK_AT_END = re.compile(" (?:[\n\u2028\u2029]|\\Z)")
_BLANK_AT_BREAK = re.compile(" [\u2028\u2029]|[\u2028\u2029] ")
_BREAKS = re.compile("[\n\u2028\u2029]")
_LINE_ENDS = re.compile("[\n\r\x85\u2028\u2029]")
_BREAKS_INSIDE = re.compile("([\u2028\u2029]+)(?=[^\u2028\u2029])")
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_TIMESTAMP = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)"
    r"(?:[Tt](?:[01]?\d|2[0-3]):[0-5]?\d:[0-5]?\d(?:[.,]\d+)?(?:Z|[-+](?:[01]\d|2[0-4]):(?:[0-5]\d|60))"
    r"| (?:[01]?\d|2[0-3]):[0-5]?\d:[0-5]?\d(?:[.,]\d+)?)?",
    re.ASCII,
)
_DAYS = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
_PLAINLY_SORTED = re.compile(r"[A-Za-z-]*")


def dump_yaml(document: Any) -> str:
    """One document, keys in go-yaml's order: ``item-9`` before ``item-10``."""
    pieces: list[str] = []
    if isinstance(document, str):
        pieces.append(_text(document, _INDENT, 0))
    else:
        _node(document, -_INDENT, pieces.append)
    return "".join(pieces) + "\n"


def _node(value: Any, indent: int, put: Callable[[str], object]) -> None:
    """Writes a value behind what stands on its line; ``indent`` is that of the collection it is in."""
    if isinstance(value, Mapping) and value:
        _mapping(value, indent + _INDENT, put)
    elif isinstance(value, list) and value:
        _sequence(value, indent + _INDENT, put)
    else:
        put(_scalar(value, indent + _INDENT, indent + _INDENT))


def _mapping(data: Mapping[str, Any], indent: int, put: Callable[[str], object]) -> None:
    between = "\n" + " " * indent
    for place, key in enumerate(_sorted(data)):
        if place:
            put(between)
        value = data[key]
        if len(key.encode()) > _LONGEST_SIMPLE_KEY or _LINE_ENDS.search(key):
            put("? " + _text(key, indent + _INDENT, indent + _INDENT) + between + ": ")
            _node(value, indent, put)
        else:
            written = _key(key) + ":"
            put(written)
            _mapped(value, indent, len(written), put)


def _mapped(value: Any, indent: int, length: int, put: Callable[[str], object]) -> None:
    """Writes the value of a simple key of this length: collections on lines of their own, lists as far left as the key."""
    if isinstance(value, Mapping) and value:
        put("\n" + " " * (indent + _INDENT))
        _mapping(value, indent + _INDENT, put)
    elif isinstance(value, list) and value:
        put("\n" + " " * indent)
        _sequence(value, indent, put)
    else:
        put(" " + _scalar(value, indent + _INDENT, indent + length + 1))


def _sequence(items: list[Any], indent: int, put: Callable[[str], object]) -> None:
    between = "\n" + " " * indent
    for place, item in enumerate(items):
        put(between + "- " if place else "- ")
        _node(item, indent, put)


def _scalar(value: Any, indent: int, column: int) -> str:
    if isinstance(value, str):
        return _text(value, indent, column)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float):
        return format_float(value)
    if isinstance(value, int):
        return str(value) if -(1 << 63) <= value < 1 << 64 else format_float(float(value))
    return "[]" if isinstance(value, list) else "{}"


@lru_cache(maxsize=4096)
def _key(key: str) -> str:
    return _text(key, 0, _NEVER_WRAPPED)


def _text(text: str, indent: int, column: int) -> str:
    """A text that begins in this column; ``indent`` is that of its further lines."""
    special = _SPECIAL.search(text)
    if "\n" in text and not special and not _BLANK_AT_END.search(text):
        return _literal(text, indent)
    if special or "\n" in text or _means_something_else(text) or _BLANK_AT_BREAK.search(text):
        return f'"{_lines(text, _escaped, indent, column + 1, quoted=True)}"'
    if text[-1] != " " and not _NOT_PLAIN.match(text):
        return _lines(text, str, indent, column)
    return f"'{_lines(text, _doubled, indent, column + 1)}'"


def _lines(text: str, write: Callable[[str], str], indent: int, column: int, *, quoted: bool = False) -> str:
    """A text's letters as ``write`` gives them, on further lines from the first blank on that is too far to the right.

    Blanks that belong together stay so, but in double quotes, where a backslash keeps those of the next line.
    """
    written = write(text)
    if column + len(written) <= _WIDTH or " " not in text:
        return _BREAKS_INSIDE.sub("\\1" + " " * indent, written)
    pieces: list[str] = []
    for word in _WORDS.findall(text):
        shown = write(word)
        blanks = len(word) - len(word.lstrip(" "))
        inside = pieces and (blanks < len(word) or (quoted and blanks > 1))
        if column > _WIDTH and inside and (blanks == 1 or (quoted and blanks)):
            shown = ("\\" if blanks > 1 else "") + shown[1:]
            pieces.append("\n" + " " * indent)
            column = indent
        pieces.append(shown)
        column += len(shown)
    return "".join(pieces)


def _means_something_else(text: str) -> bool:
    return not isinstance(resolve_plain(text), str) or _BASE_60.fullmatch(text) is not None or _is_time(text)


def _is_time(text: str) -> bool:
    """``resolve.go: parseTimestamp``: the day has to be one of the calendar."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return False
    year, month, day = (int(match[number]) for number in (1, 2, 3))
    return month in range(1, 13) and 1 <= day <= _DAYS[month] - (month == 2 and not calendar.isleap(year))


def _doubled(text: str) -> str:
    return text.replace("'", "''")


def _escaped(text: str) -> str:
    return _ESCAPED.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    known = _ESCAPES.get(found[0])
    if known is not None:
        return known
    return f"\\x{code:02X}" if code <= 0xFF else f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def _literal(text: str, indent: int) -> str:
    lines = _BREAKS_INSIDE.sub("\\1" + " " * indent, text).split("\n")
    if text[-1] == "\n":
        lines.pop()
    hint = str(_INDENT) if text[0] in " \n\u2028\u2029" else ""
    return (
        "|"
        + hint
        + _chomping(text)
        + "".join(["\n" + (" " * indent + line if line else "") for line in lines])
    )


def _chomping(text: str) -> str:
    if not _BREAKS.match(text[-1]):
        return "-"
    return "+" if len(text) == 1 or _BREAKS.match(text[-2]) else ""


def _sorted(data: Mapping[str, Any]) -> list[str]:
    if all(map(_PLAINLY_SORTED.fullmatch, data)):
        return sorted(data)
    return sorted(data, key=cmp_to_key(_compare))


def _compare(one: str, other: str) -> int:
    """The order of keys (goyaml.v2 ``sorter.go``): letters after everything else, numbers by what they count."""
    for place, (mine, theirs) in enumerate(zip(one, other, strict=False)):
        if mine != theirs:
            return _compare_from(one, other, place)
    return len(one) - len(other)


def _compare_from(one: str, other: str, place: int) -> int:
    mine, theirs = one[place], other[place]
    if mine.isalpha() or theirs.isalpha():
        if mine.isalpha() and theirs.isalpha():
            return ord(mine) - ord(theirs)
        return 1 if mine.isalpha() else -1
    start = "1" if "0" in (mine, theirs) and _in_a_number(one[:place]) else "0"
    mine_digits, their_digits = _digits(one, place), _digits(other, place)
    difference = int(start + mine_digits) - int(start + their_digits)
    return difference or len(mine_digits) - len(their_digits) or ord(mine) - ord(theirs)


def _in_a_number(before: str) -> bool:
    """Whether the digits right before count more than nothing."""
    return bool(before[len(before.rstrip("0123456789")) :].strip("0"))


def _digits(text: str, place: int) -> str:
    end = place
    while end < len(text) and text[end].isdecimal():
        end += 1
    return text[place:end]
