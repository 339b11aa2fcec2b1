"""Worlds that people write by hand: planted, and how they are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fake_kfp.control.builders.builders import BUILDERS
from fake_kfp.control.endpoints import faults, tasks
from fake_kfp.control.endpoints.call import Asked, ControlCall, Field, Host, refusing
from fake_kfp.control.endpoints.contents import builder_fields
from fake_kfp.control.endpoints.worlds import OPTIONS, check_outside
from fake_kfp.control.faults.fault import HAPPENINGS
from fake_kfp.control.kinds import ANYTHING, OBJECT, TEXT, TIME, TRUTH
from fake_kfp.control.snapshots.document import SnapshotError
from fake_kfp.control.snapshots.seeds import VERSION, WITH_FILES, seed_options
from fake_kfp.control.statements import DEEDS, ENDINGS
from fake_kfp.golang.json_text import Json


def _plant(host: Host, asked: Asked) -> Json:
    with refusing(SnapshotError):
        check_outside(host, seed_options(asked.fields, host.options))
        host.plant(asked.fields)
    return {}


def _schema(host: Host, asked: Asked) -> Json:
    return seed_schema()


def seed_schema() -> Json:
    """How a seed file is written, as JSON Schema, for editors: made of the tables that seeds are read by."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A seed of fake_kfp: a world that is written by hand",
        **_object_of((name, {**_plain(schema), "description": meaning}) for name, schema, meaning in _SEED),
    }


def _object_of(properties: Iterable[tuple[str, Json]], required: Iterable[str] = ()) -> Json:
    schema: Json = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return {**schema, "required": list(required)} if required else schema


def _entry(fields: Sequence[Field], **rules: Any) -> Json:
    properties = ((each.name, _described(each)) for each in fields)
    return {**_object_of(properties, [each.name for each in fields if each.required]), **rules}


def _described(field: Field) -> Json:
    return {**field.kind.schema, "description": field.meaning} if field.meaning else field.kind.schema


def _built(kind: str) -> Json:
    """An entry of things to place; null counts as not said, but for the name."""
    name, *others = builder_fields(BUILDERS[kind])
    fields = [name, *(Field(each.name, each.kind.or_null, each.meaning) for each in others)]
    if kind not in WITH_FILES:
        return _entry(fields)
    file = Field("file", TEXT, "where the manifest lies, beside the seed or below")
    return _entry([*fields, file], **{"not": {"required": ["manifest", "file"]}})


def _one_of(names: Iterable[str]) -> list[Json]:
    """Just one of these is said: neither null nor false."""
    said = {"not": {"enum": [None, False]}}
    return [{"required": [name], "properties": {name: said}} for name in names]


def _list(entry: Json) -> Json:
    return {"type": "array", "items": entry, "nullable": True}


_ENDS = [{"required": [name]} for name in ENDINGS]
_SCRIPT = _entry(
    tasks.SCRIPT_FIELDS,
    anyOf=[{"required": [name]} for name in (*ENDINGS, *DEEDS)],
    oneOf=[*_ENDS, {"not": {"anyOf": _ENDS}}],
    dependencies={"times": {"anyOf": _ENDS}},
)
_FAULT = _entry(faults.FIELDS, oneOf=_one_of(HAPPENINGS))
_OBJECTS = {
    "type": "object",
    "additionalProperties": {
        "anyOf": [TEXT.schema, *(_object_of([(each, TEXT.schema)], [each]) for each in ("file", "base64"))]
    },
}


_ABOUT = _object_of([("seed", {"type": "integer", "minimum": 1, "maximum": VERSION})], ["seed"])
_SEED: tuple[tuple[str, Json, str], ...] = (
    ("fake_kfp", _ABOUT, "the version of the format"),
    ("now", TIME.schema, "when the clock starts"),
    ("options", _entry(OPTIONS), "those of a reset"),
    *((kind, _list(_built(kind)), "a list of the fields of their builder") for kind in BUILDERS),
    ("scripts", _list(_SCRIPT), "a list of those of `POST /tasks`"),
    ("faults", _list(_FAULT), "a list of those of `POST /faults`"),
    ("objects", _OBJECTS, "texts, or bytes in Base64, by key"),
)

_NESTED = ("items", "additionalProperties", "not")
_LISTS = ("anyOf", "oneOf")


def _plain(schema: Json) -> Json:
    """What OpenAPI says as JSON Schema says it; without formats, since dates are times here, too."""
    made = {key: _inner(key, value) for key, value in schema.items() if key not in ("nullable", "format")}
    if made.get("exclusiveMinimum") is True:
        made["exclusiveMinimum"] = made.pop("minimum")
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") else made


def _inner(key: str, value: Any) -> Any:
    if key == "properties":
        return {name: _plain(each) for name, each in value.items()}
    if key in _LISTS:
        return [_plain(each) for each in value]
    return _plain(dict(value)) if key in _NESTED and isinstance(value, Mapping) else value


CALLS = (
    ControlCall(
        "PUT",
        "seed",
        _plant,
        "a world as a seed tells of it, in place of the present one: all of it, or, with 400, nothing; see how-to/seeds.md",
        tuple(Field(name, ANYTHING, meaning) for name, _, meaning in _SEED),
    ),
    ControlCall(
        "GET",
        "seed/schema",
        _schema,
        "how a seed is written, as JSON Schema, for editors; `fake-kfp schema` prints the same",
        reply={
            "$schema": TEXT,
            "title": TEXT,
            "type": TEXT,
            "properties": OBJECT,
            "additionalProperties": TRUTH,
        },
    ),
)
