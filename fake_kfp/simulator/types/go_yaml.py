"""YAML as sigs.k8s.io/yaml reads it: go-yaml version 2, with the scalars of YAML 1.1.

Rules: goyaml.v2 ``resolve.go``, ``decode.go``. Only the first document of a text counts. JSON texts, which
most manifests are, take a short way through :mod:`json`.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
    StreamStartEvent,
)
from yaml.scanner import ScannerError

from fake_kfp.simulator.errors import ManifestError

_Loader: Any = getattr(yaml, "CLoader", yaml.Loader)

MAX_DEPTH = 200
_TOO_DEEP = (
    f"fake_kfp: the manifest is nested deeper than {MAX_DEPTH} levels, which is not modelled; make it flatter"
)

_PREFIX = "tag:yaml.org,2002:"
_CONSTANTS: dict[str, Any] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_MEANINGFUL_STARTS = frozenset("yYnNtTfFoO~.+-0123456789") | {""}
_NUMBER_STARTS = frozenset("+-0123456789")
_TYPES_BY_TAG = {"bool": bool, "int": int, "float": float, "null": type(None), "timestamp": str}
_INTEGER = re.compile(r"([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_POINT_FLOAT = re.compile(r"\.[0-9]+([eE][-+]?[0-9]+)?\Z")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?\Z", re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read_yaml(text: str) -> Any:
    """The value of ``text``: dicts (with keys of any scalar type), lists and scalars; what an alias names is
    shared.

    Raises ManifestError with go-yaml's text.
    """
    try:
        if text.lstrip()[:1] == "{" and _SURROGATE.search(text) is None:
            return _read_json(text)
    except ValueError:
        pass  # YAML then, or nothing
    except RecursionError:
        raise ManifestError(_TOO_DEEP) from None
    return _Reader(text).document()


def _read_json(text: str) -> Any:
    value = json.loads(text, parse_int=_integer_or_float, parse_constant=_no_constant)
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for container in level
            for item in (container.values() if isinstance(container, dict) else container)
            if isinstance(item, (dict, list))
        ]
        if not level:
            return value
    raise ManifestError(_TOO_DEEP)


def _no_constant(text: str) -> Any:
    raise ValueError(text)  # NaN and Infinity are no JSON, but plain YAML strings


def _integer_or_float(text: str) -> int | float:
    value = int(text) if len(text) < 25 else math.inf
    return int(value) if -(1 << 63) <= value < 1 << 64 else float(text)


def resolve_plain(text: str) -> Any:
    """What an unquoted scalar means."""
    first = text[:1]
    if first in _MEANINGFUL_STARTS:
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if first == ".":
            return float(text) if _POINT_FLOAT.match(text) else text
        if first in _NUMBER_STARTS:
            return _resolve_number(text)
    return text


def _resolve_number(text: str) -> Any:
    if _TIMESTAMP.match(text):
        return text
    plain = text.replace("_", "")
    integer = _INTEGER.match(plain)
    if integer is not None:
        value = _integer(integer[2])
        value = -value if integer[1] == "-" else value
        if -(1 << 63) <= value < 1 << (64 if not integer[1] else 63):
            return value
    return float(plain) if _FLOAT.match(plain) and not math.isinf(float(plain)) else text


def _integer(digits: str) -> int:
    lower = digits.lower()
    for prefix, base in (("0x", 16), ("0b", 2), ("0o", 8)):
        if lower.startswith(prefix):
            return int(lower[2:], base)
    if len(lower) > 1 and lower[0] == "0":
        return int(lower, 8)
    return int(lower) if len(lower) < 25 else 1 << 64


class _Reader:
    """Turns the parser's events into a value, and counts the work as go-yaml does: aliases cannot multiply it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._depth = 0
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._open_anchors: set[str] = set()
        self._count = 0
        self._alias_count = 0

    def document(self) -> Any:
        try:
            self._events = self._parse()
            for event in self._events:
                if isinstance(event, (StreamStartEvent, DocumentStartEvent)):
                    continue
                if isinstance(event, (ScalarEvent, AliasEvent, MappingStartEvent, SequenceStartEvent)):
                    return self._value(event)
                return None  # an empty stream
        except yaml.YAMLError as error:
            raise ManifestError(_syntax_error(error)) from None
        except UnicodeError:
            raise ManifestError("yaml: invalid Unicode character") from None
        return None

    def _parse(self) -> Iterator[Event]:
        loader = _Loader(self._text)
        try:
            while loader.check_event():
                yield loader.get_event()
        finally:
            loader.dispose()

    def _value(self, event: Any) -> Any:
        if isinstance(event, AliasEvent):
            return self._alias(event.anchor or "")
        before = self._count
        self._count += 1
        anchor = event.anchor
        value = _scalar(event) if isinstance(event, ScalarEvent) else self._collection(event)
        if anchor is not None:
            self._open_anchors.discard(anchor)
            self._anchors[anchor] = (value, self._count - before)
        return value

    def _alias(self, anchor: str) -> Any:
        if anchor in self._open_anchors:
            raise ManifestError(f"yaml: anchor '{anchor}' value contains itself")
        if anchor not in self._anchors:
            raise ManifestError(f"yaml: unknown anchor '{anchor}' referenced")
        value, size = self._anchors[anchor]
        self._count += size + 1
        self._alias_count += size
        if (
            self._alias_count > 100
            and self._count > 1000
            and self._alias_count > self._count * self._allowed_ratio()
        ):
            raise ManifestError("yaml: document contains excessive aliasing")
        return value

    def _allowed_ratio(self) -> float:
        low, high = 400_000, 4_000_000
        part = min(max((self._count - low) / (high - low), 0.0), 1.0)
        return 0.99 - 0.89 * part

    def _collection(self, event: Any) -> Any:
        if event.anchor is not None:
            self._open_anchors.add(event.anchor)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ManifestError(_TOO_DEEP)
        value = self._mapping() if isinstance(event, MappingStartEvent) else self._sequence()
        self._depth -= 1
        return value

    def _sequence(self) -> list[Any]:
        result = []
        for event in self._events:
            if isinstance(event, CollectionEndEvent):
                break
            result.append(self._value(event))
        return result

    def _mapping(self) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for event in self._events:
            if isinstance(event, CollectionEndEvent):
                break
            merges = isinstance(event, ScalarEvent) and _is_merge(event)
            key = None if merges else self._value(event)
            value = self._value(next(self._events))
            if merges:
                _merge(result, value)
            elif isinstance(key, (dict, list)):
                raise ManifestError("yaml: invalid map key")
            else:
                _store(result, key, value)
        return result


