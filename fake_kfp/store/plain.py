"""Dataclasses as plain data, what JSON has, and back: by the types of their fields, whichever class it is.

What a type becomes is told by :data:`_OF_ORIGIN` and :func:`_make`. Fields that have their default are left out; long texts lie in a list
of their own, each once, and are called ``{"text": 3}``.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections import abc
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from fake_kfp.golang.times import in_utc

T = TypeVar("T")

LONG_TEXT = 200
"""From how many characters on a text lies in the list of texts."""

SHARED = "shared"
"""``Annotated[Pod, SHARED]``: one object that several places hold. It is written down at the first, with a number that the others name."""


class PlainError(ValueError):
    """Data that is not what it should be; ``place`` says where it lies (``world.runs[3].name``)."""

    def __init__(self, what: str, place: str = "") -> None:
        super().__init__(f"{place}: {what}" if place else what)
        self.what = what
        self.place = place

    def inside(self, outer: str) -> PlainError:
        """The same, as seen from further outside."""
        joint = "" if not self.place or self.place.startswith("[") else "."
        return PlainError(self.what, f"{outer}{joint}{self.place}")


class Writer:
    """Writes values down; ``texts`` are the long ones, in the order in which they were met."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._places: dict[str, int] = {}
        self._shared: dict[int, tuple[int, Any]] = {}

    def write(self, kind: Any, value: Any) -> Any:
        """A value of this type as plain data, which shares nothing with it."""
        return _codec(kind).write(self, value)

    def text(self, value: str) -> Any:
        """A text, or where it lies."""
        if len(value) < LONG_TEXT:
            return value
        place = self._places.setdefault(value, len(self.texts))
        if place == len(self.texts):
            self.texts.append(value)
        return {"text": place}

    def number_of(self, value: Any) -> tuple[int, bool]:
        """The number of a shared object, and whether it was met before."""
        known = self._shared.get(id(value))
        if known is not None:
            return known[0], True
        # the object is kept, so that no other gets its id meanwhile
        self._shared[id(value)] = (len(self._shared) + 1, value)
        return len(self._shared), False


class Reader:
    """Reads what a writer wrote, with its texts. Raises :class:`PlainError`."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts
        self.shared: dict[int, Any] = {}

    def read(self, kind: Any, data: Any) -> Any:
        """The value of this type that the data tells of."""
        return _codec(kind).read(self, data)

    def text(self, data: Any) -> str:
        """A text as it stands, or from where it lies."""
        if isinstance(data, str):
            return data
        place = data.get("text") if isinstance(data, dict) and len(data) == 1 else None
        if type(place) is not int or not 0 <= place < len(self.texts):
            raise PlainError(f"{_shown(data)} is no text, and names none")
        return self.texts[place]


class _Codec(NamedTuple):
    """How values of one type are written and read."""

    write: Callable[[Writer, Any], Any]
    read: Callable[[Reader, Any], Any]


@cache
def _codec(kind: Any) -> _Codec:
    """The codec of a type. Made once, when it is first asked for: most of what dataclasses are asked costs."""
    return _make(kind)


def _make(kind: Any) -> _Codec:
    origin = get_origin(kind)
    if origin in _OF_ORIGIN:
        return _OF_ORIGIN[origin](*get_args(kind))
    if kind in _OF_TYPE:
        return _OF_TYPE[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enum(kind)
    if isinstance(kind, type) and issubclass(kind, tuple):
        return _named_tuple(kind)
    if is_dataclass(kind):
        return _dataclass(kind)
    raise TypeError(f"nobody knows how to write down {kind!r}")


# ---------------------------------------------------------------- classes


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of a dataclass; ``usual`` is what it is where nothing is said."""

    name: str
    codec: _Codec
    needed: bool
    usual: Any


def _dataclass(kind: Any) -> _Codec:
    hints = get_type_hints(kind, include_extras=True)
    known = {
        each.name: _Field(
            each.name,
            _codec(hints[each.name]),
            each.default is MISSING and each.default_factory is MISSING,
            each.default_factory() if each.default_factory is not MISSING else each.default,
        )
        for each in fields(kind)
    }
    rows = [(each.name, each.codec.write, each.usual) for each in known.values()]

    def write(writer: Writer, value: Any) -> Any:
        plain = {}
        for name, write_field, usual in rows:
            part = getattr(value, name)
            if part is not usual and part != usual:
                plain[name] = write_field(writer, part)
        return plain

    def read(reader: Reader, data: Any) -> Any:
        parts = _read_fields(known, reader, _object(data))
        try:
            return kind(**parts)
        except ValueError as error:
            raise PlainError(str(error)) from None

    return _Codec(write, read)


