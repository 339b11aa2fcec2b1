"""Which documents are pipeline specs: the fields of ``ml_pipelines.PipelineSpec`` and what protobuf's JSON takes for each.

The real server takes a document for a pipeline spec if ``protojson`` reads it without complaint, and stores it as ``protojson`` writes it:
JSON names, without what says nothing. :func:`read_message` does both on plain data.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from fake_kfp.golang.floats import as_json_number
from fake_kfp.golang.json_text import Json

EDITIONS = ("2.14", "2.15", "2.16", "2.17")
"""Releases whose fields differ from those of the one before, the oldest first."""
NEWEST = EDITIONS[-1]

PIPELINE_SPEC = "PipelineSpec"
COMPONENT = "ComponentSpec"
INPUT_PARAMETER = "TaskInputsSpec.InputParameterSpec"
INPUT_ARTIFACT = "TaskInputsSpec.InputArtifactSpec"
DEPLOYMENT_CONFIG = "PipelineDeploymentConfig"
PLATFORM_SPEC = "PlatformSpec"
KUBERNETES_CONFIG = "KubernetesExecutorConfig"

_ONEOFS = {
    "ComponentSpec": "implementation",
    "PipelineTaskSpec": "iterator",
    "PipelineDeploymentConfig.ExecutorSpec": "spec",
    "Value": "value",
    "ValueOrRuntimeParameter": "value",
    "PvcMount": "pvc_reference",
}
"""What the oneofs are called whose members the table marks; all others are a `kind`."""
_PACKAGE_OF_KUBERNETES = frozenset({"PvcMount"})

_DURATION = re.compile(r"([-+]?)(?=[\d.])(0|[1-9]\d*)?(?:\.(\d{0,9}))?s\Z", re.ASCII)

_LONGEST_DURATION = 315_576_000_000
_EXACT_INTEGERS = 1 << 53
_DIGITS = re.compile(r"-?\d+\Z", re.ASCII)
_MOST_DIGITS = 20
"""What no integer of 64 bits has more of; Python does not read thousands."""
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?\Z", re.ASCII)


class NotOfType(Exception):
    """A value that ``protojson`` would refuse, or a name.

    ``problem`` is what it says, with ``{field}`` for the field's name and ``{token}`` for how the value begins; where it is empty, the
    value is none of its kind at all. ``path`` leads to the value, or to the name if ``is_name``.
    """

    def __init__(self, problem: str = "", path: tuple[str | int, ...] = (), field: str = "") -> None:
        super().__init__(problem, path)
        self.problem = problem
        self.path = path
        self.field = field

    @property
    def is_name(self) -> bool:
        return "{token}" not in self.problem and bool(self.problem)

    def below(self, step: str | int, field: str = "") -> NotOfType:
        """The same fault seen from what holds the value under this name or index."""
        return NotOfType(self.problem, (step, *self.path), self.field or field)


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    type: str
    in_oneof: bool
    is_optional: bool
    proto_name: str


def read_message(message: str, value: Any, strict: bool = True, edition: str = NEWEST) -> Json:
    """A value as the message of that name, in its canonical JSON. Raises :class:`NotOfType`.

    Fields that the message does not have, in that release, are an error, or where not ``strict`` left out.
    """
    if not isinstance(value, dict):
        raise NotOfType
    fields, read, members, seen = _fields(message, edition), {}, 0, set()
    for name, content in value.items():
        field = fields.get(name)
        if field is None and not strict:
            continue
        if field is None or field.name in seen:
            raise NotOfType(f'{"unknown" if field is None else "duplicate"} field "{name}"', (name,))
        seen.add(field.name)
        if content is None and field.type != "value":
            continue
        members += field.in_oneof
        if members > 1:
            raise NotOfType(f'error parsing "{name}", oneof {_oneof(message)} is already set', (name,))
        try:
            read[field.name] = _read(field.type, content, strict, edition)
        except NotOfType as fault:
            raise fault.below(name, field.name) from None
    return {
        name: content for name, content in read.items() if _says_something(fields[name], content, edition)
    }


def _oneof(message: str) -> str:
    package = "kfp_kubernetes" if message in _PACKAGE_OF_KUBERNETES else "ml_pipelines"
    return f"{package}.{message}.{_ONEOFS.get(message, 'kind')}"


def fields_of(message: str) -> list[tuple[str, str, str]]:
    """The fields of a message as they are declared: their JSON names, their names in the ``.proto`` file, and their types."""
    return [(field.name, field.proto_name, field.type) for field in _tables(NEWEST)[message]]


def is_message(kind: str) -> bool:
    """Whether a type is one of the messages here."""
    return kind in _tables(NEWEST)


@cache
def _fields(message: str, edition: str) -> Mapping[str, _Field]:
    """The fields of a message by both of their names."""
    return {name: field for field in _tables(edition)[message] for name in (field.name, field.proto_name)}


@cache
def _tables(edition: str) -> Mapping[str, list[_Field]]:
    """The messages of ``ir_fields.txt``: a message's name, then a line for each field with its JSON name and its type.

    In types ``[]`` makes a list and ``{}`` a map from strings; ``~`` marks the members of a oneof, of which no message has two, and ``?``
    fields that are written whenever they were set. The name in the ``.proto`` file follows where it is not the JSON name in snake case.
    Enums stand in lines of their own. ``scripts/ir_fields.py`` made the table. ``ir_fields_later.txt`` says what came with later
    releases, and with a minus what went.
    """
    tables: dict[str, list[_Field]] = {}
    fields: list[_Field] = []
    for line in _lines():
        if line.startswith(" "):
            fields.append(_field(*line.split()))
        elif " = " not in line:
            tables[line] = fields = []
    for message, change in _changes(edition):
        if change.startswith("= "):
            continue
        fields = tables.setdefault(message, [])
        if change.startswith("-"):
            fields[:] = [field for field in fields if field.name != change[1:]]
        else:
            fields.append(_field(*change.split()))
    return tables


def _field(name: str, kind: str, proto_name: str = "") -> _Field:
    snake_case = re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
    return _Field(
        name, kind.lstrip("~?"), kind.startswith("~"), kind.startswith("?"), proto_name or snake_case
    )


@cache
def _enums(edition: str) -> Mapping[str, tuple[str, ...]]:
    """The enums of ``ir_fields.txt`` with their values, counted from 0."""
    pairs = (line.split(" = ") for line in _lines() if " = " in line)
    enums = {name: tuple(values.split()) for name, values in pairs}
    later = {name: tuple(change.split()[1:]) for name, change in _changes(edition) if change.startswith("= ")}
    return enums | later


def _changes(edition: str) -> Iterator[tuple[str, str]]:
    """What came and went up to a release: the message or enum, and the change."""
    for line in _lines("ir_fields_later.txt"):
        since, name, change = line.split(" ", 2)
        if EDITIONS.index(since) <= EDITIONS.index(edition):
            yield name, change


def _lines(file: str = "ir_fields.txt") -> list[str]:
    return resources.files(__package__).joinpath(file).read_text(encoding="utf-8").splitlines()


def _says_something(field: _Field, content: Any, edition: str) -> bool:
    """Whether a field is written: not where it holds a default, unless that tells which member of a oneof is set."""
    if (
        field.in_oneof
        or field.is_optional
        or field.type in _tables(edition)
        or field.type in ("struct", "value", "duration")
    ):
        return True
    return bool(content) and content != _enums(edition).get(field.type, ("",))[0]


def _read(kind: str, value: Any, strict: bool, edition: str) -> Any:
    if kind.startswith(("[]", "{}")):
        return _read_all(kind, value, strict, edition)
    if kind in _enums(edition):
        return _enum(_enums(edition)[kind], value)
    if kind in _tables(edition):
        return read_message(kind, value, strict, edition)
    return _SCALARS[kind](value)


def _read_all(kind: str, value: Any, strict: bool, edition: str) -> Any:
    """A list, or a map from strings."""
    if not isinstance(value, list if kind.startswith("[]") else dict):
        raise NotOfType
    read: Any = [] if isinstance(value, list) else {}
    for step, item in enumerate(value) if isinstance(value, list) else value.items():
        try:
            content = _read(kind[2:], item, strict, edition)
        except NotOfType as fault:
            raise fault.below(step, "" if isinstance(value, list) else "value") from None
        if isinstance(value, list):
            read.append(content)
        else:
            read[_text(step)] = content
    return read


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _invalid("string")
    return value


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _invalid("bool")
    return value


def _invalid(kind: str) -> NotOfType:
    return NotOfType(f"invalid value for {kind} field {{field}}: {{token}}")


def _enum(names: tuple[str, ...], value: Any) -> Any:
    if isinstance(value, str) and value in names:
        return value
    number = _integer(32)(value) if not isinstance(value, str) else None
    if number is None:
        raise _invalid("enum")
    return names[number] if 0 <= number < len(names) else number


def _number(value: Any) -> float:
    if isinstance(value, str) and value in ("NaN", "Infinity", "-Infinity"):
        return float(value)
    if isinstance(value, str) and _NUMBER.match(value):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _invalid("double")
    return float(value)


def _double(value: Any) -> int | float | str:
    """A double as it is written: without a fraction of zero, and what is no number as a word."""
    number = _number(value)
    if math.isfinite(number):
        return as_json_number(number)
    return "NaN" if math.isnan(number) else f"{'-' if number < 0 else ''}Infinity"


def _integer(bits: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        """Exact, and so not by way of a float where it need not be."""
        if isinstance(value, str) and _DIGITS.match(value):
            if len(value) > _MOST_DIGITS:
                raise _invalid(f"int{bits}")
            value = int(value)
        try:
            number = value if isinstance(value, int) and not isinstance(value, bool) else _number(value)
        except NotOfType:
            raise _invalid(f"int{bits}") from None
        if number != number // 1 or not -(1 << (bits - 1)) <= number < 1 << (bits - 1):
            raise _invalid(f"int{bits}")
        return int(number)

    return read


def _duration(value: Any) -> str:
    """``well_known_types.go: parseDuration``, and how it is written: as many decimals as are needed, by the three."""
    if not isinstance(value, str):
        raise NotOfType
    match = _DURATION.match(value)
    if match is None or len(match[2] or "") > _MOST_DIGITS or int(match[2] or 0) > _LONGEST_DURATION:
        raise NotOfType("invalid google.protobuf.Duration value {token}")
    decimals = (match[3] or "").ljust(9, "0")
    while decimals.endswith("000"):
        decimals = decimals[:-3]
    sign = "-" if match[1] == "-" and (decimals or int(match[2] or 0)) else ""
    return f"{sign}{match[2] or 0}{decimals and '.' + decimals}s"


def read_value(value: Any) -> Any:
    """JSON as a ``google.protobuf.Value``. Raises :class:`NotOfType` for what is none."""
    if isinstance(value, dict):
        return {_text(key): read_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [read_value(item) for item in value]
    return value if value is None or isinstance(value, str | bool) else _json_number(value)


def _struct(value: Any) -> Json:
    if not isinstance(value, dict):
        raise NotOfType
    struct: Json = read_value(value)
    return struct


def _json_number(value: Any) -> int | float:
    """A number of a ``google.protobuf.Value``, where all numbers are floats."""
    if not isinstance(value, int | float) or (isinstance(value, float) and not math.isfinite(value)):
        raise NotOfType
    if isinstance(value, int) and -_EXACT_INTEGERS <= value <= _EXACT_INTEGERS:
        return value
    try:
        return as_json_number(float(value))
    except OverflowError:
        raise NotOfType from None


_SCALARS: Mapping[str, Callable[[Any], Any]] = {
    "string": _text,
    "bool": _bool,
    "int32": _integer(32),
    "int64": lambda value: str(_integer(64)(value)),
    "double": _double,
    "duration": _duration,
    "struct": _struct,
    "value": read_value,
}
