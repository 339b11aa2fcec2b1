"""Bytes that are hardly HTTP, to both ports: a connection for each, which has to end, and to say nothing of a fault of the fake's own."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.fuzz.server import OWN_FAULT, FuzzedServer
from tests.fuzz.spoiling import Spoiler

LINES = (
    b"GET /apis/v1beta1/runs HTTP/1.1\r\n",
    b"GET /apis/v2beta1/runs?page_size=1&filter=%7B%7D HTTP/1.1\r\n",
    b"POST /apis/v1beta1/pipelines/upload HTTP/1.1\r\n",
    b"POST /apis/v1beta1/runs HTTP/1.1\r\n",
    b"PUT /_fake_kfp/objects/x HTTP/1.1\r\n",
    b"OPTIONS * HTTP/1.1\r\n",
    b"GET http://localhost/apis/v1beta1/runs HTTP/1.0\r\n",
    b"Host: localhost\r\n",
    b"Host: a b\r\n",
    b"Host: evil.example\r\n",
    b"Origin: http://evil.example\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: -1\r\n",
    b"Content-Length: 99999999999999999999\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Content-Type: multipart/form-data; boundary=b\r\n",
    b"Content-Type: application/json;a=b;a=b\r\n",
    b"Expect: 100-continue\r\n",
    b"Connection: close\r\n",
    b" folded\r\n",
    b"X: a\r\n",
    b"\r\n",
    b"5\r\nhello\r\n0\r\n\r\n",
    b"ffffffffffffffff\r\n",
    b"--b\r\nContent-Disposition: form-data; name=uploadfile; filename=x.zip\r\n\r\nPK\x03\x04\r\n--b--\r\n",
    b"{}",
)
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"
FRAMES = (
    b"\0\0\x04\x08\0\0\0\0\0\x7f\xff\xff\xff",  # WINDOW_UPDATE
    b"\0\0\x08\x06\0\0\0\0\0aaaaaaaa",  # PING
    b"\0\0\x05\x01\x04\0\0\0\x01\x83\x86\x44\x01/",  # HEADERS: POST, http, path /
    b"\0\0\x05\0\x01\0\0\0\x01\0\0\0\0\0",  # DATA: an empty message
    b"\0\0\x04\x03\0\0\0\0\x01\0\0\0\x08",  # RST_STREAM
    b"\0\0\x01\x09\x04\0\0\0\x01\x82",  # CONTINUATION
    b"\0\0\x06\x04\0\0\0\0\0\0\x04\xff\xff\xff\xff",  # SETTINGS with a window that is too large
    b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\0",  # GOAWAY
)
_LIMIT = 120
"""Seconds after which a connection that should have ended counts as stuck."""


def fuzz_wire(server: FuzzedServer, spoiler: Spoiler, inputs: int, batch: int) -> Iterator[Counter[str]]:
    """Opens so many connections, each batch to a new world; gives the number of each first line so far."""
    answers: Counter[str] = Counter()
    http = urlsplit(server.url)
    grpc_host, _, grpc_port = server.target.rpartition(":")
    while answers.total() < inputs:
        server.reset()
        for turn in range(min(batch, inputs - answers.total())):
            if turn % 8:
                answers[_exchange(server, (http.hostname or "", http.port or 0), _lines(spoiler))] += 1
            else:
                answers[_exchange(server, (grpc_host, int(grpc_port)), _frames(spoiler))] += 1
        yield answers


def _lines(spoiler: Spoiler) -> bytes:
    """A request line, mostly, then anything; sometimes many times the same."""
    lines = [spoiler.one_of(LINES[:7]), *(spoiler.one_of(LINES[7:]) for _ in range(spoiler.one_of(range(7))))]
    lines.insert(1, spoiler.one_of(LINES) * spoiler.one_of((0, 1, 1, 300)))
    whole = b"".join(lines) + b"\r\n"
    return whole if spoiler.one_of((True, False)) else spoiler.data(whole)


def _frames(spoiler: Spoiler) -> bytes:
    frames = PREFACE + b"".join(spoiler.one_of(FRAMES) for _ in range(spoiler.one_of(range(6))))
    return frames if spoiler.one_of((True, False)) else spoiler.data(frames)


def _exchange(server: FuzzedServer, address: tuple[str, int], data: bytes) -> str:
    server.under_way = f"to port {address[1]}: {data!r}"
    received = b""
    with socket.create_connection(address, timeout=_LIMIT) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            received = b"".join(iter(lambda: connection.recv(65536), b""))
        except TimeoutError:
            raise AssertionError(f"no end after {_LIMIT} s: {server.under_way}") from None
        except OSError:  # it was closed while something was on its way
            pass
    assert OWN_FAULT.encode() not in received, f"{server.under_way}: {received!r}"
    return received[:12].decode(errors="replace") if received.startswith(b"HTTP/") else "closed"
