"""Kinds of values that a test author may give: what they are called, how OpenAPI describes them, and which values are of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from math import inf
from sys import float_info
from typing import Any

from fake_kfp.golang.json_text import Json

_MOST = float_info.max


@dataclass(frozen=True, slots=True)
class Kind:
    """``what`` ends the sentence "seconds is ..."; ``schema`` is OpenAPI's."""

    what: str
    schema: Json
    fits: Callable[[Any], bool]

    def read(self, text: str) -> Any:
        """What a query parameter means: a text where that may be, else JSON."""
        if self.fits(text):
            return text
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text

    @property
    def or_null(self) -> Kind:
        """The same, or JSON's null."""
        return Kind(
            self.what, {**self.schema, "nullable": True}, lambda value: value is None or self.fits(value)
        )

    @property
    def unchecked(self) -> Kind:
        """The same, described alone: whoever reads the value refuses what is not of it."""
        return Kind(self.what, self.schema, lambda value: True)


def is_number(value: Any, least: float = -inf, most: float = inf) -> bool:
    """Whether it is a number within these bounds; true is none, though an int to Python, nor is NaN."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and least <= value <= most


def whole(least: int | None = None) -> Kind:
    """Whole numbers."""
    bound = -inf if least is None else least
    return Kind(
        "a whole number" if least is None else f"a number, {least} or more",
        {"type": "integer"} if least is None else {"type": "integer", "minimum": least},
        lambda value: isinstance(value, int) and is_number(value, bound),
    )


def one_of(names: Iterable[str]) -> Kind:
    """One of some texts."""
    known = tuple(names)
    return Kind(
        f"one of {', '.join(known)}",
        {"type": "string", "enum": list(known)},
        lambda value: isinstance(value, str) and value in known,
    )


def list_of(kind: Kind, what: str) -> Kind:
    """A list of values of a kind."""
    return Kind(
        what,
        {"type": "array", "items": kind.schema},
        lambda value: isinstance(value, list) and all(map(kind.fits, value)),
    )


def object_of(kind: Kind, what: str) -> Kind:
    """An object whose values are of a kind."""
    return Kind(
        what,
        {"type": "object", "additionalProperties": kind.schema},
        lambda value: isinstance(value, Mapping) and all(map(kind.fits, value.values())),
    )


def object_with(fields: Mapping[str, Kind], *required: str) -> Kind:
    """An object of known keys, each with its kind."""
    schema: Json = {
        "type": "object",
        "properties": {name: kind.schema for name, kind in fields.items()},
        "additionalProperties": False,
    }

    def fits(value: Any) -> bool:
        return (
            isinstance(value, Mapping)
            and value.keys() <= fields.keys()
            and value.keys() >= set(required)
            and all(fields[name].fits(each) for name, each in value.items())
        )

    what = ", ".join(f"{name} ({kind.what})" for name, kind in fields.items())
    return Kind(f"an object of {what}", {**schema, "required": list(required)} if required else schema, fits)


def either(*kinds: Kind) -> Kind:
    """A value of one of some kinds."""
    return Kind(
        ", or ".join(kind.what for kind in kinds),
        {"anyOf": [kind.schema for kind in kinds]},
        lambda value: any(kind.fits(value) for kind in kinds),
    )


def check(values: Mapping[str, Any], known: Mapping[str, Kind], *required: str) -> None:
    """Raises ValueError for a key that is not known, with those that are, for a value of another kind, and for one that is missing."""
    for name in sorted(set(values) - set(known)):
        there = f"there are: {', '.join(known)}" if known else "this call takes none"
        raise ValueError(f"unknown key {name!r}; {there}")
    for name, value in values.items():
        if not known[name].fits(value):
            raise ValueError(f"{name} is {known[name].what}, not {value!r}")
    for name in required:
        if name not in values:
            raise ValueError(f"{name} is missing; it is {known[name].what}")


def fields_said(values: Any) -> dict[str, Any]:
    """The fields of a dataclass that are other than they are when nobody speaks of them."""
    said = {}
    for field in fields(values):
        value = getattr(values, field.name)
        usual = field.default_factory() if field.default_factory is not MISSING else field.default
        if value != usual:
            said[field.name] = value
    return said


TEXT = Kind("a text", {"type": "string"}, lambda value: isinstance(value, str))
TRUTH = Kind("true or false", {"type": "boolean"}, lambda value: isinstance(value, bool))
TRUE = Kind("true", {"type": "boolean", "enum": [True]}, lambda value: value is True)
NUMBER = Kind("a number", {"type": "number"}, lambda value: is_number(value, -_MOST, _MOST))
NOT_NEGATIVE = Kind(
    "a number, 0 or more", {"type": "number", "minimum": 0}, lambda value: is_number(value, 0, _MOST)
)
TIME = Kind("a time such as 2024-01-01T00:00:00Z", {"type": "string", "format": "date-time"}, TEXT.fits)
ANYTHING = Kind("any JSON", {}, lambda value: True)
OBJECT = object_of(ANYTHING, "an object")
TEXTS = object_of(TEXT, "an object of texts")
