"""Go structs: fields by name, embedded structs, and what stays out of the written form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .kinds import Decoding, Kind, sorted_items, to_json


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a struct.

    ``omit`` is its ``omitempty``. ``path`` is what an error names on the way to it: the embedded structs it
    comes from, then itself. ``preparer`` is the type that sigs.k8s.io/yaml takes the field for: that of the
    outermost embedded struct.
    """

    name: str
    kind: Kind
    omit: bool
    path: tuple[str, ...]
    preparer: Kind


class StructKind(Kind):
    """A struct. Its Go value is a dict by JSON name that holds what was set, in the order of the text."""

    def __init__(self, name: str, fields: Callable[[], Iterable[Field]]) -> None:
        """``fields`` gives the fields in order, those of embedded structs in place; called on first need."""
        super().__init__(name)
        self.short_name = name.rpartition(".")[2]
        self._load = fields

    @cached_property
    def _by_name(self) -> dict[str, Field]:
        """Of two fields with one name the less deeply embedded counts."""
        best: dict[str, Field] = {}
        for field in self._load():
            if field.name not in best or len(field.path) < len(best[field.name].path):
                best[field.name] = field
        return best

    @cached_property
    def _by_folded_name(self) -> dict[str, Field]:
        return {field.name.casefold(): field for field in reversed(self.fields)}

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Every field, in the order in which Go writes them."""
        return tuple(self._by_name.values())

    def field(self, key: str, *, exact: bool = False) -> Field | None:
        """The field a JSON key means: that of the very name, or one that differs in case only."""
        found = self._by_name.get(key)
        return found if found is not None or exact else self._by_folded_name.get(key.casefold())

    def coerce(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return to_json(value)
        result = {}
        for key, item in sorted_items(value):
            field = self.field(key)
            result[key] = to_json(item) if field is None else field.preparer.coerce(item)
        return result

    def decode(self, value: Any, at: Decoding) -> Any:
        result: dict[str, Any] = {}
        if isinstance(value, dict):
            self._decode_fields(value, at, result)
        elif value is not None:
            at.mismatch(value, self.name)
        return result

    def _decode_fields(self, value: dict[str, Any], at: Decoding, result: dict[str, Any]) -> None:
        outer, path = at.struct, at.path
        for key, item in value.items():
            field = self.field(key, exact=at.exact_names)
            if field is None:
                continue
            if item is None:
                result.pop(field.name, None)
                continue
            at.struct = self.short_name
            path += field.path
            decoded = field.kind.decode(item, at)
            del path[-len(field.path) :]
            earlier = result.get(field.name)
            result[field.name] = {**earlier, **decoded} if isinstance(earlier, dict) else decoded
        at.struct = outer

    def encode(self, value: Any) -> Any:
        result: dict[str, Any] = {}
        for field in self.fields:
            kind, item = field.kind, value.get(field.name)
            if item is None:
                if not field.omit or not kind.is_empty(kind.zero):
                    result[field.name] = kind.written()
            elif not field.omit or not kind.is_empty(item):
                result[field.name] = kind.encode(item)
        return result

    def written(self) -> Any:
        return self.encode({})

    def is_empty(self, value: Any) -> bool:
        return False
