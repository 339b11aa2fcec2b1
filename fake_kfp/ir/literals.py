"""Parameters that take a few values alone (``backend/src/common/util/validate_literal.go``), which pipelines declare since 2.16."""

from __future__ import annotations

from typing import Any

from fake_kfp.golang.json_text import Json
from fake_kfp.golang.quoting import quote
from fake_kfp.ir.text_format import value_text


def literal_refusal(name: str, value: Any, parameter: Json) -> str:
    """What is said of a value that is none of those that a parameter is declared to take; empty where it is one."""
    literals: list[Any] = parameter.get("literals") or []
    if not literals or any(_same(value, literal) for literal in literals):
        return ""
    shown = " ".join(map(value_text, literals))
    told = f"input parameter {quote(name)} value {value_text(value)}"
    return f"{told} does not match any of the allowed literal values: [{shown}]"


def _same(value: Any, literal: Any) -> bool:
    return isinstance(value, bool) == isinstance(literal, bool) and bool(value == literal)
