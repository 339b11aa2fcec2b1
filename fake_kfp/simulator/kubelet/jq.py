"""The part of jq that outputs of resource templates mostly are: paths, pipes, alternatives, and a few functions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.json_values import marshal, unmarshal

_TOKEN = re.compile(
    r"""\s*(?:(?P<key>\.[A-Za-z_]\w*|\.(?="))|(?P<text>"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?)"""
    r"""|(?P<op>//|[|,.\[\]?()])|(?P<name>[a-z_]\w*))"""
)

Filter = Callable[[Any], list[Any]]


def printed(filter_: str, document: Any) -> str:
    """The results, one a line, texts without quotes. Raises GoError for what goes wrong or is not understood."""
    results = _Parser(filter_).parse()(document)
    return "\n".join(value if isinstance(value, str) else marshal(value) for value in results).strip()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._at = 0

    def parse(self) -> Filter:
        found = self._pipe()
        if self._peek() is not None:
            raise self._refused()
        return found

    def _pipe(self) -> Filter:
        left = self._comma()
        while self._take("|"):
            left = _piped(left, self._comma())
        return left

    def _comma(self) -> Filter:
        left = self._alternative()
        while self._take(","):
            left = _both(left, self._alternative())
        return left

    def _alternative(self) -> Filter:
        left = self._postfix()
        return _or(left, self._alternative()) if self._take("//") else left

    def _postfix(self) -> Filter:
        found = self._primary()
        while True:
            token = self._peek()
            if token is None:
                return found
            if token[0] == "key":
                found = _piped(found, self._key())
            elif self._take("["):
                found = _piped(found, self._subscript())
            elif self._take("?"):
                found = _quiet(found)
            else:
                return found

    def _primary(self) -> Filter:
        token = self._peek()
        if token is None:
            raise self._refused()
        if token[0] == "key":
            return self._key()
        self._at += 1
        kind, text = token
        if text == ".":
            return lambda value: [value]
        if text == "(":
            inner = self._pipe()
            self._expect(")")
            return inner
        if kind in ("text", "number") or text in ("true", "false", "null"):
            constant = json.loads(text)
            return lambda value: [constant]
        if kind == "name" and text in _FUNCTIONS:
            function = _FUNCTIONS[text]
            return lambda value: [function(value)]
        raise self._refused()

    def _key(self) -> Filter:
        text = self._tokens[self._at][1]
        self._at += 1
        if text == ".":
            text = "." + json.loads(self._tokens[self._at][1])
            self._at += 1
        return _at(text[1:])

    def _subscript(self) -> Filter:
        if self._take("]"):
            return _each
        kind, text = self._peek() or ("", "")
        if kind not in ("text", "number"):
            raise self._refused()
        self._at += 1
        self._expect("]")
        return _at(json.loads(text))

    def _peek(self) -> tuple[str, str] | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, text: str) -> bool:
        token = self._peek()
        taken = token is not None and token == ("op", text)
        self._at += taken
        return taken

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise self._refused()

    def _refused(self) -> GoError:
        return GoError(f"fake_kfp: the jq filter {self._text!r} is not understood")


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, position, text = [], 0, text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise GoError(f"fake_kfp: the jq filter {text!r} is not understood")
        tokens.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return tokens


def _piped(left: Filter, right: Filter) -> Filter:
    return lambda value: [found for each in left(value) for found in right(each)]


def _both(left: Filter, right: Filter) -> Filter:
    return lambda value: left(value) + right(value)


def _quiet(inner: Filter) -> Filter:
    def found(value: Any) -> list[Any]:
        try:
            return inner(value)
        except GoError:
            return []

    return found


def _or(left: Filter, right: Filter) -> Filter:
    def found(value: Any) -> list[Any]:
        return [each for each in _quiet(left)(value) if each not in (None, False)] or right(value)

    return found


def _at(key: str | int) -> Filter:
    def found(value: Any) -> list[Any]:
        if value is None:
            return [None]
        if isinstance(value, dict) and isinstance(key, str):
            return [value.get(key)]
        if isinstance(value, list) and isinstance(key, int):
            return [value[key] if -len(value) <= key < len(value) else None]
        raise GoError(
            f"expected an {'object' if isinstance(key, str) else 'array'} but got: {marshal(value)}"
        )

    return found


def _each(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [value[key] for key in sorted(value)]
    if isinstance(value, list):
        return value
    raise GoError(f"cannot iterate over: {marshal(value)}")


def _from_json(value: Any) -> Any:
    if not isinstance(value, str):
        raise GoError(f"fromjson cannot be applied to: {marshal(value)}")
    return unmarshal(value)


def _length(value: Any) -> Any:
    if isinstance(value, bool):
        raise GoError(f"length cannot be applied to: {marshal(value)}")
    if isinstance(value, (int, float)):
        return abs(value)
    return 0 if value is None else len(value)


def _keys(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted(value)
    if isinstance(value, list):
        return list(range(len(value)))
    raise GoError(f"keys cannot be applied to: {marshal(value)}")


def _number(value: Any) -> Any:
    try:
        return value if isinstance(value, (int, float)) else json.loads(value)
    except (TypeError, ValueError):
        raise GoError(f"tonumber cannot be applied to: {marshal(value)}") from None


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "fromjson": _from_json,
    "tojson": marshal,
    "tostring": lambda value: value if isinstance(value, str) else marshal(value),
    "tonumber": _number,
    "length": _length,
    "keys": _keys,
    "not": lambda value: value in (None, False),
    "first": lambda value: _at(0)(value)[0],
    "last": lambda value: _at(-1)(value)[0],
}
