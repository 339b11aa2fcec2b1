"""The server that is fuzzed: a fake in a process of its own, so that a crash is a crash and its memory is its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import Request, urlopen

from fake_kfp.strategies.requests import Known

OWN_FAULT = "failed inside the fake itself"
"""What the text of an answer says where the fake stumbled."""

_LIMIT = 600
"""Seconds after which a server that should have answered counts as stuck."""

_ENVIRONMENT = {**os.environ, "GRPC_VERBOSITY": "NONE"}
"""gRPC's own library would print what it thinks of the connections of odd clients."""

_FURNITURE: dict[str, dict[str, Any]] = {
    "experiment": {"name": "e"},
    "pipeline": {"name": "p"},
    "version": {"name": "v", "pipeline": "p"},
    "job": {"name": "j", "experiment": "e", "cron": "0 0 * * * *", "enabled": False},
    "run": {"name": "r", "experiment": "e"},
}


class FuzzedServer:
    """A running ``fake-kfp serve``: ``url`` is its REST side, ``target`` its gRPC side, ``under_way`` what is being sent to it."""

    def __init__(self, url: str, target: str, process: subprocess.Popen[str]) -> None:
        self.url = url
        self.target = target
        self.pid = process.pid
        self.under_way = "nothing yet"
        self._process = process

    def reset(self, **options: Any) -> None:
        """An empty world again."""
        self._control("reset", options)

    def furnish(self, **options: Any) -> Known:
        """A new world with one of each kind in it; gives their ids."""
        self.reset(**options)
        return Known(**{kind: self._control(f"{kind}s", fields)["id"] for kind, fields in _FURNITURE.items()})

    def _control(self, call: str, fields: dict[str, Any]) -> Any:
        self.under_way = f"a control call, {call}"
        request = Request(f"{self.url}/_fake_kfp/{call}", json.dumps(fields).encode())
        with urlopen(request, timeout=_LIMIT) as reply:
            return json.loads(reply.read())

    def kill(self) -> None:
        """Ends the process at once."""
        self._process.kill()
        self._process.wait()

    def memory(self) -> int:
        """The memory that the process holds now, in KB. Raises CalledProcessError where it has ended."""
        shown = subprocess.check_output(["ps", "-o", "rss=", "-p", str(self._process.pid)], text=True)
        return int(shown)


@contextmanager
def fuzzed_server() -> Iterator[FuzzedServer]:
    """Starts a server and ends it again; a server that ended by itself, or printed a traceback, is an AssertionError."""
    with TemporaryDirectory() as place:
        ready = Path(place, "ready.json")
        line = [sys.executable, "-m", "fake_kfp", "serve", "--http-port=0", "--grpc-port=0", "--ready-file"]
        with subprocess.Popen(
            [*line, str(ready)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=_ENVIRONMENT
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()  # the greeting, which comes before the ready file
            while not ready.exists() and process.poll() is None:
                pass
            said = json.loads(ready.read_text())
            try:
                yield FuzzedServer(said["http"], said["grpc"], process)
                assert process.poll() is None, f"the server has ended with {process.returncode}"
            finally:
                process.terminate()
                printed = process.communicate(timeout=_LIMIT)[0]
        assert printed == "", f"the server has printed {printed}"
