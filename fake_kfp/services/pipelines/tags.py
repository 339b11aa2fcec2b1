"""Tags of pipelines and versions, since 2.17 (``model/pipeline_tags.go``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_kfp.errors import invalid_input
from fake_kfp.golang.quoting import quote

MAX_TAGS = 20
MAX_LENGTH = 63


def check_tags(tags: Mapping[str, str]) -> None:
    """Raises INVALID_ARGUMENT for tags that can't be. The real server names any one of several that are wrong, here it is the first."""
    if len(tags) > MAX_TAGS:
        raise invalid_input(f"number of tags ({len(tags)}) exceeds maximum of {MAX_TAGS} per entity")
    for key, value in sorted(tags.items()):
        _check_key(key)
        if len(value) > MAX_LENGTH:
            raise invalid_input(
                f"tag value {quote(value)} for key {quote(key)} exceeds maximum length of {MAX_LENGTH} characters"
            )


def _check_key(key: str) -> None:
    if not key:
        raise invalid_input("tag key cannot be empty")
    if "." in key:
        raise invalid_input(f"tag key {quote(key)} must not contain '.' character")
    if len(key) > MAX_LENGTH:
        raise invalid_input(f"tag key {quote(key)} exceeds maximum length of {MAX_LENGTH} characters")


def changed_fields(display_name: str, tags: Mapping[str, str] | None) -> dict[str, Any]:
    """What an update of a pipeline or version changes."""
    named = {"display_name": display_name} if display_name else {}
    return {**named, **({} if tags is None else {"tags": dict(tags)})}
