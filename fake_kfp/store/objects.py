"""The artifact store: bytes by key."""

from __future__ import annotations

from collections.abc import Mapping

from fake_kfp.store.changes import UNNOTED, Changes


class ObjectsFull(Exception):
    """The objects together would be larger than the store allows."""


class Objects:
    """Artifacts of a world, ``key -> bytes``; ``limit`` bounds their total size in bytes (None: no bound)."""

    def __init__(self, limit: int | None = None, changes: Changes | None = None) -> None:
        self._changes = changes or UNNOTED
        self._contents: dict[str, bytes] = {}
        self._limit = limit
        self._size = 0

    @property
    def size(self) -> int:
        """All objects together, in bytes."""
        return self._size

    def put(self, key: str, content: bytes) -> None:
        """Stores an object, in place of the one that was there; :class:`ObjectsFull` where it doesn't fit."""
        size = self._size - len(self._contents.get(key, b"")) + len(content)
        if self._limit is not None and size > self._limit:
            raise ObjectsFull(
                f"fake_kfp: {key!r} does not fit: {size} bytes in all are above the limit of {self._limit}."
                " Allow more, or delete objects."
            )
        self._note(key)
        self._contents[key] = content
        self._size = size

    def get(self, key: str) -> bytes | None:
        """The object's content, None where there is none."""
        return self._contents.get(key)

    def delete(self, key: str) -> bool:
        """Removes an object; says whether it was there."""
        self._note(key)
        content = self._contents.pop(key, None)
        self._size -= len(content or b"")
        return content is not None

    def state(self) -> dict[str, bytes]:
        """All objects."""
        return dict(self._contents)

    def restore(self, state: Mapping[str, bytes]) -> None:
        """Holds these objects and no others; :class:`ObjectsFull` where they don't fit."""
        self._contents, self._size = {}, 0
        for key, content in state.items():
            self.put(key, content)

    def _note(self, key: str) -> None:
        self._changes.note(setattr, self, "_size", self._size)
        self._changes.note_entry(self._contents, key)

    def keys(self) -> list[str]:
        """All keys, sorted."""
        return sorted(self._contents)
