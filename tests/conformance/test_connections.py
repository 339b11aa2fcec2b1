"""The suite's own connections: kept while the server keeps them, made anew where it does not."""

from __future__ import annotations

import selectors
from contextlib import closing

import pytest

from fake_kfp.conformance.server.connections import exchange
from fake_kfp.transport.http.wire.message import HttpRequest, HttpResponse
from fake_kfp.transport.http.wire.server import HttpServer
from fake_kfp.upstream.connections import http_connection


class Echo:
    def handle(self, request: HttpRequest, /) -> HttpResponse:
        return HttpResponse(200, request.target.encode())


def test_a_connection_that_the_server_closed_while_idle_is_made_anew() -> None:
    server = HttpServer(Echo(), idle_seconds=0.05)
    server.start()
    with closing(http_connection("http://{}:{}".format(*server.address))) as connection:
        assert exchange(connection, "GET", "/a", None, {}).body == b"/a"
        first = connection.sock
        assert first is not None
        with selectors.DefaultSelector() as selector:  # until the server has closed it
            selector.register(first, selectors.EVENT_READ)
            assert selector.select(10)
        assert exchange(connection, "GET", "/b", None, {}).body == b"/b"
        assert connection.sock is not first
    server.stop()


def test_a_connection_is_kept_as_long_as_the_server_keeps_it() -> None:
    server = HttpServer(Echo())
    server.start()
    with closing(http_connection("http://{}:{}".format(*server.address))) as connection:
        exchange(connection, "GET", "/a", None, {})
        first = connection.sock
        exchange(connection, "GET", "/b", None, {})
        assert connection.sock is first
    server.stop()


def test_a_failed_request_leaves_a_connection_that_can_be_used() -> None:
    server = HttpServer(Echo())
    server.start()
    connection = http_connection("http://{}:{}".format(*server.address))
    with closing(connection):
        exchange(connection, "GET", "/a", None, {})
        server.stop()
        for _ in range(2):  # the same refusal each time, and not one of the connection's own state
            with pytest.raises(OSError, match="refused"):
                exchange(connection, "GET", "/b", None, {})
