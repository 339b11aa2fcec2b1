"""The journal: every call of a client, kept as it is and made readable only when somebody reads it."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from itertools import count
from time import perf_counter
from typing import Any

from google.protobuf.message import Message

from fake_kfp import forks
from fake_kfp.api.descriptors import methods as _methods
from fake_kfp.api.exchange import Exchange, Transport
from fake_kfp.api.protojson import EncodeError, encode_text
from fake_kfp.api.replies import Encoded
from fake_kfp.control.matching import caller_of, headers_of, rpc_names
from fake_kfp.errors import Code, KfpError
from fake_kfp.services.auth.caller import Caller

MAX_CALLS = 10_000
MAX_BYTES = 64 << 20
"""What a journal holds at most: so many calls, and so many bytes of requests and replies as they were on the wire."""

Identify = Callable[[Caller], str]
"""Gives the name of a caller, empty where there is none."""


class Journal:
    """The latest calls, in the order in which they were answered. Any thread may write and read.

    Who writes waits for nobody: what it does to the deque and the numbers is one step each, and what is too much is let go now and then.
    """

    def __init__(self) -> None:
        self._lock = forks.Lock()
        self._kept = _Kept()

    def note(self, exchange: Exchange) -> None:
        """Keeps a call that is over. Every call pays for this: it keeps references, nothing is copied or rendered."""
        exchange.ended = perf_counter()
        kept = self._kept
        exchange.number = next(kept.numbers)
        kept.exchanges.append(exchange)
        kept.bytes += exchange.size
        if kept.bytes > MAX_BYTES:
            self._lighten(kept)

    def _lighten(self, kept: _Kept) -> None:
        """Weighs the calls, since the deque lets go of old ones untold, and lets the oldest go until there is room for some more."""
        with self._lock.held:
            kept.bytes = sum([exchange.size for exchange in kept.exchanges.copy()])
            while kept.exchanges and kept.bytes > MAX_BYTES * 7 // 8:
                oldest = kept.exchanges.popleft()
                kept.bytes -= oldest.size
                kept.gone = oldest.number

    def clear(self) -> None:
        """Forgets all calls."""
        self._kept = _Kept()

    def exchanges(self) -> tuple[tuple[Exchange, ...], int]:
        """The calls, and how many earlier ones were let go for want of room."""
        kept = self._kept
        exchanges = tuple(sorted(kept.exchanges.copy(), key=lambda exchange: exchange.number))
        return exchanges, exchanges[0].number - 1 if exchanges else kept.gone


class _Kept:
    """What is kept between two clearings: the calls, what numbers are left, about how many bytes they are, the last number let go."""

    __slots__ = ("bytes", "exchanges", "gone", "numbers")

    def __init__(self) -> None:
        self.exchanges: deque[Exchange] = deque(maxlen=MAX_CALLS)
        self.numbers = count(1)
        self.bytes = self.gone = 0


class Call:
    """A call that was made, to be looked at."""

    def __init__(self, exchange: Exchange, identify: Identify) -> None:
        self._exchange = exchange
        self._identify = identify

    @property
    def number(self) -> int:
        """Its place among all calls, from 1, in the order of their answers."""
        return self._exchange.number

    @property
    def transport(self) -> Transport:
        """The door: ``gRPC``, ``in process`` or ``REST``."""
        return self._exchange.transport

    @property
    def rpc(self) -> str:
        """The RPC's short name (``GetRunV1``), as it was called; empty for a place beside the RPCs, and one that there isn't."""
        names = rpc_names(self._exchange)
        return names[0] if names else ""

    @property
    def verb(self) -> str:
        """The HTTP method; empty at the other doors."""
        return self._exchange.verb

    @property
    def path(self) -> str:
        """The path with the query, or gRPC's name of the RPC."""
        return self._exchange.path

    @property
    def request(self) -> Any:
        """The request as JSON: an RPC's message by the names of the ``.proto`` files, from REST, too; a body else."""
        return _readable(self.message)

    @property
    def reply(self) -> Any:
        """The reply that the client was sent, as JSON; None where there was none: gRPC has no reply beside a refusal."""
        exchange = self._exchange
        if isinstance(exchange.reply, Encoded):
            return _readable(exchange.reply.message())
        if isinstance(exchange.reply, bytes) and exchange.transport != "REST" and exchange.spoil is None:
            return _readable(_methods()[exchange.rpc].output_class.FromString(exchange.reply))
        return _readable(exchange.reply)

    @property
    def message(self) -> Any:
        """The request itself: a message, or bytes where it did not get so far."""
        exchange = self._exchange
        if exchange.rpc and exchange.transport != "REST":
            return _methods()[exchange.rpc].parse(exchange.request)
        return exchange.request

    @property
    def status(self) -> str:
        """The name of the gRPC code, ``OK`` where all went well; of a place beside the RPCs also where HTTP's status is 400 or more."""
        error = self._exchange.error
        if error is None:
            return "OK" if self.http_status < 400 else "UNKNOWN"
        return error.code.name if isinstance(error, KfpError) else Code.INTERNAL.name

    @property
    def http_status(self) -> int:
        """The HTTP status; 0 at the other doors."""
        return self._exchange.status

    @property
    def error(self) -> str:
        """The text of the refusal; empty where there was none."""
        return "" if self._exchange.error is None else str(self._exchange.error)

    @property
    def seconds(self) -> float:
        """How long the call took, in real time."""
        return self._exchange.ended - self._exchange.started

    @property
    def identity(self) -> str:
        """Who called, by the identity header or a known token; empty where nobody can tell."""
        return self._identify(caller_of(self._exchange))

    @property
    def metadata(self) -> Mapping[str, tuple[Any, ...]]:
        """HTTP's headers or gRPC's metadata: all values by lower-case name."""
        return headers_of(self._exchange)

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        metadata = {name: [_readable(each) for each in values] for name, values in self.metadata.items()}
        names = "number transport rpc verb path status http_status error seconds identity request reply"
        return {**{name: getattr(self, name) for name in names.split()}, "metadata": metadata}

    def __repr__(self) -> str:
        """``#3 REST GET /apis/v1beta1/runs/x (GetRunV1): NOT_FOUND 404, ...``"""
        where = f"{self.verb} {self.path} ({self.rpc})" if self.rpc and self.verb else self.rpc
        how = f"{self.status} {self.http_status or ''}".rstrip()
        text = f"#{self.number} {self.transport} {where or f'{self.verb} {self.path}'.strip()}: {how}"
        return f"{text}, {self.error}" if self.error else text


def _readable(value: Any) -> Any:
    if isinstance(value, Message):
        try:
            return json.loads(encode_text(value))
        except (EncodeError, ValueError):  # it holds what has no JSON form: better some text than none
            return str(value)
    if not isinstance(value, bytes):
        return value
    text = value.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text
