"""Go's strconv for numbers; errors are ``ValueError`` with Go's words."""

from __future__ import annotations

import math
import re

from fake_kfp.golang.quoting import quote

_DECIMAL = re.compile(r"[+-]?[0-9]+\Z")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_HEX_FLOAT = re.compile(r"[+-]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+\Z")
_SPECIAL = re.compile(r"(?:[+-]?inf(?:inity)?|nan)\Z", re.IGNORECASE)


def parse_int(text: str, *, function: str = "Atoi") -> int:
    """``strconv.Atoi``, or ``ParseInt(text, 10, 64)`` where ``function`` says so."""
    if not _DECIMAL.match(text):
        raise ValueError(f"strconv.{function}: parsing {quote(text)}: invalid syntax")
    if len(text.lstrip("+-").lstrip("0")) > 19 or not -(1 << 63) <= (value := int(text[:40])) < 1 << 63:
        raise ValueError(f"strconv.{function}: parsing {quote(text)}: value out of range")
    return value


def parse_float(text: str) -> float:
    """``strconv.ParseFloat(text, 64)``."""
    if _HEX_FLOAT.match(text):
        try:
            return float.fromhex(text)
        except OverflowError:
            raise ValueError(f"strconv.ParseFloat: parsing {quote(text)}: value out of range") from None
    if not (_FLOAT.match(text) or _SPECIAL.match(text)):
        raise ValueError(f"strconv.ParseFloat: parsing {quote(text)}: invalid syntax")
    value = float(text)
    if math.isinf(value) and not _SPECIAL.match(text):
        raise ValueError(f"strconv.ParseFloat: parsing {quote(text)}: value out of range")
    return value


def parse_bool(text: str) -> bool:
    """``strconv.ParseBool``."""
    if text in ("1", "t", "T", "TRUE", "true", "True"):
        return True
    if text in ("0", "f", "F", "FALSE", "false", "False"):
        return False
    raise ValueError(f"strconv.ParseBool: parsing {quote(text)}: invalid syntax")
