"""The file of a cassette: a head, then a line of JSON for each exchange."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

from fake_kfp.cassettes.exchanges import BadLine, Exchange, Reply, Request, exchange_of
from fake_kfp.store.clock import Clock

FORMAT = 1


class BadCassette(ValueError):
    """A file that is no cassette, or none that can be written; the text begins with ``fake_kfp:``."""

    def __init__(self, path: Path, text: str) -> None:
        super().__init__(f"fake_kfp: {path}: {text}")


class Tape:
    """A cassette that is being written. Any thread may add. Raises BadCassette for a file that is there already."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._clock = Clock()
        self._count = 0
        try:
            self._file = path.open("x", encoding="utf-8")
        except FileExistsError:
            raise BadCassette(
                path,
                "there is such a file, and a cassette is never written over: remove it, or record elsewhere",
            ) from None
        except OSError as error:
            raise BadCassette(path, error.strerror or str(error)) from None
        self._write({"fake_kfp": {"cassette": FORMAT}})

    def add(self, request: Request, reply: Reply) -> None:
        """Writes an exchange down. What comes after the end of the recording is not."""
        with self._lock:
            if not self._file.closed:
                self._count += 1
                self._write(Exchange(self._count, self._clock.now().timestamp(), request, reply).line())

    def close(self) -> None:
        """Ends the recording."""
        with self._lock:
            self._file.close()

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()


def played(path: Path) -> list[Exchange]:
    """The exchanges of a cassette, in order. Raises BadCassette."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadCassette(path, getattr(error, "strerror", None) or "it is no text") from None
    if not lines or _read(path, 1, lines[0]).get("fake_kfp") != {"cassette": FORMAT}:
        raise BadCassette(path, f"it is no cassette of format {FORMAT}: its first line would say so")
    return [_exchange(path, number, line) for number, line in enumerate(lines[1:], 2) if line.strip()]


def _exchange(path: Path, number: int, line: str) -> Exchange:
    try:
        return exchange_of(_read(path, number, line))
    except BadLine as error:
        raise BadCassette(path, f"line {number}: {error}") from None


def _read(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise BadCassette(path, f"line {number} is no JSON object")
    return value
