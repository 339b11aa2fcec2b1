"""The in-process door for asyncio: a ``grpc.aio.Channel`` without sockets.

Its calls are those of :class:`~fake_kfp.transport.in_process.channel.InProcessChannel`, each in a thread of the loop's own executor:
another thread may be in the world at that moment, and the loop shall not wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from types import TracebackType
from typing import Any, NamedTuple, NoReturn

import grpc
import grpc.aio

from fake_kfp.errors import Code, KfpError
from fake_kfp.transport import rpc
from fake_kfp.transport.in_process.channel import InProcessChannel, stream_refusal

_Serializer = Callable[[Any], bytes] | None
_Deserializer = Callable[[bytes], Any] | None


class InProcessAioChannel(grpc.aio.Channel):
    """Unary calls through ``channel``, to be awaited. Streams are refused: use the server's port for those."""

    def __init__(self, channel: InProcessChannel) -> None:
        self._channel = channel
        self._closed = asyncio.Event()

    def unary_unary(
        self,
        method: str,
        request_serializer: _Serializer = None,
        response_deserializer: _Deserializer = None,
        _registered_method: bool | None = False,
    ) -> grpc.aio.UnaryUnaryMultiCallable[Any, Any]:
        """A callable for a unary RPC; a method that does not exist is refused when its call is awaited."""
        return _UnaryUnary(self, method, request_serializer, response_deserializer)

    def unary_stream(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """A callable that refuses."""
        return _refusing(method)

    def stream_unary(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """A callable that refuses."""
        return _refusing(method)

    def stream_stream(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """A callable that refuses."""
        return _refusing(method)

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:
        """Ready until it is closed."""
        closed = self._closed.is_set()
        return grpc.ChannelConnectivity.SHUTDOWN if closed else grpc.ChannelConnectivity.READY

    async def wait_for_state_change(self, last_observed_state: grpc.ChannelConnectivity) -> None:
        """Returns once the state is another one: when the channel is closed."""
        if self.get_state() is last_observed_state:
            await self._closed.wait()

    async def channel_ready(self) -> None:
        """Returns at once."""

    async def close(self, grace: float | None = None) -> None:
        """Later calls raise UsageError, as on any closed channel."""
        self._closed.set()

    async def __aenter__(self) -> InProcessAioChannel:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def sends(self, path: str, request: bytes, metadata: Any, timeout: float | None) -> bytes:
        """One call on serialised messages, in whichever thread. Raises :class:`KfpError` for a refusal."""
        return self._channel.exchange(path, request, metadata, timeout)

    def check_open(self) -> None:
        """Raises UsageError where it is closed."""
        if self._closed.is_set():
            raise grpc.aio.UsageError("Channel is closed.")


def _refusing(method: str) -> Callable[..., NoReturn]:
    def refuse(*args: Any, **kwargs: Any) -> NoReturn:
        raise _rpc_error(stream_refusal(method))

    return refuse


class _UnaryUnary(grpc.aio.UnaryUnaryMultiCallable[Any, Any]):
    """One RPC of a stub. ``credentials``, ``wait_for_ready`` and ``compression`` mean nothing without a wire."""

    def __init__(
        self, channel: InProcessAioChannel, path: str, serializer: _Serializer, deserializer: _Deserializer
    ) -> None:
        self._channel = channel
        self._path = path
        self._serialize = serializer or bytes
        self._deserialize = deserializer or bytes

    def __call__(
        self,
        request: Any,
        *,
        timeout: float | None = None,
        metadata: Any = None,
        credentials: Any = None,
        wait_for_ready: bool | None = None,
        compression: Any = None,
    ) -> grpc.aio.UnaryUnaryCall[Any, Any]:
        self._channel.check_open()
        sent = self._serialize(request)

        def work() -> _Ended:
            try:
                reply = self._channel.sends(self._path, sent, metadata, timeout)
            except KfpError as error:
                return _Ended(None, error)
            return _Ended(self._deserialize(reply), None)

        return _Call(asyncio.get_running_loop().run_in_executor(None, work))


class _Ended(NamedTuple):
    """What came of a call."""

    reply: Any
    error: KfpError | None


_CANCELLED = _Ended(None, KfpError(Code.CANCELLED, "Locally cancelled by application!", None))


class _Call(grpc.aio.UnaryUnaryCall[Any, Any]):
    """A call that is under way, or over. Whoever cancels it learns nothing more of it; the world may have changed all the same."""

    def __init__(self, ended: asyncio.Future[_Ended]) -> None:
        self._ended = ended

    def __await__(self) -> Generator[Any, None, Any]:
        ended = yield from self._ended.__await__()
        if ended.error is not None:
            raise _rpc_error(ended.error)
        return ended.reply

    async def _outcome(self) -> _Ended:
        try:
            return await asyncio.shield(self._ended)
        except asyncio.CancelledError:
            if not self._ended.cancelled():
                raise  # it is whoever waits that was cancelled
            return _CANCELLED

    async def code(self) -> grpc.StatusCode:
        error = (await self._outcome()).error
        return grpc.StatusCode.OK if error is None else rpc.grpc_code(error)

    async def details(self) -> str:
        error = (await self._outcome()).error
        return "" if error is None else error.message

    async def initial_metadata(self) -> grpc.aio.Metadata:
        return grpc.aio.Metadata()

    async def trailing_metadata(self) -> grpc.aio.Metadata:
        error = (await self._outcome()).error
        return grpc.aio.Metadata() if error is None else grpc.aio.Metadata(*rpc.trailers(error))

    async def wait_for_connection(self) -> None:
        """Returns at once."""

    def cancelled(self) -> bool:
        return self._ended.cancelled()

    def done(self) -> bool:
        return self._ended.done()

    def cancel(self) -> bool:
        return self._ended.cancel()

    def time_remaining(self) -> float | None:
        """None: a deadline is looked at by the call itself."""
        return None

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        self._ended.add_done_callback(lambda _: callback(self))


def _rpc_error(error: KfpError) -> grpc.aio.AioRpcError:
    trailing = grpc.aio.Metadata(*rpc.trailers(error))
    return grpc.aio.AioRpcError(rpc.grpc_code(error), grpc.aio.Metadata(), trailing, error.message)
