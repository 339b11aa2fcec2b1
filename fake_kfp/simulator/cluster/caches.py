"""What memoized templates gave: the ConfigMaps in which Argo keeps it, which outlive the workflows (``workflow/controller/cache``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from fake_kfp.golang.json_text import Json
from fake_kfp.store.changes import UNNOTED, Changes


class Entry(NamedTuple):
    """Outputs that a node gave, and when."""

    made: datetime
    outputs: Json | None


class Caches:
    """Outputs by cache name and key."""

    def __init__(self, changes: Changes | None = None) -> None:
        self._changes = changes or UNNOTED
        self._entries: dict[tuple[str, str], Entry] = {}

    def state(self) -> dict[tuple[str, str], Entry]:
        """All that they hold."""
        return self._entries

    def restore(self, state: Mapping[tuple[str, str], Entry]) -> None:
        """They hold this and nothing else."""
        self._entries = dict(state)

    def load(self, name: str, key: str) -> Entry | None:
        """What a cache holds under a key; its outputs are not to be changed."""
        return self._entries.get((name, key))

    def save(self, name: str, key: str, outputs: Json | None, now: datetime) -> None:
        """Keeps outputs, which nobody changes from then on, under a key, in place of what was there."""
        self._changes.note_entry(self._entries, (name, key))
        self._entries[name, key] = Entry(now, outputs)
