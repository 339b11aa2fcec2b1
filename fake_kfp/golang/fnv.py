"""Hashes of Go's ``hash/fnv``."""

from __future__ import annotations

from collections.abc import Iterable

_OFFSET, _PRIME, _MASK = 0x811C9DC5, 0x01000193, 0xFFFFFFFF


def fnv1a(text: str, so_far: int = _OFFSET) -> int:
    """``fnv.New32a`` over a text's UTF-8 bytes, or over those of one that goes on so: ``so_far`` is the hash of its beginning."""
    value = so_far
    for byte in text.encode():
        value = ((value ^ byte) * _PRIME) & _MASK
    return value


def fnv1a_of_all(beginning: str, endings: Iterable[str]) -> list[int]:
    """The hashes of texts that begin alike."""
    so_far = fnv1a(beginning)
    return [fnv1a(ending, so_far) for ending in endings]
