"""Messages as the compiler writes them into a workflow (``argocompiler/proto.go``)."""

from __future__ import annotations

from typing import Any

from fake_kfp.golang.json_text import dumps
from fake_kfp.ir.schema import NotOfType


def stable_json(value: Any) -> str:
    """``stablyMarshalJSON``: compact, with sorted keys."""
    return dumps(_sorted(value))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def fault_text(error: NotOfType) -> str:
    """What ``protojson`` says of a text that is not of its message. Where in the text, it says of one that nobody sees."""
    return f"proto: syntax error: unexpected token: {error}"
