"""The plain shapes of Go types: strings, booleans, integers, lists, maps, pointers, and any JSON."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from fake_kfp.golang.floats import as_json_number, json_text, short_text
from fake_kfp.simulator.manifests.errors import ManifestError

_WORDS = {str: "string", bool: "bool", int: "number", float: "number", list: "array", dict: "object"}


class TypeMismatch(ManifestError):
    """``json.UnmarshalTypeError`` on its way out of a type's own UnmarshalJSON."""

    def __init__(self, word: str, type_name: str, struct: str = "", path: tuple[str, ...] = ()) -> None:
        field = f"Go struct field {struct}.{'.'.join(path)}" if struct or path else "Go value"
        super().__init__(f"json: cannot unmarshal {word} into {field} of type {type_name}")
        self.word, self.type_name, self.path = word, type_name, path


class Decoding:
    """One run of json.Unmarshal: where it stands, and the first mismatch it met, which it reports at the end."""

    def __init__(self, *, exact_names: bool = False) -> None:
        self.exact_names = exact_names
        """Whether it is sigs.k8s.io/json that reads: field names must match in case, and embedded structs have no place in paths."""
        self.struct = ""
        self.path: list[str] = []
        self.first_mismatch: TypeMismatch | None = None

    def mismatch(self, value: Any, type_name: str, *, word: str = "") -> None:
        """Notes that ``value`` does not fit ``type_name``."""
        if self.first_mismatch is None:
            self.first_mismatch = TypeMismatch(
                word or _WORDS[type(value)], type_name, self.struct, tuple(self.path)
            )

    def run(self, kind: Kind, value: Any) -> Any:
        """Decodes a whole text into ``kind``; raises ManifestError with json.Unmarshal's error."""
        result = kind.decode(value, self)
        if self.first_mismatch is not None:
            raise self.first_mismatch
        return result

    def nested(self, kind: Kind, value: Any) -> Any:
        """Decodes within a type's own UnmarshalJSON, that is with encoding/json.

        A mismatch ends everything, and names the struct around it; sigs.k8s.io/json forgets the path within.
        """
        try:
            return Decoding().run(kind, value)
        except TypeMismatch as error:
            path = tuple(self.path) if self.exact_names else (*self.path, *error.path)
            raise TypeMismatch(error.word, error.type_name, self.struct, path) from None


class Kind(ABC):
    """A Go type. ``name`` is how reflection prints it, ``zero`` what an absent value is when written out."""

    zero: ClassVar[Any] = None
    nullable: ClassVar[bool] = False
    """Whether a JSON null is stored (as nothing at all) rather than passed over."""

    def __init__(self, name: str) -> None:
        self.name = name

    def coerce(self, value: Any) -> Any:
        """``value`` of a YAML document as JSON for this type (sigs.k8s.io/yaml: convertToJSONableObject)."""
        return to_json(value)

    @abstractmethod
    def decode(self, value: Any, at: Decoding) -> Any:
        """A JSON value as this type's Go value (encoding/json); null gives the zero value."""

    def encode(self, value: Any) -> Any:
        """The Go value as JSON again."""
        return value

    def written(self) -> Any:
        """What Go writes for an unset value."""
        return self.zero

    def is_empty(self, value: Any) -> bool:
        """Whether ``omitempty`` leaves the value out."""
        return not value


class StringKind(Kind):
    """``string``, and types made of it; YAML's numbers and booleans become text on the way."""

    zero = ""

    def coerce(self, value: Any) -> Any:
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            return str(value)
        return short_text(value) if isinstance(value, float) else to_json(value)

    def decode(self, value: Any, at: Decoding) -> Any:
        if isinstance(value, str):
            return value
        if value is not None:
            at.mismatch(value, self.name)
        return ""


class BoolKind(Kind):
    """``bool``."""

    zero = False

    def decode(self, value: Any, at: Decoding) -> Any:
        if isinstance(value, bool):
            return value
        if value is not None:
            at.mismatch(value, self.name)
        return False


