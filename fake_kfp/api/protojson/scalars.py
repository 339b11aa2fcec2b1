"""Scalars and enums out of JSON tokens (``decode.go: unmarshalScalar``)."""

from __future__ import annotations

import base64
from collections.abc import Callable

from google.protobuf.descriptor import FieldDescriptor

from fake_kfp.api.protojson import numbers, tokens
from fake_kfp.api.protojson.fields import FLOATS, SIGNED, UNSIGNED, Field
from fake_kfp.api.protojson.tokens import Token

Scalar = bool | int | float | str | bytes
Read = Callable[[Token], Scalar | None]
"""Turns a token into a value; None if it does not fit."""

_SPECIAL_FLOATS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_URL_ALPHABET = str.maketrans("-_+/", "+/**")
_GO_SPACES = " \t\n\v\f\r\x85\xa0"


def scalar_reader(field: Field) -> tuple[str, Read]:
    """The name Go has for the field's kind, and what reads its values."""
    if field.type == FieldDescriptor.TYPE_ENUM:
        return "enum", _enum_reader({value.name: value.number for value in field.enum_type.values})
    if field.type in SIGNED:
        name, bits = SIGNED[field.type]
        return name, lambda token: _int(token, bits, True)
    if field.type in UNSIGNED:
        name, bits = UNSIGNED[field.type]
        return name, lambda token: _int(token, bits, False)
    if field.type in FLOATS:
        return FLOATS[field.type], read_float
    return _PLAIN[field.type]


def _bool(token: Token) -> Scalar | None:
    return token.value if token.kind == tokens.BOOL else None


def _string(token: Token) -> Scalar | None:
    return token.value if token.kind == tokens.STRING else None


def _bytes(token: Token) -> Scalar | None:
    """Base64 of either alphabet; padded, or not at all if the length says so. Line ends count for the length, but say nothing."""
    if token.kind != tokens.STRING:
        return None
    written = str(token.value)
    text = written.replace("\r", "").replace("\n", "")
    if "-" in text or "_" in text:
        text = text.translate(_URL_ALPHABET)
    if len(written) % 4:
        text = "*" if "=" in text else text + "=" * (-len(text) % 4)
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None


_PLAIN: dict[int, tuple[str, Read]] = {
    FieldDescriptor.TYPE_BOOL: ("bool", _bool),
    FieldDescriptor.TYPE_STRING: ("string", _string),
    FieldDescriptor.TYPE_BYTES: ("bytes", _bytes),
}


def _enum_reader(numbers_by_name: dict[str, int]) -> Read:
    def read(token: Token) -> Scalar | None:
        if token.kind == tokens.STRING:
            return numbers_by_name.get(str(token.value))
        return numbers.to_int(token.raw, 32, True) if token.kind == tokens.NUMBER else None

    return read


def _int(token: Token, bits: int, signed: bool) -> Scalar | None:
    raw = _number(token)
    return None if raw is None else numbers.to_int(raw, bits, signed)


def read_float(token: Token) -> float | None:
    """A float from a number, or from a string that holds one."""
    if token.kind == tokens.STRING and token.value in _SPECIAL_FLOATS:
        return _SPECIAL_FLOATS[str(token.value)]
    raw = _number(token)
    return None if raw is None else numbers.to_float(raw)


def _number(token: Token) -> str | None:
    """The number in a token; of a string, what it starts with (protobuf-go reads one token of it and stops)."""
    if token.kind == tokens.NUMBER:
        return token.raw
    if token.kind != tokens.STRING:
        return None
    text = str(token.value)
    return tokens.number_at_start(text) if text.strip(_GO_SPACES) == text else None
