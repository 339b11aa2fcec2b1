"""The second client of a fuzzed server: it asks for next to nothing all the time, and notices when it has to wait."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import TracebackType

from fake_kfp.conformance.server.doors import RestDoor
from tests.fuzz.server import FuzzedServer

PAUSE = 0.01
"""Seconds between an answer and the next question."""

LONGEST_WAIT = 1.0
"""Seconds of the server's own work for which nobody may have to wait."""

STUCK = 120.0
"""Seconds after which a wait is a hang even if the server did nothing meanwhile, as where a lock is never let go."""

MOST_SHOWN = 1_000
"""So many characters of an input are told."""

_ASKED = ("/apis/v1beta1/healthz", "/apis/v1beta1/runs/nobody")
"""One that needs no world, and one that reads it."""


def is_hang(waited: float, worked: float) -> bool:
    """Whether a wait is the server's: it worked all the while, or nothing at all came for very long.

    ``worked`` is the CPU time that it used meanwhile. A wait in which it hardly got to run is the machine's.
    """
    return min(waited, worked) > LONGEST_WAIT or waited > STUCK


class Neighbour:
    """Asks from entering to leaving; ``hangs`` says how long it waited and what was being sent, ``longest`` is the longest wait."""

    def __init__(self, server: FuzzedServer) -> None:
        self.hangs: list[str] = []
        self.longest = 0.0
        self.asked = 0
        self._server = server
        self._door = RestDoor(server.url)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self) -> Neighbour:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self._door.close()

    def _ask(self) -> None:
        while not self._over.wait(PAUSE):
            asked = _ASKED[self.asked % len(_ASKED)]
            under_way, worked, start = self._server.under_way, self._worked(), time.perf_counter()
            answer = self._answer(asked)
            waited = time.perf_counter() - start
            self.asked += 1
            self.longest = max(self.longest, waited)
            if not answer or is_hang(waited, self._worked() - worked):
                sent = sorted({under_way[:MOST_SHOWN], self._server.under_way[:MOST_SHOWN]})
                self.hangs.append(
                    f"{waited:.1f} s for {asked} (answered: {answer}) while this was sent: {' or '.join(sent)}"
                )

    def _answer(self, path: str) -> bool:
        try:
            return self._door.exchange("GET", path)[0] < 500
        except Exception:  # a server that has ended, or takes longer than the connection waits
            return False

    def _worked(self) -> float:
        """The CPU seconds of the server so far; where the system does not tell, the clock's, so that every wait counts as its own."""
        try:
            fields = Path(f"/proc/{self._server.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return time.perf_counter()
        return (int(fields[11]) + int(fields[12])) / 100