def _store(result: dict[Any, Any], key: Any, value: Any) -> None:
    """Sets an entry; ``1`` and ``true`` are one key to Python, two to Go, and both are texts in the end."""
    if isinstance(key, bool):
        key = "true" if key else "false"
    result[key] = value


def _is_merge(event: ScalarEvent) -> bool:
    return event.value == "<<" and (event.implicit[0] or event.tag == f"{_PREFIX}merge")


def _merge(result: dict[Any, Any], value: Any) -> None:
    """``<<``: what stands above it is overwritten, what stands below wins (decode.go: merge)."""
    for source in reversed(value) if isinstance(value, list) else (value,):
        if not isinstance(source, dict):
            raise ManifestError("yaml: map merge requires map or sequence of maps as the value")
        result.update(source)


def _scalar(event: ScalarEvent) -> Any:
    tag, text = event.tag, event.value
    if not tag or tag == "!":
        return resolve_plain(text) if event.implicit[0] else text
    if not tag.startswith(_PREFIX):
        return text
    short = tag[len(_PREFIX) :]
    if short == "binary":
        return _binary(text)
    if short not in _TYPES_BY_TAG:
        return text
    value = resolve_plain(text)
    if short == "float" and type(value) is int:
        value = float(value)
    if type(value) is not _TYPES_BY_TAG[short] or (short == "timestamp" and not _TIMESTAMP.match(text)):
        found = next((name for name, kind in _TYPES_BY_TAG.items() if kind is type(value)), "str")
        found = "str" if found == "timestamp" else found
        raise ManifestError(f"yaml: cannot decode !!{found} `{text}` as a !!{short}")
    return value


def _binary(text: str) -> str:
    try:
        return base64.b64decode(re.sub(r"[\r\n]", "", text), validate=True).decode("utf-8", "replace")
    except binascii.Error:
        raise ManifestError("yaml: !!binary value contains invalid base64 data") from None


def _syntax_error(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = (
        getattr(error, "problem", None)
        or getattr(error, "reason", None)
        or "unknown problem parsing YAML content"
    )
    if mark is None or not mark.line:
        return f"yaml: {problem}"
    return f"yaml: line {mark.line + isinstance(error, ScannerError)}: {problem}"
