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
import threading
from typing import Protocol

from fake_kfp.transport.addresses import listen
from fake_kfp.transport.http.wire.connection import HungUp, Limits, Refused, RequestReader, response_bytes
from fake_kfp.transport.http.wire.message import HttpRequest, HttpResponse

MAX_BODY_BYTES = Limits().body
"""The largest request body that is taken unless told otherwise."""

_BACKLOG = 128
_RECEIVE_BYTES = 1 << 16
_PASSING_TROUBLE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.ECONNABORTED})
"""Why a connection may not be had now, though another may be had later: mostly, too many are open."""
_BACK_OFF_SECONDS = 0.05
_RESET = struct.pack("ii", 1, 0)  # lingers for no time at all: closing says so to the other side
_LINGER_SECONDS = 1
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
    ) -> None:
        self._handler = handler
        self._wanted = (host, port)
        self._limits = Limits(body=max_body_bytes)
        self._listener: socket.socket | None = None
        self._acceptor: threading.Thread | None = None
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
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
        """Frees the port and closes all connections at once. Does nothing on a server that is not running."""
        listener, acceptor = self._listener, self._acceptor
        if listener is None or acceptor is None:
            return
        host, port = self.address
        self._listener = self._acceptor = None
        self._stopping.set()
        _wake(listener, host, port)
        acceptor.join()
        listener.close()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

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
            with self._lock:
                self._connections.add(connection)
            name = "fake_kfp-http-connection"
            try:
                threading.Thread(target=self._serve, args=(connection,), name=name, daemon=True).start()
            except RuntimeError:  # no thread to be had: this client gets no answer, the next one may
                self._forget(connection)

    def _serve(self, connection: socket.socket) -> None:
        """Answers the requests of one connection until either side has enough."""
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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
        response = self._handler.handle(request)
        if response.hang_up:
            return False
        if response.reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            return False
        close = not reader.keep_alive or ("Connection", "close") in response.headers
        sent = response_bytes(response, method=request.method, close=close)
        if response.cut:
            sent = sent[: len(sent) - max(1, len(response.body) // 2)]
        connection.sendall(sent)
        return not close and not response.cut


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
