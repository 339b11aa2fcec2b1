"""The line that tells how far an import is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

_BETWEEN = 0.1
_WIDTH = 78


class Progress:
    """Tells what is read, on a terminal as one line that changes, else as a line when something is complete."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._changes = stream.isatty()
        self._shown = -_BETWEEN

    def at(self, what: str, done: int, total: int) -> None:
        """So many of so many have been read; ``total`` is 0 where nobody knows."""
        now = self._clock()
        if self._changes and now - self._shown >= _BETWEEN:
            self._shown = now
            filled = 20 * min(done, total) // total if total else 0
            bar = f"[{'#' * filled}{'.' * (20 - filled)}] " if total else ""
            of = f" of {total:,}" if total else ""
            self._write(f"{bar}{what}: {done:,}{of}")

    def done(self, what: str, count: int) -> None:
        """All have been read."""
        self.say(f"{what}: {count:,}")

    def say(self, line: str) -> None:
        """A line that stays."""
        if self._changes:
            self._write("")
        print(line, file=self._stream, flush=True)

    def _write(self, line: str) -> None:
        self._stream.write(f"\r{line[:_WIDTH]:<{_WIDTH}}\r")
        self._stream.flush()
