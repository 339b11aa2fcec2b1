"""Ids and name suffixes: the only randomness of a world, and it can be seeded."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

# Kubernetes' generateName draws from consonants and a few digits, so that no words appear (apimachinery: rand.String).
_SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


class Ids:
    """Makes uuids and generated names; the same seed gives the same ones in the same order."""

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed)
        self._chosen: list[str] = []

    @contextmanager
    def choosing(self, *ids: str) -> Iterator[None]:
        """Gives these ids first to whoever asks for one inside: somebody wants what is made there to have them."""
        self._chosen = list(reversed(ids))
        try:
            yield
        finally:
            self._chosen = []

    def uuid(self) -> str:
        """A random (version 4) UUID in its usual lower-case form."""
        if self._chosen:
            return self._chosen.pop()
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def suffix(self) -> str:
        """Five letters as Kubernetes puts after a ``generateName``."""
        return "".join(self._random.choices(_SUFFIX_LETTERS, k=5))
