"""The proxy that writes down what client and server say to each other."""

from __future__ import annotations

import http.client
import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import grpc

from fake_kfp.api.status import STATUS_DETAILS
from fake_kfp.cassettes.doors import Doors, Headers, stream_refusal
from fake_kfp.cassettes.exchanges import KEPT_HEADERS, Reply, Request
from fake_kfp.cassettes.tape import Tape
from fake_kfp.errors import Code, KfpError
from fake_kfp.upstream.connections import SECONDS
from fake_kfp.upstream.installation import BadUpstream, Installation, explained

_NOT_PASSED_ON = frozenset(
    "accept-encoding connection content-length expect host keep-alive origin proxy-authenticate proxy-authorization"
    " proxy-connection te trailer transfer-encoding upgrade".split()
)
"""What concerns one connection alone, or would make the answer unreadable."""
_SECRET_OR_OWN = frozenset(
    {"content-type", "content-length", "connection", "keep-alive", "transfer-encoding", "date", "server"}
)


class Recorder(Doors):
    """Passes calls on to an installation and writes them down: ``with Recorder("nightly.jsonl", "https://kfp.example.com") as proxy``.

    ``upstream_grpc`` is its gRPC side, ``HOST:PORT``, or ``https://HOST:PORT`` with TLS; without it there is none here either.
    Raises :class:`~fake_kfp.cassettes.tape.BadCassette` and :class:`~fake_kfp.upstream.installation.BadUpstream`.
    """

    def __init__(
        self,
        cassette: str | Path,
        upstream: str | Installation,
        upstream_grpc: str | None = None,
        **ports: Any,
    ) -> None:
        if not _is_loopback(ports.get("host", "127.0.0.1")):
            raise BadUpstream(
                "a proxy listens on loopback alone: whoever reaches it is passed on to the server"
            )
        self._upstream = upstream if isinstance(upstream, Installation) else Installation(upstream)
        super().__init__(**ports, with_grpc=upstream_grpc is not None)
        self._channel = None if upstream_grpc is None else self._upstream.channel(upstream_grpc)
        self._tape = Tape(Path(cassette))

    def stop(self) -> None:
        """Closes the doors, and ends the recording."""
        super().stop()
        self._tape.close()
        if self._channel is not None:
            self._channel.close()

    def answer(self, request: Request, headers: Headers) -> Reply:
        """What the upstream answers, with the headers that clients are told; written down without those."""
        if not request.verb:
            return self._call(request, headers)
        reply = self._ask(request, headers)
        kept = {name: value for name, value in reply.headers.items() if name.title() in KEPT_HEADERS}
        self._tape.add(request, Reply(reply.status, reply.body, reply.type, kept))
        return reply

    def _ask(self, request: Request, headers: Headers) -> Reply:
        try:
            connection = self._upstream.connection()
            try:
                passed_on = _passed_on(headers, self._upstream.headers)
                connection.request(
                    request.verb, self._upstream.path + request.path, request.body or None, passed_on
                )
                response = connection.getresponse()
                body = response.read()
            finally:
                connection.close()
        except (OSError, http.client.HTTPException, ValueError) as error:
            text = f"fake_kfp: {self._upstream.url} does not answer: {explained(error)}"
            raise KfpError(Code.UNAVAILABLE, text, None) from None
        others = {name: value for name, value in response.getheaders() if name.lower() not in _SECRET_OR_OWN}
        return Reply(response.status, body, response.headers.get("Content-Type", ""), others)

    def _call(self, request: Request, metadata: Headers) -> Reply:
        assert self._channel is not None  # without it there is no door
        call: Any = self._channel.unary_stream(request.path)  # of unary ones there is just one answer
        own = {name: value for name, value in metadata.items() if _is_clients(name)}
        mine = {name.lower(): (value,) for name, value in self._upstream.headers.items()}
        pairs = [(name, value) for name, values in {**mine, **own}.items() for value in values]
        try:
            answers = call(request.body, metadata=pairs, timeout=SECONDS)
            reply = Reply(0, next(answers, b""))
            if next(answers, None) is not None:
                answers.cancel()
                raise stream_refusal(request.path)
        except grpc.RpcError as error:
            reply = _refusal(error)
            if reply.status == Code.UNAVAILABLE and not reply.trailer:
                return reply  # nobody was there who could have said it
        self._tape.add(request, reply)
        return reply


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refusal(error: Any) -> Reply:
    trailers = dict(error.trailing_metadata() or ())
    return Reply(
        error.code().value[0], details=error.details() or "", trailer=trailers.get(STATUS_DETAILS, b"")
    )


def _is_clients(name: str) -> bool:
    return not name.startswith((":", "grpc-")) and name not in ("user-agent", "content-type", "te")


def _passed_on(headers: Headers, own: Mapping[str, str]) -> dict[str, str]:
    """A client's headers, and those that the proxy was given where the client has none of that name."""
    passed = {name: ", ".join(values) for name, values in headers.items() if name not in _NOT_PASSED_ON}
    return {**{name: value for name, value in own.items() if name.lower() not in passed}, **passed}
