"""Lists whose order is a matter of chance, put into one that two servers can be compared in."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

Json = Any
_UNSAVED_ID = re.compile(r"\{\{uuid\d+\}\}")


def in_any_order(value: Json, keys: Collection[str]) -> Json:
    """Sorts the lists of texts under these keys: the real server fills them in any order."""
    if isinstance(value, dict):
        return {
            key: sorted(item) if key in keys and isinstance(item, list) else in_any_order(item, keys)
            for key, item in value.items()
        }
    return [in_any_order(item, keys) for item in value] if isinstance(value, list) else value


def by_content(value: Json, keys: Mapping[str, str]) -> Json:
    """Sorts the lists of objects under these keys by what the objects hold: the real server sends them in the order of random ids.

    ``keys`` maps a list's key to that of the id inside its members (empty: they have none). An id that no step has saved under a
    name shows as ``{{id}}``, because members that are alike but for it could not be told apart.
    """
    if isinstance(value, dict):
        return {
            key: _sorted(by_content(item, keys), keys[key])
            if key in keys and isinstance(item, list)
            else by_content(item, keys)
            for key, item in value.items()
        }
    return [by_content(item, keys) for item in value] if isinstance(value, list) else value


def _sorted(members: list[Json], id_key: str) -> list[Json]:
    return sorted(
        (_without_id(member, id_key) for member in members),
        key=lambda member: json.dumps(member, sort_keys=True),
    )


def _without_id(member: Json, id_key: str) -> Json:
    """A member whose id, if no step has saved it, is the same as every other's."""
    if id_key and isinstance(member, dict) and _UNSAVED_ID.fullmatch(str(member.get(id_key, ""))):
        return {**member, id_key: "{{id}}"}
    return member