def _read_fields(known: Mapping[str, _Field], reader: Reader, data: dict[str, Any]) -> dict[str, Any]:
    parts = {}
    for name, value in data.items():
        field = known.get(name)
        if field is None:
            raise PlainError(f"unknown key {name!r}; there are: {', '.join(known)}")
        try:
            parts[name] = field.codec.read(reader, value)
        except PlainError as error:
            raise error.inside(name) from None
    for field in known.values():
        if field.needed and field.name not in parts:
            raise PlainError(f"{field.name!r} is missing")
    return parts


def _named_tuple(kind: Any) -> _Codec:
    hints = get_type_hints(kind, include_extras=True)
    pair = _fixed(*[hints[name] for name in kind._fields])
    return _Codec(pair.write, lambda reader, data: kind(*pair.read(reader, data)))


def _shared(kind: Any) -> _Codec:
    """An object that keeps its identity: the first time with its number, from then on as the number alone."""
    codec = _codec(kind)

    def write(writer: Writer, value: Any) -> Any:
        number, known = writer.number_of(value)
        return {"#": number} if known else {"#": number, **codec.write(writer, value)}

    def read(reader: Reader, data: Any) -> Any:
        rest = dict(_object(data))
        number = rest.pop("#", None)
        if type(number) is not int:
            raise PlainError("'#' is missing, the number of what several places hold")
        if number in reader.shared and not rest:
            return reader.shared[number]
        reader.shared[number] = codec.read(reader, rest)
        return reader.shared[number]

    return _Codec(write, read)


# ---------------------------------------------------------------- what holds several


def _list(item: Any, make: Callable[[Any], Any] = list) -> _Codec:
    write_item, read_item = _codec(item)

    def write(writer: Writer, value: Any) -> Any:
        return [write_item(writer, each) for each in value]

    def read(reader: Reader, data: Any) -> Any:
        if not isinstance(data, list):
            raise PlainError(f"a list is meant, not {_shown(data)}")
        items: list[Any] = []
        try:
            for each in data:
                items.append(read_item(reader, each))
        except PlainError as error:
            raise error.inside(f"[{len(items)}]") from None
        return make(items)

    return _Codec(write, read)


def _tuple(*items: Any) -> _Codec:
    return _list(items[0], tuple) if items[1:] == (...,) else _fixed(*items)


def _fixed(*items: Any) -> _Codec:
    """So many values, each of its own type."""
    codecs = [_codec(item) for item in items]

    def write(writer: Writer, value: Any) -> Any:
        return [codec.write(writer, each) for codec, each in zip(codecs, value, strict=True)]

    def read(reader: Reader, data: Any) -> Any:
        if not isinstance(data, list) or len(data) != len(codecs):
            raise PlainError(f"a list of {len(codecs)} is meant, not {_shown(data)}")
        parts = []
        for place, (codec, each) in enumerate(zip(codecs, data, strict=True)):
            try:
                parts.append(codec.read(reader, each))
            except PlainError as error:
                raise error.inside(f"[{place}]") from None
        return tuple(parts)

    return _Codec(write, read)


def _set(item: Any, make: Callable[[Any], Any] = set) -> _Codec:
    ordered = _list(item, make)
    return _Codec(lambda writer, value: ordered.write(writer, sorted(value)), ordered.read)


def _mapping(key: Any, item: Any) -> _Codec:
    """An object where the keys are texts, else a list of pairs. Of a value that may be anything: JSON, as it is."""
    if key is not str:
        pairs = _list(tuple[key, item], dict)
        return _Codec(lambda writer, value: pairs.write(writer, value.items()), pairs.read)
    write_item, read_item = _codec(item)

    def write(writer: Writer, value: Any) -> Any:
        return {name: write_item(writer, each) for name, each in value.items()}

    def read(reader: Reader, data: Any) -> Any:
        parts = {}
        for name, each in _object(data).items():
            try:
                parts[name] = read_item(reader, each)
            except PlainError as error:
                raise error.inside(f"[{name!r}]") from None
        return parts

    return _Codec(write, read)


