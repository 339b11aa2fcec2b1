"""Ids and name suffixes: the only randomness of a world, and it can be seeded."""

from __future__ import annotations

import base64
import random
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from fake_kfp.store.changes import UNNOTED, Changes

# Kubernetes' generateName draws from consonants and a few digits, so that no words appear (apimachinery: rand.String).
SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_LETTERS = len(SUFFIX_LETTERS)

_FREE = ~(0xF000 << 64 | 0xC000 << 48)
_VERSION_4 = 4 << 76 | 0x8000 << 48
"""The bits that say which kind of UUID it is (RFC 4122), and all others."""

_STATE_VERSION = 3
_STATE = struct.Struct("<625I")
"""What Python's Mersenne twister keeps."""


@dataclass(frozen=True, slots=True)
class IdsState:
    """What ids are drawn from, as text, and those that were made and taken back."""

    random: str
    uuids: list[str] = field(default_factory=list)
    suffixes: list[str] = field(default_factory=list)


class Ids:
    """Makes uuids and generated names; the same seed gives the same ones in the same order.

    Those that were given out in a visit that was taken back are the next ones again.
    """

    def __init__(self, seed: int | None = None, changes: Changes | None = None) -> None:
        self._random = random.Random(seed)
        self._changes = changes or UNNOTED
        self._chosen: list[str] = []
        self._uuids: list[str] = []
        self._suffixes: list[str] = []

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
        if not self._uuids:
            # what uuid.UUID(int=..., version=4) makes of it, in a fifth of the time
            digits = f"{self._random.getrandbits(128) & _FREE | _VERSION_4:032x}"
            self._uuids.append(f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}")
        return self._given(self._uuids)

    def suffix(self) -> str:
        """Five letters as Kubernetes puts after a ``generateName``."""
        if not self._suffixes:
            random = self._random.random
            self._suffixes.append("".join([SUFFIX_LETTERS[int(random() * _LETTERS)] for _ in range(5)]))
        return self._given(self._suffixes)

    def share(self) -> float:
        """A number from 0 on, below 1."""
        return self._random.random()

    def _given(self, ready: list[str]) -> str:
        self._changes.note(_give_back, ready, ready[-1])
        return ready.pop()

    def state(self) -> IdsState:
        """What the next ones come from."""
        _, numbers, _ = self._random.getstate()
        return IdsState(base64.b64encode(_STATE.pack(*numbers)).decode(), self._uuids, self._suffixes)

    def restore(self, state: IdsState) -> None:
        """Goes on as another did that had this state (ValueError)."""
        content = base64.b64decode(state.random, validate=True)
        if len(content) != _STATE.size:
            raise ValueError(f"ids are drawn from {_STATE.size} bytes, not {len(content)}")
        self._random.setstate((_STATE_VERSION, _STATE.unpack(content), None))
        self._uuids, self._suffixes = list(state.uuids), list(state.suffixes)


def _give_back(ready: list[str], made: str) -> None:
    if made not in ready[-1:]:
        ready.append(made)
