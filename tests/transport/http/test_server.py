"""The server on a socket: connections, starting and stopping."""

from __future__ import annotations

import http.client
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fake_kfp.transport.http.wire import server as server_module
from fake_kfp.transport.http.wire.message import HttpRequest, HttpResponse
from fake_kfp.transport.http.wire.server import HttpServer


class Echo:
    """Answers with what it was sent; ``/hang-up`` gets no answer, ``/wait`` one after ``go``."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def handle(self, request: HttpRequest) -> HttpResponse:
        if request.target == "/wait":
            self.go.wait(60)
        return HttpResponse(
            200,
            f"{request.method} {request.target} ".encode() + request.body,
            hang_up=request.target == "/hang-up",
        )


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def server(echo: Echo) -> Iterator[HttpServer]:
    running = HttpServer(echo, max_body_bytes=1 << 20)
    running.start()
    yield running
    echo.go.set()
    running.stop()


def connect(server: HttpServer) -> socket.socket:
    return socket.create_connection(server.address, timeout=60)


def exchange(server: HttpServer, data: bytes) -> bytes:
    """Sends bytes, says that there are no more, and reads all that comes back."""
    with connect(server) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def fetch(server: HttpServer, method: str = "GET", target: str = "/a", body: Any = None) -> tuple[int, bytes]:
    client = http.client.HTTPConnection(*server.address, timeout=60)
    try:
        client.request(method, target, body)
        response = client.getresponse()
        return response.status, response.read()
    finally:
        client.close()


def test_a_connection_serves_many_requests(server: HttpServer) -> None:
    client = http.client.HTTPConnection(*server.address, timeout=60)
    for number in range(3):
        client.request("POST", f"/{number}", b"x" * 100_000)
        assert len(client.getresponse().read()) == 100_008
    client.close()


def test_a_chunked_upload_arrives(server: HttpServer) -> None:
    assert fetch(server, "POST", "/a", iter([b"one ", b"two"])) == (200, b"POST /a one two")


def test_requests_may_be_sent_ahead(server: HttpServer) -> None:
    reply = exchange(server, b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert reply.count(b"HTTP/1.1 200 OK") == 2


def test_garbage_is_answered_and_the_connection_closed(server: HttpServer) -> None:
    assert exchange(server, b"\x00\x01garbage\r\n\r\n").endswith(b"\r\n\r\n400 Bad Request")


def test_a_body_too_large_is_answered_though_nobody_reads_it(server: HttpServer) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n"
    assert exchange(server, head + b"x" * 3_000_000).startswith(b"HTTP/1.1 413 ")


def test_hanging_up_is_a_way_to_answer(server: HttpServer) -> None:
    assert exchange(server, b"GET /hang-up HTTP/1.1\r\nHost: x\r\n\r\n") == b""


def test_a_slow_call_holds_up_nobody_else(server: HttpServer, echo: Echo) -> None:
    with connect(server) as slow:
        slow.sendall(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        assert fetch(server)[0] == 200
        echo.go.set()
        assert slow.recv(100).startswith(b"HTTP/1.1 200 OK")


def test_clients_that_vanish_do_no_harm(server: HttpServer, capfd: pytest.CaptureFixture[str]) -> None:
    for data in (
        b"",
        b"GET /",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ):
        connection = connect(server)
        connection.sendall(data)
        # a reset instead of a farewell
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    assert fetch(server)[0] == 200
    assert capfd.readouterr() == ("", "")


def test_stopping_closes_connections_and_frees_the_port(echo: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "_GRACE_SECONDS", 60)  # nobody is waited for who only waits himself
    server = HttpServer(echo)
    server.start()
    address = server.address
    idle = connect(server)
    server.stop()
    assert idle.recv(1) == b""
    idle.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=60)
    again = HttpServer(echo, port=address[1])
    again.start()
    assert fetch(again)[0] == 200
    again.stop()
    again.stop()


def test_a_port_in_use_is_an_oserror(server: HttpServer, echo: Echo) -> None:
    with pytest.raises(OSError):  # noqa: PT011 - whatever the system says
        HttpServer(echo, port=server.address[1]).start()


def test_ipv6_is_a_way_to_be_reached(echo: Echo) -> None:
    server = HttpServer(echo, host="::1")
    try:
        server.start()
    except OSError:
        pytest.skip("no IPv6 here")
    with connect(server) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 200 OK")
    server.stop()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_no_bytes_bring_the_server_down(server: HttpServer, data: bytes) -> None:
    exchange(server, data)
    assert fetch(server)[0] == 200


def test_a_client_that_wants_tls_is_told_so_at_once(server: HttpServer) -> None:
    context = ssl.create_default_context()
    with connect(server) as connection, pytest.raises(ssl.SSLError, match=r"WRONG_VERSION_NUMBER|HTTP"):
        context.wrap_socket(connection, server_hostname="localhost")
    with connect(server) as connection:
        connection.sendall(b"\x16\x03\x01\x02\x00")
        assert b"this port speaks no TLS" in b"".join(iter(lambda: connection.recv(65536), b""))
