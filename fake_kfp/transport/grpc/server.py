"""The gRPC door: a server on a socket, for clients and stubs of any make."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import TracebackType
from typing import Any, NoReturn

import grpc

from fake_kfp.api import descriptors
from fake_kfp.api.dispatch import Api, Method
from fake_kfp.api.exchange import Exchange
from fake_kfp.errors import KfpError
from fake_kfp.transport import rpc
from fake_kfp.transport.addresses import authority, cannot_listen, hold, listen
from fake_kfp.transport.grpc import health, reflection
from fake_kfp.transport.threads import DaemonPool
from fake_kfp.transport.worlds import api_of, no_other
from fake_kfp.versions import Dialect

# Unary calls are short and one at a time; what needs room are open reflection streams, and calls whose client has not sent all yet: each
# holds a thread. So there are as many as are needed, within a bound beyond which calls are refused, and one client cannot have all of them.
_WORKERS = 512
_STREAMS_PER_CLIENT = 128
_GRACE_SECONDS = 1.0


class GrpcServer:
    """Serves whatever ``current_api`` returns at the time of a call, so that a reset may put a new world behind an open port; or other
    handlers.

    ``world_api`` is asked instead for calls that name a world in their metadata, and raises KfpError where there is none of that name.

    ``port`` 0 picks a free one; ``target`` says which after :meth:`start`. A request of more than ``max_message_bytes`` is
    refused with RESOURCE_EXHAUSTED. Also a context manager.
    """

    def __init__(
        self,
        current_api: Callable[[], Api] | grpc.GenericRpcHandler,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        max_message_bytes: int = rpc.MAX_MESSAGE_BYTES,
        world_api: Callable[[str], Api] = no_other,
    ) -> None:
        self.host = host
        self.port = port
        if isinstance(current_api, grpc.GenericRpcHandler):
            self._handlers = current_api
        else:
            self._handlers = _Handlers(current_api, world_api)
        self._max_message_bytes = max_message_bytes
        self._running: tuple[grpc.Server, DaemonPool] | None = None
        self._held: socket.socket | None = None

    @property
    def target(self) -> str:
        """What clients connect to: ``127.0.0.1:43210``."""
        return authority(self.host, self.port)

    def start(self) -> None:
        """Listens. Raises OSError where the address cannot be had."""
        pool = DaemonPool(_WORKERS, "fake_kfp-grpc")
        executor: Any = pool  # typed as the standard library's pool, but any executor will do
        server = grpc.server(
            executor, handlers=[self._handlers], options=self._options(), maximum_concurrent_rpcs=_WORKERS
        )
        self.port = _listen(server, self.host, self.port)
        server.start()
        self._running = server, pool

    def stop(self) -> None:
        """Frees the port, gives open calls a second to end, and ends them. Does nothing on a server that is not running."""
        held, self._held = self._held, None
        if held is not None:
            held.close()
        self._pause()

    def _pause(self) -> None:
        if self._running is not None:
            server, pool = self._running
            self._running = None
            server.stop(grace=_GRACE_SECONDS).wait()
            pool.shutdown()

    def refuse(self) -> bool:
        """Stops it for a while; tells whether it was running."""
        if self._running is None:
            return False
        self._pause()
        self._held = hold(self.host, self.port)
        return True

    def accept(self) -> None:
        """Listens again after :meth:`refuse`, on the same port (OSError)."""
        held, self._held = self._held, None
        if held is not None:
            with held:
                self.start()

    def __enter__(self) -> GrpcServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _options(self) -> list[tuple[str, int]]:
        return [
            ("grpc.so_reuseport", 0),  # two servers must not share a port unnoticed
            ("grpc.max_receive_message_length", self._max_message_bytes),
            ("grpc.max_send_message_length", -1),
            ("grpc.max_concurrent_streams", _STREAMS_PER_CLIENT),
            ("grpc.max_metadata_size", 1 << 20),
            ("grpc.absolute_max_metadata_size", 1 << 20),
        ]


def _listen(server: grpc.Server, host: str, port: int) -> int:
    """Opens the port. gRPC tells little of why it can't, and tells it on stderr: a plain socket tries first."""
    if port:
        listen(host, port, "gRPC").close()
    try:
        found = server.add_insecure_port(authority(host, port))
    except RuntimeError as error:
        raise cannot_listen(host, port, "gRPC", str(error)) from None
    if found == 0:  # what gRPC before 1.60 says of a port that can't be had
        raise cannot_listen(host, port, "gRPC", "gRPC does not say why")
    return found


class _Handlers(grpc.GenericRpcHandler):
    """All that the server answers, by path; a path that it does not know is answered as grpc-go would."""

    def __init__(self, current_api: Callable[[], Api], world_api: Callable[[str], Api]) -> None:
        self._api_of = partial(api_of, usual=current_api, find=world_api)
        self._api: Mapping[str, grpc.RpcMethodHandler[Any, Any]] = {
            name: _unary(self._api_of, method, name) for name, method in _all_names().items()
        }
        self._protocols: Mapping[str, grpc.RpcMethodHandler[Any, Any]] = {
            **reflection.handlers(lambda: current_api().dialect),
            **health.handlers(),
        }

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[Any, Any]:
        path = handler_call_details.method
        try:
            api = self._api_of(handler_call_details.invocation_metadata or ())
        except KfpError as error:
            return _refusing(error)
        if path in rpc.served_methods(api.dialect):
            return self._api[path]
        return self._protocols.get(path) or self._unknown(handler_call_details, api)

    def _unknown(self, details: grpc.HandlerCallDetails, api: Api) -> grpc.RpcMethodHandler[Any, Any]:
        error = rpc.unknown_method(details.method, self._services(api.dialect))
        exchange = Exchange("gRPC", "", details.method, details.invocation_metadata or ())
        exchange.error = error
        api.watch.over(exchange)
        return _refusing(error)

    def _services(self, dialect: Dialect) -> frozenset[str]:
        return rpc.served_services(dialect) | {rpc.service_of(path) for path in self._protocols}


def _all_names() -> Mapping[str, Method]:
    """Every RPC under its present name and that before 2.0."""
    methods = descriptors.methods()
    return {old: methods[path] for old, path in descriptors.old_names().items()} | dict(methods)


def _unary(api_of_call: Callable[[Any], Api], method: Method, path: str) -> grpc.RpcMethodHandler[Any, Any]:
    def handle(request: bytes, context: grpc.ServicerContext) -> bytes:
        metadata: Any = context.invocation_metadata() or ()
        exchange = Exchange("gRPC", "", path, metadata, request)
        try:
            return rpc.answer(api_of_call(metadata), method, request, exchange)
        except KfpError as error:
            _refuse(context, _without_trace(error))

    return grpc.unary_unary_rpc_method_handler(handle)


def _without_trace(error: KfpError) -> KfpError:
    """An error that holds no frames: a call whose frames something holds, as a journal does its errors, counts as one of its client's
    open streams."""
    error.__context__ = error.__cause__ = None
    return error.with_traceback(None)


def _refusing(error: KfpError) -> grpc.RpcMethodHandler[Any, Any]:
    """Answers a call of any kind, whatever it sends, with one error."""

    def handle(requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        _refuse(context, error)

    return grpc.stream_stream_rpc_method_handler(handle)


def _refuse(context: grpc.ServicerContext, error: KfpError) -> NoReturn:
    context.set_trailing_metadata(rpc.trailers(error))
    context.abort(rpc.grpc_code(error), error.message)
