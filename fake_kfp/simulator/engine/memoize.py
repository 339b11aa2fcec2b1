"""Memoized templates: a result that is known stands in for running them (``operator.go: executeTemplate``, ``cache``)."""

from __future__ import annotations

import re
from datetime import datetime

from fake_kfp.golang import durations
from fake_kfp.golang.json_text import Json
from fake_kfp.golang.times import later
from fake_kfp.simulator.cluster.caches import Caches
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.engine.stops import TemplateError
from fake_kfp.simulator.engine.variables.outputs import copy_outputs

_KEY = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]*")


def recall(caches: Caches, memoize: Json, now: datetime) -> tuple[bool, Json | None]:
    """Whether the cache knows a result that is young enough, and its outputs. Raises TemplateError."""
    key = memoize.get("key", "")
    if not _KEY.fullmatch(key):
        raise TemplateError(f"invalid cache key: {key}")
    entry = caches.load(_cache_name(memoize), key)
    oldest = _oldest(memoize.get("maxAge", ""), now)
    if entry is None or (oldest is not None and entry.made < oldest):
        return False, None
    return True, copy_outputs(entry.outputs)


def _oldest(max_age: str, now: datetime) -> datetime | None:
    if not max_age:
        return None
    try:
        return later(now, -durations.parse_duration(max_age) / 1e9)
    except durations.DurationError as error:
        raise TemplateError(f"invalid maxAge: {error}") from None


def remember(caches: Caches, node: Node, now: datetime) -> None:
    """Keeps the outputs of a node that succeeded, if it is memoized."""
    status = node.memoization
    if status is not None:
        caches.save(status.get("cacheName", ""), status.get("key", ""), copy_outputs(node.outputs), now)


def memoization_status(memoize: Json, hit: bool) -> Json:
    """What a node tells of its cache."""
    return {"hit": hit, "key": memoize.get("key", ""), "cacheName": _cache_name(memoize)}


def _cache_name(memoize: Json) -> str:
    return str(((memoize.get("cache") or {}).get("configMap") or {}).get("name", ""))
