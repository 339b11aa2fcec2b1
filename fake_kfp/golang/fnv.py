"""Hashes of Go's ``hash/fnv``."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

_OFFSET, _PRIME, _MASK = 0x811C9DC5, 0x01000193, 0xFFFFFFFF


def fnv1a(text: str) -> int:
    """``fnv.New32a`` over a text's UTF-8 bytes.

    Names of nodes begin with those of the nodes around them: of what stands before the last dot, or dash, the hash is remembered.
    """
    cut = text.rfind(".") + 1 or text.rfind("-") + 1
    return _go_on(_hash_so_far(text[:cut]) if cut else _OFFSET, text[cut:])


def fnv1a_of_all(beginning: str, endings: Iterable[str]) -> list[int]:
    """The hashes of texts that begin alike, and are not met again."""
    so_far = _go_on(_OFFSET, beginning)
    return [_go_on(so_far, ending) for ending in endings]


@lru_cache(maxsize=4096)
def _hash_so_far(text: str) -> int:
    cut = text.rfind(".", 0, -1) + 1
    return _go_on(_hash_so_far(text[:cut]) if cut else _OFFSET, text[cut:])


def _go_on(value: int, text: str) -> int:
    for byte in text.encode():
        value = ((value ^ byte) * _PRIME) & _MASK
    return value
