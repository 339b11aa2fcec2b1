"""An OpenAPI 3.0 document of the REST side, made from the descriptors and their ``google.api.http`` rules."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from fake_kfp.api import descriptors
from fake_kfp.api.dispatch import HttpRule, Method
from fake_kfp.api.protojson.fields import is_map, is_repeated
from fake_kfp.golang.json_text import Json
from fake_kfp.transport import rpc
from fake_kfp.transport.http.places.mounts import MountPoint
from fake_kfp.transport.http.wire.message import JSON, HttpRequest, HttpResponse
from fake_kfp.versions import UNNAMED, Dialect

_INT64: Json = {"type": "string", "format": "int64", "pattern": "^-?[0-9]{1,18}$"}
_SCALARS: dict[int, Json] = {
    FieldDescriptor.TYPE_DOUBLE: {"type": "number", "format": "double"},
    FieldDescriptor.TYPE_INT64: _INT64,
    FieldDescriptor.TYPE_UINT64: _INT64,
    FieldDescriptor.TYPE_INT32: {"type": "integer", "format": "int32"},
    FieldDescriptor.TYPE_UINT32: {"type": "integer", "format": "int64", "minimum": 0},
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_BYTES: {"type": "string", "format": "byte"},
}
_WELL_KNOWN: dict[str, Json] = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {"type": "string"},
    "google.protobuf.Value": {},
    "google.protobuf.Struct": {"type": "object"},
    "google.protobuf.ListValue": {"type": "array", "items": {}},
    "google.protobuf.Any": {"type": "object"},
}
_ERROR: Json = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {
        "code": {"type": "integer"},
        "message": {"type": "string"},
        "details": {"type": "array", "items": {"type": "object"}},
    },
}


# The fields of a request that stand in a path, those of its messages among them: {pipeline.pipeline_id}.
_PLACED = re.compile(r"\{([^{}=]+)")


def openapi_mounts(dialect: Callable[[], Dialect], more: Callable[[], Json]) -> list[MountPoint]:
    """Where the document of the present release is served; ``more`` gives paths and components of what is no RPC."""

    def answer(request: HttpRequest, parameters: Mapping[str, str]) -> HttpResponse:
        return HttpResponse(200, json.dumps(_with(document(dialect()), more())).encode(), JSON)

    return [MountPoint("/_fake_kfp/openapi.json", answer)]


@cache
def document(dialect: Dialect = UNNAMED) -> Json:
    """The document, with every RPC that a release serves on the REST side."""
    paths: Json = {}
    served = (method for method in descriptors.methods().values() if dialect.has(method.name))
    methods = [method for method in served if _is_served(method)]
    for method in methods:
        for rule in method.rules:
            paths.setdefault(rule.path, {})[rule.verb.lower()] = _operation(method, rule, dialect)
    return {
        "openapi": "3.0.3",
        "info": {"title": "Kubeflow Pipelines API", "version": "v1beta1, v2beta1"},
        "paths": paths,
        "components": {"schemas": {"Error": _ERROR, **_schemas(methods, dialect)}},
    }


def _with(base: Json, more: Json) -> Json:
    """A document with the paths and schemas of another part."""
    schemas = {**base["components"]["schemas"], **more["components"]["schemas"]}
    return {**base, "paths": {**base["paths"], **more["paths"]}, "components": {"schemas": schemas}}


def _is_served(method: Method) -> bool:
    """The health checks are served here alone, all else over gRPC, too; some services of v2beta1 nowhere."""
    service = rpc.service_of(method.name)
    return service in rpc.SERVICES or service.endswith(".HealthzService")


def _operation(method: Method, rule: HttpRule, dialect: Dialect) -> Json:
    service, name = method.name[1:].rsplit("/", 1)
    ok = {"description": "OK", "content": {JSON: {"schema": _message(method.output_class.DESCRIPTOR)}}}
    refused = {
        "description": "A refusal",
        "content": {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    operation: Json = {
        "operationId": f"{service}.{name}",
        "tags": [service],
        "parameters": list(_parameters(method, rule, dialect)),
        "responses": {"200": ok, "default": refused},
    }
    if rule.body:
        operation["requestBody"] = {"content": {JSON: {"schema": _body(method, rule)}}}
    return operation


def _body(method: Method, rule: HttpRule) -> Json:
    descriptor: Any = method.input_class.DESCRIPTOR
    return _message(descriptor) if rule.body == "*" else _field(descriptor.fields_by_name[rule.body])


def _parameters(method: Method, rule: HttpRule, dialect: Dialect) -> Iterator[Json]:
    placed = _PLACED.findall(rule.path)
    for name in placed:
        # an empty segment, or one with a slash in it, is another path
        schema = {"type": "string", "pattern": "^[^/]+$", "minLength": 1}
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    for field in _fields(method.input_class.DESCRIPTOR, dialect):
        if field.name not in placed and rule.body not in ("*", field.name):
            yield from _query(field, field.name, dialect)


def _query(field: Any, name: str, dialect: Dialect) -> Iterator[Json]:
    if field.message_type is None:
        yield {"name": name, "in": "query", "schema": _field(field)}
    elif not is_repeated(field) and field.message_type.full_name not in _WELL_KNOWN:
        for part in _fields(field.message_type, dialect):
            yield from _query(part, f"{name}.{part.name}", dialect)


def _fields(descriptor: Any, dialect: Dialect) -> list[Any]:
    """The fields of a message that a release has."""
    return [field for field in descriptor.fields if field.full_name not in dialect.absent_names]


def _field(field: Any) -> Json:
    if is_map(field):
        value = field.message_type.fields_by_name["value"]
        return {"type": "object", "additionalProperties": _field(value)}
    schema = _single(field)
    return {"type": "array", "items": schema} if is_repeated(field) else schema


def _single(field: Any) -> Json:
    if field.enum_type is not None:
        return {"type": "string", "enum": [value.name for value in field.enum_type.values]}
    if field.message_type is not None:
        return _message(field.message_type)
    return _SCALARS[field.type]


def _message(descriptor: Any) -> Json:
    known = _WELL_KNOWN.get(descriptor.full_name)
    return {"$ref": f"#/components/schemas/{descriptor.full_name}"} if known is None else known


def _schemas(methods: Iterable[Method], dialect: Dialect) -> Json:
    """The schemas of all messages that the RPCs of these methods can hold."""
    found: Json = {}
    left: list[Any] = [
        cls.DESCRIPTOR for method in methods for cls in (method.input_class, method.output_class)
    ]
    while left:
        descriptor = left.pop()
        if descriptor.full_name not in found and descriptor.full_name not in _WELL_KNOWN:
            fields = _fields(descriptor, dialect)
            properties = {field.name: _field(field) for field in fields}
            found[descriptor.full_name] = {
                "type": "object",
                "properties": properties,
                "additionalProperties": False,
            }
            left += [field.message_type for field in fields if field.message_type is not None]
    return dict(sorted(found.items()))
