"""Go structs: fields by name, embedded structs, and what stays out of the written form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fake_kfp.simulator.manifests.types.kinds import Decoding, Kind, sorted_items, to_json


@dataclass(frozen=True, slots=True)
class Member:
    """What a struct is made of: a field, or an embedded struct (without a JSON ``name``).

    ``number`` is the one of its protobuf field, 0 where those ascend anyway.
    """

    name: str
    go_name: str
    kind: Kind
    omit: bool
    number: int


@dataclass(frozen=True, slots=True)
class Field:
    """A field as JSON knows it, those of embedded structs included.

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

    def __init__(self, name: str, package: str, members: Callable[[], Iterable[Member]]) -> None:
        """``members`` gives the members in Go's order; it is called on first need."""
        super().__init__(name)
        self.short_name = name.rpartition(".")[2]
        self.package = package
        self._load = members

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """The struct as declared, in Go's order."""
        return tuple(self._load())

    @cached_property
    def message_members(self) -> tuple[Member, ...]:
        """The members in the order of their protobuf fields."""
        return tuple(sorted(self.members, key=lambda member: member.number))

    @cached_property
    def _by_name(self) -> dict[str, Field]:
        """Of two fields with one name the less deeply embedded counts."""
        best: dict[str, Field] = {}
        for field in self._flattened():
            if field.name not in best or len(field.path) < len(best[field.name].path):
                best[field.name] = field
        return best

    def _flattened(self) -> Iterator[Field]:
        for member in self.members:
            kind = member.kind
            if member.name:
                yield Field(member.name, kind, member.omit, (member.name,), kind)
                continue
            assert isinstance(kind, StructKind)
            for inner in kind.fields:
                yield Field(inner.name, inner.kind, inner.omit, (kind.short_name, *inner.path), kind)

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
            names = (field.name,) if at.exact_names else field.path
            path += names
            decoded = field.kind.decode(item, at)
            del path[-len(names) :]
            earlier = result.get(field.name)
            result[field.name] = {**earlier, **decoded} if isinstance(earlier, dict) else decoded
        at.struct = outer

    def encode(self, value: Any) -> Any:
        result: dict[str, Any] = {}
        places, fields = self._places, self.fields
        for place in sorted({places[name] for name in value if name in places} | self._always_written):
            field = fields[place]
            kind, item = field.kind, value.get(field.name)
            if item is None:
                if place in self._always_written:
                    result[field.name] = kind.written()
            elif not field.omit or not kind.is_empty(item):
                result[field.name] = kind.encode(item)
        return result

    @cached_property
    def _places(self) -> dict[str, int]:
        return {field.name: place for place, field in enumerate(self.fields)}

    @cached_property
    def _always_written(self) -> frozenset[int]:
        """The places of the fields that are written even where nothing was set: few, while structs have dozens of fields."""
        return frozenset(
            place
            for place, field in enumerate(self.fields)
            if not field.omit or not field.kind.is_empty(field.kind.zero)
        )

    def written(self) -> Any:
        return self.encode({})

    def is_empty(self, value: Any) -> bool:
        return False
