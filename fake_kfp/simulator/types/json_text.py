"""JSON as Go's json.Marshal writes it."""

from __future__ import annotations

import json
import re
from typing import Any

from .numbers import json_text

_HTML = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}
_NEEDS_ESCAPE = re.compile("[<>&\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_TINY_NUMBER = re.compile(r"[0-9]e-[0-9]")


def dumps(manifest: Any) -> str:
    """Compact JSON as ``json.Marshal`` writes it; keys stay in their order, which is Go's in a parsed manifest."""
    text = _ENCODER(manifest)
    if _TINY_NUMBER.search(text):
        text = "".join(_pieces(manifest))
    if _SURROGATE.search(text):
        text = _SURROGATE.sub("\\\\ufffd", text)
    return text.translate(_HTML) if _NEEDS_ESCAPE.search(text) else text


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def _pieces(value: Any) -> list[str]:
    """The slow way, for numbers that Python writes with another exponent than Go."""
    if isinstance(value, float):
        return [json_text(value)]
    if isinstance(value, list):
        return ["[", *_joined([_pieces(item) for item in value]), "]"]
    if isinstance(value, dict):
        entries = [[_ENCODER(key), ":", *_pieces(item)] for key, item in value.items()]
        return ["{", *_joined(entries), "}"]
    return [_ENCODER(value)]


def _joined(parts: list[list[str]]) -> list[str]:
    return [piece for number, part in enumerate(parts) for piece in ([","] if number else []) + part]
