"""The in-process door: a ``grpc.Channel`` whose unary calls run in the caller's own thread, without sockets.

Stubs of any make work over it: messages pass as bytes through the stub's own serialisers, and refusals are raised as the
``grpc.RpcError`` that a real channel would raise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, NoReturn

import grpc

from fake_kfp.api.dispatch import Api
from fake_kfp.api.exchange import Exchange
from fake_kfp.errors import Code, KfpError
from fake_kfp.transport import rpc
from fake_kfp.transport.in_process.finished_call import FailedCall, FinishedCall

_Serializer = Callable[[Any], bytes] | None
_Deserializer = Callable[[bytes], Any] | None
_METADATA_KEY = re.compile(r"[0-9a-z_.-]+")


class InProcessChannel(grpc.Channel):
    """Calls whatever ``current_api`` returns for a call's metadata at that time. Streams are refused: use the server's port for those."""

    def __init__(self, current_api: Callable[[Sequence[tuple[str, str | bytes]]], Api]) -> None:
        self._current_api = current_api
        self._closed = False

    def unary_unary(
        self,
        method: str,
        request_serializer: _Serializer = None,
        response_deserializer: _Deserializer = None,
        _registered_method: bool = False,
    ) -> grpc.UnaryUnaryMultiCallable[Any, Any]:
        """A callable for a unary RPC; a method that does not exist is refused when it is called."""
        return _UnaryUnary(self, method, request_serializer, response_deserializer)

    def unary_stream(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """A callable that refuses."""
        return _refusing_stream(method)

    def stream_unary(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """A callable that refuses."""
        return _refusing_stream(method)

    def stream_stream(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """A callable that refuses."""
        return _refusing_stream(method)

    def subscribe(
        self, callback: Callable[[grpc.ChannelConnectivity], None], try_to_connect: bool | None = False
    ) -> None:
        """Tells ``callback`` at once that the channel is ready, which it stays."""
        callback(grpc.ChannelConnectivity.READY)

    def unsubscribe(self, callback: Callable[[grpc.ChannelConnectivity], None]) -> None:
        """Nothing to do: after the first word there is no other."""

    def close(self) -> None:
        """Later calls raise ValueError, as on any closed channel."""
        self._closed = True

    def __enter__(self) -> InProcessChannel:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def exchange(self, path: str, request: bytes, metadata: Any, timeout: float | None) -> bytes:
        """One call on serialised messages. Raises :class:`KfpError` for a refusal, ValueError for misuse."""
        if self._closed:
            raise ValueError("Cannot invoke RPC on closed channel!")
        sent = _checked(metadata)
        if timeout is not None and timeout <= 0:
            raise KfpError(Code.DEADLINE_EXCEEDED, "Deadline Exceeded", None)
        if len(request) > rpc.MAX_MESSAGE_BYTES:
            text = f"fake_kfp: received message larger than max ({len(request)} vs. {rpc.MAX_MESSAGE_BYTES})"
            raise KfpError(Code.RESOURCE_EXHAUSTED, text, None)
        api = self._current_api(sent)
        exchange = Exchange("in process", "", path, sent, request)
        exchange.timeout = timeout
        return rpc.answer(api, rpc.served_methods(api.dialect).get(path), request, exchange)


def _checked(metadata: Any) -> Sequence[tuple[str, str | bytes]]:
    """Metadata as a real channel takes it: lower-case keys, bytes under keys that end in ``-bin``."""
    if not metadata:
        return ()
    sent = tuple(metadata)
    for key, value in sent:
        if not _METADATA_KEY.fullmatch(key) or (isinstance(value, bytes) and not key.endswith("-bin")):
            raise ValueError(f"metadata was invalid: {sent}")
    return sent


def stream_refusal(method: str) -> KfpError:
    """What is said of a stream."""
    text = f"fake_kfp: {method} is a stream, which the in-process channel does not carry. Use the server's gRPC port."
    return KfpError(Code.UNIMPLEMENTED, text, None)


def _refusing_stream(method: str) -> Callable[..., NoReturn]:
    def refuse(*args: Any, **kwargs: Any) -> NoReturn:
        raise FailedCall(stream_refusal(method))

    return refuse


# grpc's classes take type arguments in their stubs alone, not when the program runs.
class _UnaryUnary(grpc.UnaryUnaryMultiCallable):  # type: ignore[type-arg]
    """One RPC of a stub. ``credentials``, ``wait_for_ready`` and ``compression`` mean nothing without a wire."""

    def __init__(
        self, channel: InProcessChannel, path: str, serializer: _Serializer, deserializer: _Deserializer
    ) -> None:
        self._channel = channel
        self._path = path
        self._serialize = serializer or _unchanged
        self._deserialize = deserializer or _unchanged

    def __call__(
        self,
        request: Any,
        timeout: float | None = None,
        metadata: Any = None,
        credentials: Any = None,
        wait_for_ready: bool | None = None,
        compression: Any = None,
    ) -> Any:
        try:
            return self._reply(request, metadata, timeout)
        except KfpError as error:
            raise FailedCall(error) from None

    def with_call(
        self,
        request: Any,
        timeout: float | None = None,
        metadata: Any = None,
        credentials: Any = None,
        wait_for_ready: bool | None = None,
        compression: Any = None,
    ) -> tuple[Any, FinishedCall]:
        """The reply and the call that brought it."""
        reply = self(request, timeout, metadata)
        return reply, FinishedCall(reply)

    # the stubs have a type of their own for the result, which is a call and a future as this one is
    def future(  # type: ignore[override]
        self,
        request: Any,
        timeout: float | None = None,
        metadata: Any = None,
        credentials: Any = None,
        wait_for_ready: bool | None = None,
        compression: Any = None,
    ) -> FinishedCall:
        """A call that is done by the time it is returned."""
        try:
            return FinishedCall(self._reply(request, metadata, timeout))
        except KfpError as error:
            return FailedCall(error)

    def _reply(self, request: Any, metadata: Any, timeout: float | None) -> Any:
        reply = self._channel.exchange(self._path, self._serialize(request), metadata, timeout)
        try:
            return self._deserialize(reply)
        except Exception:
            raise KfpError(Code.INTERNAL, "Exception deserializing response!", None) from None


def _unchanged(data: Any) -> Any:
    return data
