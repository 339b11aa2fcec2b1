"""Calls of the in-process channel, seen from the client: done before anybody can look at them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import grpc

from fake_kfp.errors import KfpError
from fake_kfp.transport import rpc


# grpc.Future takes a type argument in its stubs alone, not when the program runs.
class FinishedCall(grpc.Call, grpc.Future):  # type: ignore[type-arg]
    """A call that was answered: both faces that gRPC gives a call, with nothing left to wait for or to cancel."""

    def __init__(self, reply: Any) -> None:
        self._reply = reply

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.OK

    def details(self) -> str:
        return ""

    def initial_metadata(self) -> rpc.Metadata:
        return ()

    def trailing_metadata(self) -> rpc.Metadata:
        return ()

    def result(self, timeout: float | None = None) -> Any:
        return self._reply

    def exception(self, timeout: float | None = None) -> Exception | None:
        return None

    def traceback(self, timeout: float | None = None) -> Any:
        return None

    def is_active(self) -> bool:
        return False

    # None is what a call without a deadline has (grpc.RpcContext), though the stubs know floats only
    def time_remaining(self) -> float | None:  # type: ignore[override]
        return None

    def cancel(self) -> bool:
        return False

    def cancelled(self) -> bool:
        return False

    def running(self) -> bool:
        return False

    def done(self) -> bool:
        return True

    def add_callback(self, callback: Callable[[], None]) -> bool:
        return False

    def add_done_callback(self, fn: Callable[[Any], None]) -> None:
        fn(self)


class FailedCall(grpc.RpcError, FinishedCall):
    """A call that was refused; raised, or returned by ``future()`` and raised by its ``result()``."""

    def __init__(self, error: KfpError) -> None:
        super().__init__(error.message)
        self._error = error

    def code(self) -> grpc.StatusCode:
        return rpc.grpc_code(self._error)

    def details(self) -> str:
        return self._error.message

    def debug_error_string(self) -> str:
        """Where a real channel describes its transport."""
        return f"in-process call refused with {self.code().name}"

    # grpc.RpcError, the other base, has no such method when the program runs; its stubs give it one with pairs of another type
    def trailing_metadata(self) -> rpc.Metadata:  # type: ignore[override]
        return rpc.trailers(self._error)

    def result(self, timeout: float | None = None) -> NoReturn:
        raise self

    def exception(self, timeout: float | None = None) -> Exception:
        return self

    def traceback(self, timeout: float | None = None) -> Any:
        return self.__traceback__

    def __str__(self) -> str:
        return f"<in-process call refused with {self.code().name}: {self.details()}>"
