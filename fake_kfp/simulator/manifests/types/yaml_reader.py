"""The structure of a YAML document, from the parser's events: mappings, sequences, anchors, merges (goyaml.v2 ``decode.go``)."""

from __future__ import annotations

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
)
from yaml.scanner import ScannerError

from fake_kfp.simulator.manifests.errors import ManifestError
from fake_kfp.simulator.manifests.types.limits import MAX_DEPTH, TOO_DEEP
from fake_kfp.simulator.manifests.types.yaml_scalars import resolve

_Loader: Any = getattr(yaml, "CLoader", yaml.Loader)
_MERGE_TAG = "tag:yaml.org,2002:merge"
_TOO_DEEP_FOR_LIBYAML = "exceeded maximum nesting depth"
"""What newer scanners say of a thousand open brackets, before they give out the first."""


class YamlReader:
    """Turns the parser's events into a value, and counts the work as go-yaml does: aliases cannot multiply it.

    What scalars, keys and merges mean is version 2's; :meth:`scalar`, :meth:`key` and :meth:`merge` are there to be overridden.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._depth = 0
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._open_anchors: set[str] = set()
        self._count = 0
        self._alias_count = 0

    def document(self) -> Any:
        """The value of the first document; None if there is none. Raises ManifestError."""
        return next(self.documents(), None)

    def documents(self) -> Iterator[Any]:
        """The values of the documents, one after the other. Raises ManifestError."""
        self._events = self._parse()
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                self._anchors.clear()
                yield self._value(next(self._events))

    def scalar(self, tag: str | None, text: str, *, plain: bool) -> Any:
        """What a scalar means; ``plain`` if it stands without quotes. Raises ManifestError."""
        return resolve(tag, text, plain=plain)

    def key(self, key: Any) -> Any:
        """What an entry is kept by: ``1`` and ``true`` are one key to Python, two to Go, and both are texts in the end."""
        return str(key).lower() if isinstance(key, bool) else key

    def merge(self, above: dict[Any, Any], sources: list[dict[Any, Any]]) -> None:
        """``<<``: what stands ``above`` it is overwritten, what stands below wins (decode.go: merge)."""
        for source in reversed(sources):
            above.update(source)

    def _parse(self) -> Iterator[Event]:
        try:
            loader = _Loader(self._text)
            try:
                while loader.check_event():
                    yield loader.get_event()
            finally:
                loader.dispose()
        except yaml.YAMLError as error:
            raise ManifestError(_syntax_error(error)) from None
        except UnicodeError:
            raise ManifestError("yaml: invalid Unicode character") from None

    def _value(self, event: Any) -> Any:
        if isinstance(event, AliasEvent):
            return self._alias(event.anchor or "")
        before = self._count
        self._count += 1
        anchor = event.anchor
        value = (
            self.scalar(event.tag, event.value, plain=event.implicit[0])
            if isinstance(event, ScalarEvent)
            else self._collection(event)
        )
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
            raise ManifestError(TOO_DEEP)
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
                self.merge(result, _sources(value))
            elif isinstance(key, (dict, list)):
                raise ManifestError("yaml: invalid map key")
            else:
                result[self.key(key)] = value
        return result


def _is_merge(event: ScalarEvent) -> bool:
    return event.value == "<<" and (event.implicit[0] or event.tag == _MERGE_TAG)


def _sources(value: Any) -> list[dict[Any, Any]]:
    sources = value if isinstance(value, list) else [value]
    if not all(isinstance(source, dict) for source in sources):
        raise ManifestError("yaml: map merge requires map or sequence of maps as the value")
    return sources


def _syntax_error(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = (
        getattr(error, "problem", None)
        or getattr(error, "reason", None)
        or "unknown problem parsing YAML content"
    )
    if problem == _TOO_DEEP_FOR_LIBYAML:
        return TOO_DEEP
    if mark is None or not mark.line:
        return f"yaml: {problem}"
    return f"yaml: line {mark.line + isinstance(error, ScannerError)}: {problem}"
