"""Both sides of a fuzzed server, what they answered, and which answers there may be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from urllib.parse import quote

from fake_kfp.conformance.server import doors
from fake_kfp.conformance.server.doors import GrpcDoor, RestDoor
from fake_kfp.conformance.server.subject import rpc
from fake_kfp.upstream import connections
from fake_kfp.upstream.connections import grpc_channel
from tests.fuzz.server import OWN_FAULT, FuzzedServer

# what each answer means is the contract's business; that it is one of these is the fuzzer's
_CODES = frozenset(
    "OK INVALID_ARGUMENT NOT_FOUND ALREADY_EXISTS FAILED_PRECONDITION ABORTED INTERNAL UNIMPLEMENTED UNKNOWN"
    " UNAUTHENTICATED PERMISSION_DENIED RESOURCE_EXHAUSTED".split()
)
_STATUSES = frozenset({200, 301, 400, 401, 403, 404, 405, 409, 413, 414, 415, 422, 429, 431, 500, 501})
PATIENCE = 600
"""Seconds after which a client gives up. Whether the server is slow is for the second client to tell, who looks at what it worked."""

MOST_SHOWN = 3_000
"""So many characters of an input are told."""

_NO_PATH = re.compile(r"[^!-~]")


def be_patient(patch: Callable[[object, str, object], None] = setattr) -> None:
    """Lets all clients of this process wait so long: a crowded machine may let the server have a tenth of itself."""
    patch(connections, "SECONDS", PATIENCE)
    patch(doors, "SECONDS", PATIENCE)


class Doors:
    """Sends inputs and counts the ``answers``. Raises AssertionError, with the input, for one that must not be."""

    def __init__(self, server: FuzzedServer) -> None:
        self.answers: Counter[str] = Counter()
        self._server = server
        self._grpc = GrpcDoor(grpc_channel(server.target))
        self._rest = RestDoor(server.url)

    def __enter__(self) -> Doors:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._grpc.close()
        self._rest.close()

    def call(self, name: str, data: bytes) -> None:
        """An RPC with any bytes."""
        self._server.under_way = f"{name} {data!r}"
        with self._told():
            reply = self._grpc.send_bytes(rpc(name), data)
        self._note(reply.code, reply.code in _CODES, reply.message)

    def request(
        self, verb: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """A request with any path, body and headers; what no client could write is percent-encoded."""
        path = _NO_PATH.sub(lambda found: quote(found[0], errors="replace"), path)
        self._server.under_way = f"{verb} {path} {headers or ''} {body!r}"
        with self._told():
            status, content = self._rest.exchange(verb, path, body, headers)
        self._note(str(status), status in _STATUSES, content.decode(errors="replace"))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What keeps an answer from coming is told with the input."""
        try:
            yield
        except Exception as error:
            raise AssertionError(
                f"{self._server.under_way[:MOST_SHOWN]} is not answered: {error!r}"
            ) from error

    def _note(self, answer: str, allowed: bool, text: str) -> None:
        self.answers[answer] += 1
        assert allowed, f"{self._server.under_way[:MOST_SHOWN]} is answered {answer} {text}"
        assert OWN_FAULT not in text, f"{self._server.under_way[:MOST_SHOWN]}: {text}"
