"""The control calls as OpenAPI describes them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fake_kfp.control.endpoints.call import ControlCall, Field
from fake_kfp.control.endpoints.table import CALLS
from fake_kfp.golang.json_text import Json

_VARIABLE = re.compile(r"\{([a-z_]+)(?:=\*\*)?\}")
_BYTES: Json = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_ERROR: Json = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string"}},
    "additionalProperties": False,
}


def description() -> Json:
    """``paths`` and ``components`` of an OpenAPI document."""
    paths: Json = {}
    for call in CALLS:
        path = "/_fake_kfp/" + _VARIABLE.sub(r"{\1}", call.path)
        paths.setdefault(path, {})[call.method.lower()] = _operation(call)
    return {"paths": paths, "components": {"schemas": {"fake_kfp.Error": _ERROR}}}


def _operation(call: ControlCall) -> Json:
    words = _VARIABLE.sub(r"\1", call.path).replace("/", ".")
    answered: Json = {
        "description": "OK",
        "content": _raw(call) if call.raw_reply else _content(_reply(call)),
    }
    refused = _content({"$ref": "#/components/schemas/fake_kfp.Error"})
    operation: Json = {
        "operationId": f"fake_kfp.{call.method.lower()}.{words}",
        "summary": call.meaning,
        "tags": ["fake_kfp"],
        "parameters": list(_parameters(call)),
        "responses": {"200": answered, "default": {"description": "A refusal, and why", "content": refused}},
    }
    if call.raw:
        operation["requestBody"] = {"content": _BYTES}
    elif call.fields and call.method not in ("GET", "DELETE"):
        required = [field.name for field in call.fields if field.required]
        operation["requestBody"] = {"required": bool(required), "content": _content(_body(call, required))}
    return operation


def _raw(call: ControlCall) -> Json:
    format = {} if call.media.startswith("text/") else {"format": "binary"}
    return {call.media: {"schema": {"type": "string", **format}}}


def _parameters(call: ControlCall) -> Iterator[Json]:
    """The path's; and those of the query, where OpenAPI knows no body: elsewhere one way to say a field is enough."""
    for name in _VARIABLE.findall(call.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    if call.raw or call.method in ("GET", "DELETE"):
        for field in call.fields:
            yield {"name": field.name, "in": "query", "required": field.required, "schema": _schema(field)}


def _body(call: ControlCall, required: list[str]) -> Json:
    schema: Json = {
        "type": "object",
        "properties": {field.name: _schema(field) for field in call.fields},
        "additionalProperties": False,
    }
    return {**schema, "required": required} if required else schema


def _reply(call: ControlCall) -> Json:
    schema: Json = {
        "type": "object",
        "properties": {name: kind.schema for name, kind in call.reply.items()},
        "additionalProperties": False,
    }
    return {**schema, "required": list(call.reply)} if call.reply else schema


def _schema(field: Field) -> Json:
    return {**field.kind.schema, "description": field.meaning} if field.meaning else field.kind.schema


def _content(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}
