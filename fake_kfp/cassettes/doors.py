"""The two doors of a proxy: REST and gRPC, with one function behind them that answers."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, TypeVar

import grpc

from fake_kfp.api.status import STATUS_DETAILS
from fake_kfp.cassettes.exchanges import Reply, Request
from fake_kfp.errors import Code, KfpError
from fake_kfp.transport.addresses import authority
from fake_kfp.transport.grpc.server import GrpcServer
from fake_kfp.transport.http.gateway.gateway import error_response
from fake_kfp.transport.http.gateway.visitors import Visitors
from fake_kfp.transport.http.wire.message import JSON, HttpRequest, HttpResponse
from fake_kfp.transport.http.wire.server import HttpServer

Self = TypeVar("Self", bound="Doors")
Headers = Mapping[str, tuple[Any, ...]]
_CONTROL = "/_fake_kfp/"
_LOG = logging.getLogger(__name__)
_CODES = {code.value[0]: code for code in grpc.StatusCode}


class Doors:
    """Opens on loopback. A request by a foreign name, or of a foreign page, is refused.

    :meth:`answer` is given a request and its headers (over gRPC: metadata); what it raises as KfpError is a refusal.
    :meth:`control` answers ``METHOD /_fake_kfp/...``, or says with None that there is nothing.
    """

    def __init__(
        self, *, host: str = "127.0.0.1", http_port: int = 0, grpc_port: int = 0, with_grpc: bool = True
    ) -> None:
        self._host = host
        self._visitors = Visitors(host)
        self._http = HttpServer(self, host=host, port=http_port)
        self._grpc = GrpcServer(_Calls(self), host=host, port=grpc_port) if with_grpc else None

    def answer(self, request: Request, headers: Headers) -> Reply:
        """Answers a call. Raises KfpError."""
        raise NotImplementedError

    def control(self, call: str) -> dict[str, Any] | None:
        """Answers a control call, ``POST reset``; None where there is no such call."""
        return None

    def start(self: Self) -> Self:
        """Opens the doors; raises OSError where a port is taken."""
        self._http.start()
        if self._grpc is not None:
            try:
                self._grpc.start()
            except BaseException:
                self._http.stop()
                raise
        return self

    def stop(self) -> None:
        """Closes them."""
        self._http.stop()
        if self._grpc is not None:
            self._grpc.stop()

    def __enter__(self: Self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where the REST side answers."""
        return f"http://{authority(*self._http.address)}"

    @property
    def target(self) -> str | None:
        """Where the gRPC side answers, if there is one."""
        return None if self._grpc is None else self._grpc.target

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answers over REST. Never raises."""
        try:
            self._visitors.check(request)
            path = request.target.partition("?")[0]
            if path.startswith(_CONTROL):
                return self._controlled(f"{request.method} {path[len(_CONTROL) :]}")
            reply = self.answer(
                Request(request.method, request.target, request.body, request.header("content-type")),
                request.headers,
            )
            return HttpResponse(reply.status, reply.body, reply.type, tuple(reply.headers.items()))
        except KfpError as error:
            return error_response(error)
        except Exception as error:
            _LOG.exception("%s %s failed", request.method, request.target)
            return error_response(KfpError(Code.INTERNAL, f"fake_kfp: the proxy failed: {error!r}", None))

    def _controlled(self, call: str) -> HttpResponse:
        said = self.control(call)
        if said is None:
            text = f"there is no control call {call} of a cassette"
            return HttpResponse(404, json.dumps({"error": text}).encode(), JSON)
        return HttpResponse(200, json.dumps(said).encode(), JSON)


def stream_refusal(path: str) -> KfpError:
    """What is said of streams: a cassette holds calls of one request and one answer."""
    text = f"fake_kfp: {path} is a stream, which a cassette does not hold: there are unary RPCs in it, and reflection"
    return KfpError(Code.UNIMPLEMENTED, text, None)


_REFLECTION = ".ServerReflection/ServerReflectionInfo"
"""The end of the paths of a stream in which each request has its one answer; so it is taken message by message."""
_WATCH = "/grpc.health.v1.Health/Watch"
"""A stream that ends with its client."""


class _Calls(grpc.GenericRpcHandler):
    """Every RPC there may be; streams are refused, but for reflection."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[Any, Any]:
        path = handler_call_details.method

        def handle(messages: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
            metadata = {key: (value,) for key, value in context.invocation_metadata() or ()}
            for number, message in enumerate(messages):
                try:
                    if path == _WATCH or (number and not path.endswith(_REFLECTION)):
                        raise stream_refusal(path)
                    reply = self._doors.answer(Request("", path, message), metadata)
                except KfpError as error:
                    reply = Reply(int(error.code), details=error.message)
                if reply.status:
                    if reply.trailer:
                        context.set_trailing_metadata(((STATUS_DETAILS, reply.trailer),))
                    context.abort(_CODES[reply.status], reply.details)
                yield reply.body

        return grpc.stream_stream_rpc_method_handler(handle)