# ---------------------------------------------------------------- what may be one or another


def _union(*kinds: Any) -> _Codec:
    rest = [kind for kind in kinds if kind is not NoneType]
    if len(rest) != 1 or len(rest) == len(kinds):
        raise TypeError(f"nobody knows how to tell {kinds!r} apart")
    codec = _codec(rest[0])
    return _Codec(
        lambda writer, value: None if value is None else codec.write(writer, value),
        lambda reader, data: None if data is None else codec.read(reader, data),
    )


def _literal(*values: Any) -> _Codec:
    """Words. Which of them there are is for type checkers: phases of manifests from outside are whatever these say."""
    return _codec(str)


def _enum(kind: Any) -> _Codec:
    by_value = {each.value: each for each in kind}

    def read(reader: Reader, data: Any) -> Any:
        if not isinstance(data, str) or data not in by_value:
            raise PlainError(f"one of {', '.join(by_value)} is meant, not {_shown(data)}")
        return by_value[data]

    return _Codec(lambda writer, value: value.value, read)


# ---------------------------------------------------------------- single values


def _plainly(kind: type, what: str) -> _Codec:
    def read(reader: Reader, data: Any) -> Any:
        if type(data) is not kind:
            raise PlainError(f"{what} is meant, not {_shown(data)}")
        return data

    return _Codec(lambda writer, value: value, read)


def _write_float(writer: Writer, value: float) -> Any:
    if math.isfinite(value):
        return float(value)
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _read_float(reader: Reader, data: Any) -> float:
    if isinstance(data, str) and data in ("NaN", "Infinity", "-Infinity"):
        return float(data)
    if isinstance(data, bool) or not isinstance(data, (int, float)):
        raise PlainError(f"a number is meant, not {_shown(data)}")
    try:
        return float(data)
    except OverflowError:
        raise PlainError("a number is meant that a float64 holds") from None


def _write_bytes(writer: Writer, value: bytes) -> Any:
    try:
        return writer.text(value.decode())
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


def _read_bytes(reader: Reader, data: Any) -> bytes:
    if not isinstance(data, dict) or "base64" not in data:
        try:
            return reader.text(data).encode()
        except UnicodeEncodeError:
            raise PlainError("a text with half a surrogate pair can't be bytes") from None
    try:
        return base64.b64decode(data["base64"], validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise PlainError("base64 is a text in that encoding") from None


def _read_time(reader: Reader, data: Any) -> datetime:
    try:
        return in_utc(data)
    except (AttributeError, ValueError, OverflowError):
        raise PlainError(f"a time such as 2024-01-01T00:00:00Z is meant, not {_shown(data)}") from None


def _copied(value: Any) -> Any:
    """JSON that shares nothing with the value."""
    if isinstance(value, dict):
        return {name: _copied(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_copied(each) for each in value]
    return value


def _object(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise PlainError(f"an object is meant, not {_shown(data)}")
    return data


def _shown(data: Any) -> str:
    text = repr(data)
    return text if len(text) <= 80 else f"{text[:80]}..."


_JSON = _Codec(lambda writer, value: _copied(value), lambda reader, data: _copied(data))

_OF_TYPE: dict[Any, _Codec] = {
    Any: _JSON,
    object: _JSON,
    str: _Codec(lambda writer, value: writer.text(value), lambda reader, data: reader.text(data)),
    bool: _plainly(bool, "true or false"),
    int: _plainly(int, "a whole number"),
    float: _Codec(_write_float, _read_float),
    bytes: _Codec(_write_bytes, _read_bytes),
    datetime: _Codec(lambda writer, value: value.isoformat(), _read_time),
    None: _plainly(NoneType, "null"),
    NoneType: _plainly(NoneType, "null"),
}

_OF_ORIGIN: dict[Any, Callable[..., _Codec]] = {
    list: _list,
    abc.Sequence: _list,
    tuple: _tuple,
    set: _set,
    frozenset: lambda item: _set(item, frozenset),
    dict: _mapping,
    abc.Mapping: _mapping,
    Union: _union,
    UnionType: _union,
    Literal: _literal,
    Annotated: lambda kind, *notes: _shared(kind) if SHARED in notes else _codec(kind),
}
