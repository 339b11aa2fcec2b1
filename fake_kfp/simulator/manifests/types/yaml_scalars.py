"""What a scalar of a YAML document means: YAML 1.1, as go-yaml version 2 reads it (goyaml.v2 ``resolve.go``)."""

from __future__ import annotations

import base64
import binascii
import math
import re
from typing import Any

from fake_kfp.simulator.manifests.errors import ManifestError

_STANDARD = "tag:yaml.org,2002:"
_CONSTANTS: dict[str, Any] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_MEANINGFUL_STARTS = frozenset("yYnNtTfFoO~.+-0123456789") | {""}
_NUMBER_STARTS = frozenset("+-0123456789")
_TYPES_BY_TAG = {"bool": bool, "int": int, "float": float, "null": type(None), "timestamp": str}
_TAGS_BY_TYPE = {bool: "bool", int: "int", float: "float", type(None): "null", str: "str"}
_INTEGER = re.compile(r"([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_POINT_FLOAT = re.compile(r"\.[0-9]+([eE][-+]?[0-9]+)?\Z")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?\Z", re.DOTALL)


def resolve(tag: str | None, text: str, *, plain: bool) -> Any:
    """The value of a scalar with this tag, if any; ``plain`` if it stands without quotes.

    Raises ManifestError where text and tag contradict each other.
    """
    if not tag or tag == "!":
        return resolve_plain(text) if plain else text
    kind = tag.removeprefix(_STANDARD)
    if tag == _STANDARD + "binary":
        return _binary(text)
    if tag == kind or kind not in _TYPES_BY_TAG:
        return text
    value = resolve_plain(text)
    if kind == "float" and type(value) is int:
        value = float(value)
    if type(value) is not _TYPES_BY_TAG[kind] or (kind == "timestamp" and not _TIMESTAMP.match(text)):
        raise ManifestError(f"yaml: cannot decode !!{_TAGS_BY_TYPE[type(value)]} `{text}` as a !!{kind}")
    return value


def resolve_plain(text: str) -> Any:
    """What an unquoted scalar means."""
    first = text[:1]
    if first in _MEANINGFUL_STARTS:
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if first == ".":
            return float(text) if _POINT_FLOAT.match(text) else text
        if first in _NUMBER_STARTS:
            return _resolve_number(text)
    return text


def _resolve_number(text: str) -> Any:
    if _TIMESTAMP.match(text):
        return text
    plain = text.replace("_", "")
    integer = _INTEGER.match(plain)
    if integer is not None:
        value = _integer(integer[2])
        value = -value if integer[1] == "-" else value
        if -(1 << 63) <= value < 1 << (64 if not integer[1] else 63):
            return value
    return float(plain) if _FLOAT.match(plain) and not math.isinf(float(plain)) else text


def _integer(digits: str) -> int:
    lower = digits.lower()
    for prefix, base in (("0x", 16), ("0b", 2), ("0o", 8)):
        if lower.startswith(prefix):
            return int(lower[2:], base)
    if len(lower) > 1 and lower[0] == "0":
        return int(lower, 8)
    return int(lower) if len(lower) < 25 else 1 << 64


def _binary(text: str) -> str:
    try:
        return base64.b64decode(re.sub(r"[\r\n]", "", text), validate=True).decode("utf-8", "replace")
    except binascii.Error:
        raise ManifestError("yaml: !!binary value contains invalid base64 data") from None
