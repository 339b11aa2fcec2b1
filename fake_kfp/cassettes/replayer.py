"""The server that answers from a cassette."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from fake_kfp.cassettes.doors import Doors, Headers
from fake_kfp.cassettes.exchanges import Reply, Request
from fake_kfp.cassettes.player import NotRecorded, Player
from fake_kfp.cassettes.tape import played
from fake_kfp.errors import Code, KfpError
from fake_kfp.store.clock import Clock


class Replayer(Doors):
    """Answers as the recorded server did: ``with Replayer("nightly.jsonl") as server: server.url``.

    Times in answers are moved as far as it is later now, unless ``exact_times``. Raises :class:`~fake_kfp.cassettes.tape.BadCassette`.
    """

    def __init__(self, cassette: str | Path, *, exact_times: bool = False, **ports: Any) -> None:
        super().__init__(**ports)
        exchanges = played(Path(cassette))
        later = 0.0 if exact_times or not exchanges else Clock().now().timestamp() - exchanges[0].at
        self._player = Player(exchanges, timedelta(seconds=int(later)))

    def answer(self, request: Request, headers: Headers) -> Reply:
        """Answers from the cassette."""
        try:
            return self._player.answer(request)
        except NotRecorded as error:
            raise KfpError(Code.UNIMPLEMENTED, str(error), None) from None

    def control(self, call: str) -> dict[str, Any] | None:
        """``POST reset`` and ``GET cassette``."""
        if call == "POST reset":
            self._player.rewind()
            return {}
        exchanges, given = self._player.counts
        return {"exchanges": exchanges, "answered": given} if call == "GET cassette" else None
