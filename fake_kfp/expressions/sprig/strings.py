"""sprig's text functions (``strings.go``, ``regex.go``, ``crypto.go``)."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable

from fake_kfp.expressions.expr.library_texts import decode_base64
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.fmt import format_value
from fake_kfp.golang.quoting import quote
from fake_kfp.golang.regexp import compile_regex, quote_meta
from fake_kfp.golang.strings import split, trim, trim_space
from fake_kfp.golang.values import ANY, GoFunction, StringMap, Strings

_MAX_LENGTH = 1_000_000
_MANY = f"...{ANY}"


def _check_length(length: int) -> None:
    """Refuses a text that would be so long, before it is made."""
    if length > _MAX_LENGTH:
        raise GoError(f"fake_kfp: texts in expressions are limited to {_MAX_LENGTH} characters")


def _cut(text: str, start: int | None, stop: int | None) -> str:
    """A slice between bytes, as Go cuts strings."""
    encoded = text.encode("utf-8", "replace")
    return encoded[start:stop].decode("utf-8", "replace")


def _length(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _trunc(count: int, text: str) -> str:
    if count < 0:
        return _cut(text, count, None) if _length(text) + count > 0 else text
    return _cut(text, None, count)


def _substr(start: int, stop: int, text: str) -> str:
    length = _length(text)
    if start < 0:
        if not 0 <= stop <= length:
            raise GoError(f"runtime error: slice bounds out of range [:{stop}]{_with_length(stop, length)}")
        return _cut(text, None, stop)
    if stop < 0 or stop > length:
        if start > length:
            raise GoError(f"runtime error: slice bounds out of range [{start}:{length}]")
        return _cut(text, start, None)
    if start > stop:
        raise GoError(f"runtime error: slice bounds out of range [{start}:{stop}]")
    return _cut(text, start, stop)


def _with_length(stop: int, length: int) -> str:
    return f" with length {length}" if stop > length else ""


def _repeat(count: int, text: str) -> str:
    if count < 0:
        raise GoError("strings: negative Repeat count")
    _check_length(count * len(text))
    return text * count


def _title(text: str) -> str:
    """``strings.Title``: a letter begins a word unless a letter, digit or underscore stands before it."""
    letters: list[str] = []
    previous = " "
    for letter in text:
        begins = not (previous.isalpha() or previous.isdecimal() or previous == "_")
        letters.append(letter.title() if begins and len(letter.title()) == 1 else letter)
        previous = letter
    return "".join(letters)


def _untitle(text: str) -> str:
    return re.sub(r"(^|\s)(\S)", lambda match: match[1] + match[2].lower(), text)


def _quote(*values: object) -> str:
    return " ".join(quote(format_value(value)) for value in values if value is not None)


def _squote(*values: object) -> str:
    return " ".join(f"'{format_value(value)}'" for value in values if value is not None)


def _cat(*values: object) -> str:
    return " ".join(format_value(value) for value in values if value is not None)


def _indent(spaces: int, text: str) -> str:
    pad = _repeat(spaces, " ")
    _check_length(len(text) + (text.count("\n") + 1) * spaces)
    return pad + text.replace("\n", "\n" + pad)


def _replace(old: str, new: str, text: str) -> str:
    _check_length(len(text) + text.count(old) * (len(new) - len(old)))
    return text.replace(old, new)


def _join(separator: str, values: object) -> str:
    texts = to_strings(values)
    _check_length(sum(map(len, texts)) + len(separator) * max(0, len(texts) - 1))
    return separator.join(texts)


def to_strings(values: object) -> Strings:
    """``strslice``: nil elements drop out; what is no list is the only element."""
    if isinstance(values, list):
        return Strings(format_value(value) for value in values if value is not None)
    return Strings() if values is None else Strings([format_value(values)])


def _split_map(separator: str, text: str) -> StringMap:
    return StringMap((f"_{index}", part) for index, part in enumerate(split(text, separator)))


def _split_n(separator: str, limit: int, text: str) -> StringMap:
    return StringMap((f"_{index}", part) for index, part in enumerate(split(text, separator, limit)))


def _decode(text: str) -> str:
    try:
        return decode_base64(text)
    except ValueError as error:
        return str(error)


def _encode(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "replace")).decode()


def _hashing(algorithm: str) -> Callable[[str], str]:
    return lambda text: hashlib.new(
        algorithm, text.encode("utf-8", "replace"), usedforsecurity=False
    ).hexdigest()


def _fail(message: str) -> str:
    raise GoError(message)


def _regex_match(pattern: str, text: str) -> bool:
    try:
        return compile_regex(pattern).matches(text)
    except GoError as error:
        if error.is_ours:
            raise
        return False


def _regex_find(pattern: str, text: str) -> str:
    match = compile_regex(pattern).find(text)
    return match.text if match else ""


def _regex_find_all(pattern: str, text: str, count: int) -> Strings:
    return Strings(match.text for match in compile_regex(pattern).find_all(text, count))


def _regex_replace(pattern: str, text: str, replacement: str) -> str:
    return _collected(compile_regex(pattern).replaced(text, replacement))


def _regex_replace_literal(pattern: str, text: str, replacement: str) -> str:
    return _collected(compile_regex(pattern).replaced_literally(text, replacement))


def _collected(pieces: Iterable[str]) -> str:
    """The text that these pieces make; refused as soon as it is too long."""
    collected: list[str] = []
    length = 0
    for piece in pieces:
        length += len(piece)
        _check_length(length)
        collected.append(piece)
    return "".join(collected)


def _regex_split(pattern: str, text: str, count: int) -> Strings:
    return Strings(compile_regex(pattern).split(text, count))


def _tests(test: Callable[[str, str], bool]) -> GoFunction:
    """sprig puts the text last."""
    return GoFunction(lambda part, text: test(text, part), ("string", "string"), "bool")


def _of_text(call: Callable[[str], object]) -> GoFunction:
    return GoFunction(call, ("string",), "string")


def _of_two(call: Callable[[str, str], object]) -> GoFunction:
    return GoFunction(call, ("string", "string"), "string")


_trim_all = _of_two(lambda cutset, text: trim(text, cutset))
_REPLACE = ("string", "string", "string")
STRING_FUNCTIONS: dict[str, object] = {
    "hello": GoFunction(lambda: "Hello!", (), "string"),
    "trunc": GoFunction(_trunc, ("int", "string"), "string"),
    "trim": _of_text(trim_space),
    "upper": _of_text(str.upper),
    "lower": _of_text(str.lower),
    "title": _of_text(_title),
    "untitle": _of_text(_untitle),
    "substr": GoFunction(_substr, ("int", "int", "string"), "string"),
    "repeat": GoFunction(_repeat, ("int", "string"), "string"),
    "trimall": _trim_all,
    "trimAll": _trim_all,
    "trimSuffix": _of_two(lambda suffix, text: text.removesuffix(suffix)),
    "trimPrefix": _of_two(lambda prefix, text: text.removeprefix(prefix)),
    "nospace": _of_text(lambda text: "".join(text.split())),
    "contains": _tests(lambda text, part: part in text),
    "hasPrefix": _tests(str.startswith),
    "hasSuffix": _tests(str.endswith),
    "quote": GoFunction(_quote, (_MANY,), "string"),
    "squote": GoFunction(_squote, (_MANY,), "string"),
    "cat": GoFunction(_cat, (_MANY,), "string"),
    "indent": GoFunction(_indent, ("int", "string"), "string"),
    "nindent": GoFunction(lambda spaces, text: "\n" + _indent(spaces, text), ("int", "string"), "string"),
    "replace": GoFunction(_replace, _REPLACE, "string"),
    "plural": GoFunction(
        lambda one, many, count: one if count == 1 else many, ("string", "string", "int"), "string"
    ),
    "sha1sum": _of_text(_hashing("sha1")),
    "sha256sum": _of_text(_hashing("sha256")),
    "sha512sum": _of_text(_hashing("sha512")),
    "toString": GoFunction(format_value, (ANY,), "string"),
    "toStrings": GoFunction(to_strings, (ANY,), "[]string"),
    "join": GoFunction(_join, ("string", ANY), "string"),
    "split": GoFunction(_split_map, ("string", "string"), "map[string]string"),
    "splitn": GoFunction(_split_n, ("string", "int", "string"), "map[string]string"),
    "splitList": GoFunction(
        lambda separator, text: Strings(split(text, separator)), ("string", "string"), "[]string"
    ),
    "b64enc": _of_text(_encode),
    "b64dec": _of_text(_decode),
    "fail": _of_text(_fail),
    "regexMatch": GoFunction(_regex_match, ("string", "string"), "bool"),
    "mustRegexMatch": GoFunction(
        lambda pattern, text: compile_regex(pattern).matches(text), ("string", "string"), "bool"
    ),
    **dict.fromkeys(("regexFind", "mustRegexFind"), _of_two(_regex_find)),
    **dict.fromkeys(
        ("regexFindAll", "mustRegexFindAll"),
        GoFunction(_regex_find_all, ("string", "string", "int"), "[]string"),
    ),
    **dict.fromkeys(
        ("regexReplaceAll", "mustRegexReplaceAll"), GoFunction(_regex_replace, _REPLACE, "string")
    ),
    **dict.fromkeys(
        ("regexReplaceAllLiteral", "mustRegexReplaceAllLiteral"),
        GoFunction(_regex_replace_literal, _REPLACE, "string"),
    ),
    **dict.fromkeys(
        ("regexSplit", "mustRegexSplit"), GoFunction(_regex_split, ("string", "string", "int"), "[]string")
    ),
    "regexQuoteMeta": _of_text(quote_meta),
}
