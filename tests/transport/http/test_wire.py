"""Requests out of bytes, however they arrive, and responses into bytes."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.transport.http.wire.connection import HungUp, Limits, Refused, RequestReader, response_bytes
from fake_kfp.transport.http.wire.message import HttpRequest, HttpResponse

HOST = b"Host: x\r\n"
POST = b"POST /a HTTP/1.1\r\n" + HOST


class Client:
    """Sends pieces, and hears what the server says in between."""

    def __init__(self, pieces: Iterable[bytes], limits: Limits | None = None) -> None:
        self._pieces = list(pieces)
        self.heard = b""
        self.reader = RequestReader(self._next, self._hear, limits or Limits())

    def _next(self) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    def _hear(self, data: bytes) -> None:
        self.heard += data


def read(data: bytes, limits: Limits | None = None) -> HttpRequest:
    request = Client([data], limits).reader.read()
    assert request is not None
    return request


def refusal(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Refused) as caught:
        Client([data], limits).reader.read()
    assert ("Connection", "close") in caught.value.response.headers
    return caught.value.response.body.decode()


def test_a_request_has_a_method_a_target_headers_and_a_body() -> None:
    request = read(POST + b"X-A:  1 \r\nx-a: 2\r\nContent-Length: 3\r\n\r\nabcdef")
    assert request == HttpRequest(
        "POST", "/a", {"host": ("x",), "x-a": ("1", "2"), "content-length": ("3",)}, b"abc"
    )


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_it_does_not_matter_how_the_bytes_arrive(size: int) -> None:
    data = 2 * (POST + b"Content-Length: 3\r\n\r\nabc") + b"GET /b HTTP/1.1\n" + b"Host: y\n\n"
    client = Client([data[i : i + size] for i in range(0, len(data), size)])
    requests = [client.reader.read() for _ in range(4)]
    assert [request and (request.method, request.body) for request in requests] == [
        ("POST", b"abc"),
        ("POST", b"abc"),
        ("GET", b""),
        None,
    ]


def test_a_body_may_come_in_chunks() -> None:
    chunks = b'5\r\nhello\r\n1;name="x"\r\n \r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n'
    data = POST + b"Transfer-Encoding: Chunked\r\n\r\n" + chunks + b"GET /next HTTP/1.1\r\n" + HOST + b"\r\n"
    client = Client([data[i : i + 3] for i in range(0, len(data), 3)])
    first, second = client.reader.read(), client.reader.read()
    assert first is not None
    assert second is not None
    assert (first.body, second.target) == (b"hello 0123456789", "/next")


@pytest.mark.parametrize("chunks", [b"x\r\n", b"5\r\nhelloX", b"-1\r\n", b"\r\n", b"1" * 5000])
def test_broken_chunks_are_a_bad_request(chunks: bytes) -> None:
    assert refusal(POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"\r\n\r\n") == "400 Bad Request"


def test_a_client_that_asks_whether_it_may_go_on_is_told_so() -> None:
    client = Client([POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n", b"ab"])
    request = client.reader.read()
    assert request is not None
    assert request.body == b"ab"
    assert client.heard == b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"garbage\r\n\r\n", "400 Bad Request"),
        (b"GET /\r\n\r\n", "400 Bad Request"),
        (b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", "400 Bad Request"),
        (b"G(T / HTTP/1.1\r\nHost: x\r\n\r\n", "400 Bad Request"),
        (b"\x16\x03\x01\x02\x00\r\n\r\n", "400 Bad Request"),
        (
            b"GET / HTTP/2.0\r\nHost: x\r\n\r\n",
            "505 HTTP Version Not Supported: unsupported protocol version",
        ),
        (b"GET / HTTP/1.1\r\n\r\n", "400 Bad Request: missing required Host header"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "400 Bad Request: too many Host headers"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", "400 Bad Request"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n", "400 Bad Request"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: b\x00\r\n\r\n", "400 Bad Request"),
        (POST + b"Content-Length: abc\r\n\r\n", "400 Bad Request"),
        (POST + b"Content-Length: -1\r\n\r\n", "400 Bad Request"),
        (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "400 Bad Request"),
        (POST + b"Transfer-Encoding: gzip\r\n\r\n", "501 Not Implemented: Unsupported transfer encoding"),
        (POST + b"Expect: wonders\r\n\r\n", "417 Expectation Failed"),
    ],
)
def test_what_is_no_http_is_refused_in_gos_words(data: bytes, line: str) -> None:
    assert refusal(data) == line


def test_a_head_has_a_bound() -> None:
    assert refusal(b"GET / HTTP/1.1\r\nX: " + b"x" * 2000, Limits(head=1000)).startswith("431 ")


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: 11\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n",
    ],
)
def test_a_body_has_a_bound_that_is_explained(body: bytes) -> None:
    text = refusal(POST + body, Limits(body=10))
    assert text.startswith("413 ")
    assert "fake_kfp: bodies of more than 10 bytes are not taken. Raise max_body_bytes." in text


@pytest.mark.parametrize("data", [b"", b"GET / HT", b"\r\n\r\n", POST])
def test_a_client_may_go_before_its_head_is_complete(data: bytes) -> None:
    assert Client([data]).reader.read() is None


@pytest.mark.parametrize(
    "data",
    [
        b"Content-Length: 5\r\n\r\nab",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"Transfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_a_client_that_goes_within_its_body_hangs_up(data: bytes) -> None:
    with pytest.raises(HungUp):
        Client([POST + data]).reader.read()


@pytest.mark.parametrize(
    ("head", "stays"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n", True),
        (b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n", False),
        (b"GET / HTTP/1.0\r\n", False),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n", True),
    ],
)
def test_the_client_says_whether_it_stays(head: bytes, stays: bool) -> None:
    client = Client([head + b"\r\n"])
    client.reader.read()
    assert client.reader.keep_alive is stays


def test_a_long_header_may_go_on_in_the_next_line() -> None:
    assert read(b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\tc\r\n\r\n").headers["a"] == ("b c",)


def test_a_response_is_one_piece() -> None:
    response = HttpResponse(404, b"{}", "application/json", (("X-A", "1\r\nX-B: 2"),))
    assert response_bytes(response, method="GET", close=False) == (
        b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nX-A: 1  X-B: 2\r\nContent-Length: 2\r\n\r\n{}"
    )


def test_a_head_is_answered_without_a_body() -> None:
    assert response_bytes(HttpResponse(200, b"{}"), method="HEAD", close=True) == (
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"
    )


@given(st.binary(max_size=300) | st.binary(max_size=100).map(lambda tail: POST + b"\r\n" + tail))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    reader = Client([data], Limits(body=1000)).reader
    try:
        while reader.read() is not None:
            pass
    except (Refused, HungUp):
        pass