class IntKind(Kind):
    """``int32``, ``uint64`` and their like; ``bounds`` are inclusive."""

    zero = 0

    def __init__(self, name: str, bounds: tuple[int, int]) -> None:
        super().__init__(name)
        self.bounds = bounds

    def decode(self, value: Any, at: Decoding) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            if value is not None:
                at.mismatch(value, self.name)
            return 0
        low, high = self.bounds
        if isinstance(value, int) and low <= value <= high:
            return value
        at.mismatch(value, self.name, word=f"number {json_text(value)}")
        return 0


class ListKind(Kind):
    """A slice. The Go value None is a nil slice; an empty list is a slice without elements."""

    nullable = True

    def __init__(self, name: str, item: Kind) -> None:
        super().__init__(name)
        self.item = item

    def coerce(self, value: Any) -> Any:
        if isinstance(value, list):
            coerce = self.item.coerce
            return [coerce(item) for item in value]
        return to_json(value)

    def decode(self, value: Any, at: Decoding) -> Any:
        if isinstance(value, list):
            decode = self.item.decode
            return [decode(item, at) for item in value]
        if value is not None:
            at.mismatch(value, self.name)
        return None

    def encode(self, value: Any) -> Any:
        if value is None:
            return None
        encode = self.item.encode
        return [encode(item) for item in value]


class MapKind(Kind):
    """A map with string keys."""

    nullable = True

    def __init__(self, name: str, item: Kind) -> None:
        super().__init__(name)
        self.item = item

    def coerce(self, value: Any) -> Any:
        if isinstance(value, dict):
            coerce = self.item.coerce
            return {key: coerce(item) for key, item in sorted_items(value)}
        return to_json(value)

    def decode(self, value: Any, at: Decoding) -> Any:
        if isinstance(value, dict):
            decode = self.item.decode
            return {key: decode(item, at) for key, item in value.items()}
        if value is not None:
            at.mismatch(value, self.name)
        return None

    def encode(self, value: Any) -> Any:
        if value is None:
            return None
        encode = self.item.encode
        return {key: encode(value[key]) for key in sorted(value)}


class PointerKind(Kind):
    """A pointer: null is nil, and anything it points to is written out even where it is zero."""

    nullable = True

    def __init__(self, name: str, target: Kind) -> None:
        super().__init__(name)
        self.target = target
        # a pointer coerces as what it points to does: no call in between, since it happens at every value
        self.coerce = target.coerce  # type: ignore[method-assign]

    def decode(self, value: Any, at: Decoding) -> Any:
        return None if value is None else self.target.decode(value, at)

    def encode(self, value: Any) -> Any:
        return None if value is None else self.target.encode(value)

    def is_empty(self, value: Any) -> bool:
        return value is None


class AnyKind(Kind):
    """``interface{}``: whatever JSON there is."""

    nullable = True

    def decode(self, value: Any, at: Decoding) -> Any:
        return value

    def is_empty(self, value: Any) -> bool:
        return value is None


def to_json(value: Any) -> Any:
    """A YAML value that no type is known for, as JSON."""
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in sorted_items(value)}
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, float):
        if math.isnan(value) or math.isinf(value):
            raise ManifestError(f"json: unsupported value: {short_text(value)}")
        return as_json_number(value)
    return value


def sorted_items(value: dict[Any, Any]) -> list[tuple[str, Any]]:
    """The entries of a YAML mapping as those of a JSON object, in the order in which Go writes a map."""
    return sorted(
        [(key if type(key) is str else key_text(key), item) for key, item in value.items()], key=_first
    )


def _first(entry: tuple[str, Any]) -> str:
    return entry[0]


def key_text(key: Any) -> str:
    """A YAML key as a JSON one."""
    if isinstance(key, str):
        return key
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, int):
        return str(key)
    if isinstance(key, float):
        return {"+Inf": ".inf", "-Inf": "-.inf", "NaN": ".nan"}.get(text := short_text(key), text)
    raise ManifestError("unsupported map key of type: %!s(<nil>), key: <nil>")
