"""One call as a door took it, and who may watch it go by: the test author's journal and faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any, Literal, Protocol

from fake_kfp.errors import Code, KfpError

Transport = Literal["gRPC", "in process", "REST"]
"""The doors, as test authors call them."""

Headers = Mapping[str, tuple[str, ...]] | Sequence[tuple[str, str | bytes]]
"""What came beside the request: HTTP headers by lower-case name, or gRPC's metadata as pairs."""


class Exchange:
    """One call, filled in while it goes through: every call has one, so it only keeps what is there anyway.

    ``path`` is gRPC's, or the target of an HTTP request; ``rpc`` the present path of the RPC, where there is one. ``request`` is
    bytes as on the wire, or the message that was made of a REST request; ``reply`` such bytes, or what they are put together of.
    ``status`` is HTTP's, 0 at the other doors. ``hidden`` calls are nobody's business.
    ``cut`` asks the door to send its reply in part, ``spoil`` to put its bytes through a function, ``drip`` to take so many real seconds.
    """

    # defaults on the class: most calls set none of these, and every call is made one of
    rpc = ""
    reply: Any = None
    error: Exception | None = None
    pending: Any = None
    timeout: float | None = None
    status = 0
    number = 0
    ended = 0.0
    cut = False
    spoil: Callable[[bytes], bytes] | None = None
    drip = 0.0
    hidden = False

    def __init__(
        self, transport: Transport, verb: str, path: str, headers: Headers, request: bytes = b""
    ) -> None:
        self.transport = transport
        self.verb = verb
        self.path = path
        self.headers = headers
        self.request: Any = request
        self.size = len(request)
        self.started = perf_counter()


class Disturbance(KfpError):
    """A call that something on its way went wrong with. ``answer`` is what HTTP clients get: status, body, headers; None: a reset.

    Code and message are what a gRPC client makes of it.
    """

    def __init__(
        self, code: Code, message: str, answer: tuple[int, bytes, tuple[tuple[str, str], ...]] | None = None
    ) -> None:
        super().__init__(code, message, None)
        self.answer = answer


class Watch(Protocol):
    """Sees every call."""

    def before(self, exchange: Exchange) -> None:
        """The call is about to have its effect. May raise :class:`~fake_kfp.errors.KfpError` in its stead."""

    def after(self, exchange: Exchange) -> None:
        """The call had its effect. May raise :class:`~fake_kfp.errors.KfpError` in place of the reply."""

    def over(self, exchange: Exchange) -> None:
        """The call was answered."""


class Unwatched:
    """Nobody looks."""

    def before(self, exchange: Exchange) -> None:
        """Nothing."""

    def after(self, exchange: Exchange) -> None:
        """Nothing."""

    def over(self, exchange: Exchange) -> None:
        """Nothing."""
