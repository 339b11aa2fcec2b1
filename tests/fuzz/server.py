"""The server that is fuzzed: a fake in a process of its own, so that a crash is a crash and its memory is its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import Request, urlopen

from hypothesis import HealthCheck, Phase, settings

OWN_FAULT = "failed inside the fake itself"
"""What the text of an answer says where the fake stumbled."""

_LIMIT = 60
"""Seconds after which a server that should have answered counts as stuck."""


class FuzzedServer:
    """A running ``fake-kfp serve``: ``url`` is its REST side, ``target`` its gRPC side, ``under_way`` what is being sent to it."""

    def __init__(self, url: str, target: str, process: subprocess.Popen[str]) -> None:
        self.url = url
        self.target = target
        self.pid = process.pid
        self.under_way = "nothing yet"
        self._process = process

    def reset(self) -> None:
        """An empty world again."""
        self.under_way = "a reset"
        with urlopen(Request(f"{self.url}/_fake_kfp/reset", b"{}"), timeout=_LIMIT) as reply:
            reply.read()

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
            [*line, str(ready)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
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


def quiet(examples: int) -> settings:
    """Examples only: nothing is shrunk, stored or timed."""
    return settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
