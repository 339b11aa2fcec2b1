"""Memoized outputs: ``workflow/controller/cache``, with the caches kept for as long as the workflow lives."""

from __future__ import annotations

from datetime import datetime, timedelta

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.engine.outputs import copy_outputs
from fake_kfp.simulator.expressions import parse_duration
from fake_kfp.simulator.status import Node


class Memory:
    """Outputs by cache name and key."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], tuple[datetime, Json | None]] = {}

    def load(self, memoize: Json, now: datetime) -> tuple[bool, Json | None]:
        """Whether there is an entry that is young enough, and its outputs."""
        entry = self._entries.get((cache_name(memoize), memoize.get("key", "")))
        if entry is None:
            return False, None
        made, outputs = entry
        if memoize.get("maxAge") and now - made > timedelta(seconds=parse_duration(memoize["maxAge"])):
            return False, None
        return True, copy_outputs(outputs)

    def save(self, node: Node, now: datetime) -> None:
        """Keeps the outputs of a memoized node that succeeded."""
        status = node.memoization
        if status and not status.get("hit"):
            self._entries[status.get("cacheName", ""), status.get("key", "")] = (
                now,
                copy_outputs(node.outputs),
            )


def cache_name(memoize: Json) -> str:
    """The ConfigMap that a template's ``memoize`` names as its cache."""
    return str(((memoize.get("cache") or {}).get("configMap") or {}).get("name", ""))


def memoization_status(memoize: Json, hit: bool) -> Json:
    """What a node tells of its cache."""
    return {"hit": hit, "key": memoize.get("key", ""), "cacheName": cache_name(memoize)}
