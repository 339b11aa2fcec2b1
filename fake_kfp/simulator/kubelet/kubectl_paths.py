"""JSONPath templates as ``kubectl get -o jsonpath=`` prints them: texts, paths and ranges, without filters."""

from __future__ import annotations

import re
from typing import Any

from fake_kfp.golang.errors import GoError
from fake_kfp.golang.json_values import marshal

_PARTS = re.compile(r"\{((?:[^{}'\"]|'[^']*'|\"[^\"]*\")*)\}|([^{]+)")
_STEPS = re.compile(r"\.?\[['\"]([^'\"]*)['\"]\]|\[(\*|-?\d*:?-?\d*)\]|\.(\*|(?:\\.|[^.\[\\])+)")
_ESCAPES = {"\\n": "\n", "\\t": "\t"}


def printed(template: str, document: Any) -> str:
    """What the template prints. Raises GoError for what it can't find or is not understood."""
    parts = _PARTS.findall(template)
    if "".join(text or f"{{{code}}}" for code, text in parts) != template:
        raise GoError(f"fake_kfp: the JSONPath template {template!r} is not understood")
    text, rest = _print(parts, document)
    if rest:
        raise GoError("not in range, nothing to end")
    return text


def _print(parts: list[tuple[str, str]], context: Any) -> tuple[str, list[tuple[str, str]]]:
    """What the parts up to the end of this range print, and what follows it."""
    out, rest = "", parts
    while rest:
        (code, text), rest = rest[0], rest[1:]
        code = code.strip()
        if text:
            out += text
        elif code == "end":
            return out, [("end", ""), *rest]
        elif code.startswith("range"):
            following: list[tuple[str, str]] = rest
            for item in _select(code[len("range") :].strip(), context):
                inner, following = _print(rest, item)
                out += inner
            rest = following[1:]
        elif code[:1] in ("'", '"'):
            out += re.sub(r"\\[nt]", lambda found: _ESCAPES[found[0]], code[1:-1])
        else:
            out += " ".join(_text(value) for value in _select(code, context))
    return out, []


def _select(path: str, context: Any) -> list[Any]:
    path = path.removeprefix("$").removeprefix("@")
    if path in ("", "."):
        return [context]
    if not path.startswith((".", "[")):
        path = f".{path}"
    if _STEPS.sub("", path):
        raise GoError(f"fake_kfp: the JSONPath {path!r} is not understood")
    found = [context]
    for quoted, index, name in _STEPS.findall(path):
        found = [inner for value in found for inner in _step(value, quoted or name.replace("\\", ""), index)]
    return found


def _step(value: Any, name: str, index: str) -> list[Any]:
    if name == "*" or index == "*":
        return list(value.values()) if isinstance(value, dict) else list(value or ())
    if not index:
        if not isinstance(value, dict) or name not in value:
            raise GoError(f"{name} is not found")
        return [value[name]]
    if not isinstance(value, list):
        raise GoError(f"{value} is not array or slice")
    if ":" in index:
        start, _, end = index.partition(":")
        return value[int(start) if start else None : int(end) if end else None]
    if not -len(value) <= int(index) < len(value):
        raise GoError(f"array index out of bounds: index {index}, length {len(value)}")
    return [value[int(index)]]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else marshal(value)
