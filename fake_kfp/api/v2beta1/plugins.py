"""What runs and recurring runs tell the server's plugins (``api_converter.go: validatePluginsInputLimits``)."""

from __future__ import annotations

import json
from typing import Any

from fake_kfp.api.protojson import decode, encode
from fake_kfp.errors import invalid_input
from fake_kfp.golang.json_text import dumps
from fake_kfp.golang.quoting import quote
from fake_kfp.services.environment import PluginLimits


def read_plugins_input(message: Any, limits: PluginLimits) -> str:
    """The JSON that is stored of a message's ``plugins_input``, empty where it has none. Raises INVALID_ARGUMENT for too much of it."""
    given = message.plugins_input
    if len(given) > limits.keys:
        raise _invalid(f"number of plugins_input entries ({len(given)}) exceeds maximum {limits.keys}")
    raw: dict[str, Any] = {}
    for key in sorted(given):
        name = f"plugins_input[{quote(key)}]"
        text = encode(given[key])
        value = json.loads(text)
        if _depth(value) > limits.depth:
            raise _invalid(f"{name} nesting depth exceeds maximum {limits.depth}")
        if len(text) > limits.bytes:
            raise _invalid(f"{name} size ({len(text)} bytes) exceeds maximum {limits.bytes} bytes")
        raw[key] = value
    text_of_all = dumps(raw) if raw else ""
    size = len(text_of_all.encode())
    if size > limits.total_bytes:
        raise _invalid(f"plugins_input total size ({size} bytes) exceeds maximum {limits.total_bytes} bytes")
    return text_of_all


def fill_plugins_input(message: Any, stored: str) -> None:
    """Shows what was stored."""
    for key, value in (json.loads(stored) if stored else {}).items():
        struct_class = type(message.plugins_input[key])
        message.plugins_input[key].CopyFrom(decode(struct_class, json.dumps(value)))


def _invalid(reason: str) -> Exception:
    return invalid_input(f"Invalid plugins_input: {reason}")


def _depth(value: Any) -> int:
    """How deep objects and lists nest; a list without any is none at all."""
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0
