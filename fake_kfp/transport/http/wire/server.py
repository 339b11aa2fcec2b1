"""The HTTP door on a socket.

A thread for each connection and one that accepts them, with nothing between the socket and the gateway but
:mod:`~fake_kfp.transport.http.wire.connection`. Measured with client and server in one process: 105 µs a call over a kept connection, where
the standard library's ThreadingHTTPServer takes 160 µs; half a millisecond to start, as much to stop.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import struct
import sys
import threading
from collections.abc import Iterable
from typing import Protocol

from fake_kfp import forks
from fake_kfp.transport.addresses import hold, listen
from fake_kfp.transport.http.wire.connection import HungUp, Limits, Refused, RequestReader, response_bytes
from fake_kfp.transport.http.wire.message import PLAIN_TEXT, HttpRequest, HttpResponse

MAX_BODY_BYTES = Limits().body
"""The largest request body that is taken unless told otherwise."""

MAX_CONNECTIONS = 1000
"""How many connections are open at most: one more closes that which has been waiting for its client for longest."""

IDLE_SECONDS = 120.0
"""How long a connection waits for its client to send something, between requests or in the middle of one."""

_GRACE_SECONDS = 1.0
"""How long :meth:`HttpServer.stop` waits for calls under way."""

_TOO_MANY = HttpResponse(
    503,
    f"fake_kfp: {MAX_CONNECTIONS} connections are open, and a call is under way on each of them. Try again.".encode(),
    PLAIN_TEXT,
)

_BACKLOG = 128
_RECEIVE_BYTES = 1 << 16
_PASSING_TROUBLE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.ECONNABORTED})
"""Why a connection may not be had now, though another may be had later: mostly, too many are open."""
_BACK_OFF_SECONDS = 0.05
_RESET = struct.pack("ii", 1, 0)  # lingers for no time at all: closing says so to the other side
_LINGER_SECONDS = 1
_DROPS = 20
"""In so many pieces comes the body of a response that takes its time."""
_LINGER_BYTES = 256 << 20


class Handler(Protocol):
    """What answers requests; :class:`~fake_kfp.transport.http.gateway.gateway.Gateway` is one."""

    def handle(self, request: HttpRequest, /) -> HttpResponse:
        """Answers a request. Must not raise."""


class HttpServer:
    """Serves a handler over HTTP/1.1 between :meth:`start` and :meth:`stop`. Port 0 takes a free one."""

    def __init__(
        self,
        handler: Handler,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        max_body_bytes: int = MAX_BODY_BYTES,
        max_connections: int = MAX_CONNECTIONS,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._handler = handler
        self._wanted = (host, port)
        self._limits = Limits(body=max_body_bytes)
        self._max_connections = max_connections
        self._idle_seconds = idle_seconds
        self._listener: socket.socket | None = None
        self._acceptor: threading.Thread | None = None
        self._held: socket.socket | None = None
        """Its port, while connections are refused."""
        self._begin()
        forks.tell(self._begin)

    def _begin(self) -> None:
        """Without a connection; so in a forked child, too, whose parent answers on the port, and has the connections."""
        self._connections: set[socket.socket] = set()
        self._waiting: dict[socket.socket, None] = {}
        """Those of them that wait for their clients, longest first."""
        self._lock = threading.Lock()
        self._answered = threading.Condition(self._lock)
        self._stopping = threading.Event()

    @property
    def address(self) -> tuple[str, int]:
        """The host as given, and the port the server listens on (as given before it does)."""
        if self._listener is None:
            return self._wanted
        return self._wanted[0], self._listener.getsockname()[1]

    def start(self) -> None:
        """Listens. Raises OSError where the address cannot be had."""
        self._stopping.clear()
        self._listener = listen(*self._wanted, "REST", backlog=_BACKLOG)
        self._acceptor = threading.Thread(
            target=self._accept, args=(self._listener,), name="fake_kfp-http", daemon=True
        )
        self._acceptor.start()

    def stop(self) -> None:
        """Frees the port, gives calls under way a second to end, and closes all connections. Does nothing where none is running."""
        held, self._held = self._held, None
        if held is not None:
            held.close()
        if self._close():
            with self._lock:
                self._answered.wait_for(lambda: len(self._connections) <= len(self._waiting), _GRACE_SECONDS)
                _shut_down(self._connections)

    def refuse(self) -> bool:
        """Frees the port and closes all connections, those on which a call is under way once it is answered; whether it was open."""
        address = self.address
        if not self._close():
            return False
        self._wanted, self._held = address, hold(*address)
        return True

    def accept(self) -> None:
        """Listens again after :meth:`refuse`, on the same port (OSError)."""
        held, self._held = self._held, None
        if held is not None:
            with held:
                self.start()

    def _close(self) -> bool:
        """Frees the port and closes the connections that wait for their clients."""
        listener, acceptor = self._listener, self._acceptor
        if listener is None or acceptor is None:
            return False
        host, port = self.address
        self._listener = self._acceptor = None
        self._stopping.set()
        _wake(listener, host, port)
        acceptor.join()
        listener.close()
        with self._lock:
            _shut_down(self._waiting)
        return True

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError as error:
                if error.errno not in _PASSING_TROUBLE:
                    return
                self._stopping.wait(_BACK_OFF_SECONDS)
                continue
            if self._listener is not listener:
                connection.close()
                return
            if not self._admit(connection):
                continue
            name = "fake_kfp-http-connection"
            try:
                threading.Thread(target=self._serve, args=(connection,), name=name, daemon=True).start()
            except RuntimeError:  # no thread to be had: this client gets no answer, the next one may
                self._forget(connection)

    def _admit(self, connection: socket.socket) -> bool:
        """Makes room for a connection; False where there is none, since all others are being answered."""
        with self._lock:
            if len(self._connections) >= self._max_connections:
                longest = next(iter(self._waiting), None)
                if longest is None:
                    with contextlib.suppress(OSError), connection:
                        connection.sendall(response_bytes(_TOO_MANY, method="", close=True))
                    return False
                del self._waiting[longest]
                self._connections.discard(longest)
                _shut_down([longest])
            self._connections.add(connection)
            self._waiting[connection] = None
            return True

    def _serve(self, connection: socket.socket) -> None:
        """Answers the requests of one connection until either side has enough."""
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _wait_at_most(connection, self._idle_seconds)
            reader = RequestReader(lambda: connection.recv(_RECEIVE_BYTES), connection.sendall, self._limits)
            while self._exchange(connection, reader):
                pass
        except (OSError, HungUp):
            pass  # the client went away: nobody is left to be told
        finally:
            self._forget(connection)

    def _forget(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.discard(connection)
            self._waiting.pop(connection, None)
            self._answered.notify_all()
        connection.close()

    def _exchange(self, connection: socket.socket, reader: RequestReader) -> bool:
        """One request and its response; tells whether another may follow."""
        try:
            request = reader.read()
        except Refused as refused:
            connection.sendall(response_bytes(refused.response, method="", close=True))
            _linger(connection)
            return False
        if request is None:
            return False
        with self._lock:
            if connection not in self._waiting:  # it had to make room for another
                return False
            del self._waiting[connection]
        response = self._handler.handle(request)
        if response.hang_up:
            return False
        if response.reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            return False
        stopping = self._stopping.is_set()
        close = stopping or not reader.keep_alive or ("Connection", "close") in response.headers
        sent = response_bytes(response, method=request.method, close=close)
        if response.cut:
            sent = sent[: len(sent) - max(1, len(response.body) // 2)]
        self._send(connection, sent, len(response.body), response.drip)
        goes_on = not close and not response.cut
        if goes_on:
            with self._lock:
                if self._stopping.is_set():  # since it was answered: nobody else closes it any more
                    return False
                self._waiting[connection] = None
        return goes_on

    def _send(self, connection: socket.socket, sent: bytes, body: int, drip: float) -> None:
        """Sends a response; one that drips has its body sent in pieces."""
        if not drip:
            connection.sendall(sent)
            return
        head = len(sent) - min(body, len(sent))
        size = max(1, -(-(len(sent) - head) // _DROPS))
        connection.sendall(sent[:head])
        for place in range(_DROPS):
            self._stopping.wait(drip / _DROPS)
            connection.sendall(sent[head + place * size : head + (place + 1) * size])


def _wait_at_most(connection: socket.socket, seconds: float) -> None:
    """Bounds each wait for the other side. The system does it, where it can: Python would ask it before each call whether to wait,
    and hand its own lock over once more each time, which is a tenth of a call."""
    if sys.platform == "win32":
        connection.settimeout(seconds)
        return
    bound = struct.pack("ll", int(seconds), int(seconds % 1 * 1e6))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, bound)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, bound)


def _shut_down(connections: Iterable[socket.socket]) -> None:
    for connection in connections:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _wake(listener: socket.socket, host: str, port: int) -> None:
    """Makes the acceptor look up; closing a socket does not wake a thread that waits for it on every system."""
    target = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)
    with contextlib.suppress(OSError), socket.create_connection((target, port), timeout=1):
        return
    with contextlib.suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)


def _linger(connection: socket.socket) -> None:
    """Reads on for a while: a client that is still sending would lose the reply if the connection were reset."""
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(_LINGER_SECONDS)
    left = _LINGER_BYTES
    while left > 0 and (received := connection.recv(_RECEIVE_BYTES)):
        left -= len(received)
