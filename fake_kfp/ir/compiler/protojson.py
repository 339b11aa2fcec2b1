"""Messages as the compiler writes them into a workflow (``argocompiler/proto.go``)."""

from __future__ import annotations

import json
import re
from typing import Any

from fake_kfp.golang.json_text import Json, dumps
from fake_kfp.ir.compiler.errors import CompileError
from fake_kfp.ir.schema import NEWEST, NotOfType, read_message

_skip = json.JSONDecoder().raw_decode
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[-+.\w]+|[{\[]')


def stable_json(value: Any) -> str:
    """``stablyMarshalJSON``: compact, with sorted keys."""
    return dumps(_sorted(value))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def plain_json(value: Any) -> str:
    """``protojson.Marshal`` of a Struct: compact, with sorted keys, and without the escapes of ``encoding/json``."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def message_in(text: str, message: str, *, strict: bool = True, edition: str = NEWEST) -> Json:
    """The message that a JSON text holds (``protojson.Unmarshal``). Raises CompileError, with the place in the text."""
    try:
        return read_message(message, json.loads(text), strict, edition)
    except NotOfType as fault:
        raise CompileError(f"proto: {_complaint(text, fault)}") from None


def _complaint(text: str, fault: NotOfType) -> str:
    at = _place(text, fault)
    match = _TOKEN.match(text, at)
    token = match[0] if match else ""
    place = f"(line 1:{at + 1})"
    if not fault.problem:
        return f"syntax error {place}: unexpected token {token}"
    said = fault.problem if fault.is_name else fault.problem.format(field=fault.field, token=token)
    return f"{place}: {said}"


def _place(text: str, fault: NotOfType) -> int:
    """Where in a compact text the value or the name stands that is wrong."""
    at = 0
    for depth, step in enumerate(fault.path, 1):
        at += 1
        if isinstance(step, int):
            for _ in range(step):
                at = _skip(text, at)[1] + 1
            continue
        name, end = _skip(text, at)
        while name != step:
            at = _skip(text, end + 1)[1] + 1
            name, end = _skip(text, at)
        if fault.is_name and depth == len(fault.path):
            return at
        at = end + 1
    return at
