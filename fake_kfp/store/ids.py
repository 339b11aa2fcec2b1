"""Ids and name suffixes: the only randomness of a world, and it can be seeded."""

from __future__ import annotations

import random
import uuid

# Kubernetes' generateName draws from consonants and a few digits, so that no words appear (apimachinery: rand.String).
_SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


class Ids:
    """Makes uuids and generated names; the same seed gives the same ones in the same order."""

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed)

    def uuid(self) -> str:
        """A random (version 4) UUID in its usual lower-case form."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def suffix(self) -> str:
        """Five letters as Kubernetes puts after a ``generateName``."""
        return "".join(self._random.choices(_SUFFIX_LETTERS, k=5))
