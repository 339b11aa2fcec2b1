"""Tags in pieces of a manifest, replaced as Argo replaces them in their JSON texts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fake_kfp.expressions import NotPlain, substitute, substitute_data
from fake_kfp.simulator.engine.templates import to_text


def filled(data: Any, values: Mapping[str, str]) -> Any:
    """The data with the tags replaced that have a value; the very same where there are none. Raises GoError."""
    try:
        return substitute_data(data, values)
    except NotPlain:
        text = to_text(data)
        new = substitute(text, values, allow_unresolved=True)
        return data if new == text else json.loads(new)


def has_tags(data: Any) -> bool:
    """Whether a tag begins anywhere in the data."""
    if isinstance(data, str):
        return "{{" in data
    if isinstance(data, dict):
        return any("{{" in key or has_tags(value) for key, value in data.items())
    return isinstance(data, list) and any(map(has_tags, data))
