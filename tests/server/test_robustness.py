"""Nothing that clients send, and no number of them, brings a server down or loses a write."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import grpc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_kfp import FakeKfp
from fake_kfp.api import descriptors
from tests.server.calling import call, rest, workflow

CREATE = "/api.RunService/CreateRunV1"
LIST = "/api.RunService/ListRunsV1"
SPEC = {"workflow_manifest": workflow()}


@pytest.fixture(scope="module")
def server() -> Iterator[FakeKfp]:
    """One server for all that is thrown at it."""
    with FakeKfp() as fake:
        yield fake


@pytest.fixture(scope="module")
def channel(server: FakeKfp) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(server.target) as opened:
        yield opened


def assert_alive(server: FakeKfp, channel: grpc.Channel) -> None:
    assert rest(server.url, "GET", "/apis/v1beta1/healthz")[0] == 200
    call(channel, LIST, page_size=1)


def connect(server: FakeKfp) -> socket.socket:
    place = urlsplit(server.url)
    return socket.create_connection((place.hostname or "", place.port or 0), timeout=120)


def exchange(server: FakeKfp, data: bytes) -> bytes:
    """Sends bytes to the REST side, and reads all that comes back."""
    with connect(server) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


METHODS = sorted(
    path for path in descriptors.methods() if "Healthz" not in path and "DummyFilter" not in path
)
NOISE = st.binary(max_size=80)


@st.composite
def nearly_messages(draw: st.DrawFn) -> tuple[str, bytes]:
    """An RPC and bytes that may well be its request: fields of any number, type and content, some cut short."""
    wire = bytearray()
    for _ in range(draw(st.integers(0, 4))):
        number, kind = draw(st.integers(1, 20)), draw(st.sampled_from([0, 1, 2, 5]))
        wire.append(number << 3 & 0x78 | kind)
        content = draw(st.binary(max_size=20))
        if kind == 2:
            wire.append(len(content))
        wire += content if kind == 2 else content[:1]
    return draw(st.sampled_from(METHODS)), bytes(wire)


@settings(max_examples=150, deadline=None)
@given(st.tuples(st.sampled_from(METHODS), NOISE) | nearly_messages())
def test_no_bytes_sent_as_messages_bring_it_down(
    server: FakeKfp, channel: grpc.Channel, sent: tuple[str, bytes]
) -> None:
    path, data = sent
    stub: Any = channel.unary_unary(path)
    try:
        stub(data, timeout=120)
    except grpc.RpcError as error:
        text = str(error)
        assert "inside the fake itself" not in text
        assert "Traceback" not in text
    assert_alive(server, channel)


LINES = st.lists(
    st.sampled_from(
        [
            b"GET /apis/v1beta1/runs HTTP/1.1\r\n",
            b"POST /apis/v1beta1/pipelines/upload HTTP/1.1\r\n",
            b"POST /apis/v1beta1/runs HTTP/1.1\r\n",
            b"PUT /_fake_kfp/objects/x HTTP/1.1\r\n",
            b"Host: localhost\r\n",
            b"Content-Length: 5\r\n",
            b"Content-Length: -1\r\n",
            b"Transfer-Encoding: chunked\r\n",
            b"Content-Type: multipart/form-data; boundary=b\r\n",
            b"Expect: 100-continue\r\n",
            b"Connection: close\r\n",
            b"\r\n",
            b"5\r\nhello\r\n0\r\n\r\n",
            b"--b\r\nContent-Disposition: form-data; name=uploadfile; filename=x.zip\r\n\r\nPK\x03\x04\r\n--b--\r\n",
            b"{}",
        ]
    )
    | st.binary(max_size=12),
    max_size=8,
).map(b"".join)


@settings(max_examples=150, deadline=None)
@given(LINES)
def test_no_bytes_sent_as_http_bring_it_down(server: FakeKfp, channel: grpc.Channel, data: bytes) -> None:
    assert b"inside the fake itself" not in exchange(server, data)
    assert_alive(server, channel)


def test_connections_that_say_nothing_hold_up_nobody(server: FakeKfp, channel: grpc.Channel) -> None:
    idle = [connect(server) for _ in range(100)]
    try:
        assert_alive(server, channel)
    finally:
        for connection in idle:
            connection.close()


def over_grpc(fake: FakeKfp, name: str) -> None:
    with grpc.insecure_channel(fake.target) as channel:
        call(channel, CREATE, run={"name": name, "pipeline_spec": SPEC})


def over_rest(fake: FakeKfp, name: str) -> None:
    status, _ = rest(fake.url, "POST", "/apis/v1beta1/runs", {"name": name, "pipeline_spec": SPEC})
    assert status == 200


def in_process(fake: FakeKfp, name: str) -> None:
    with fake.channel() as channel:
        call(channel, CREATE, run={"name": name, "pipeline_spec": SPEC})


def test_many_clients_at_once_lose_no_write(fake_kfp: FakeKfp) -> None:
    """Writers over every door, and readers meanwhile."""
    doors = (over_grpc, over_rest, in_process)

    def client(number: int) -> None:
        for turn in range(5):
            doors[(number + turn) % 3](fake_kfp, f"{number}-{turn}")
            with fake_kfp.channel() as channel:
                call(channel, LIST, page_size=5, sort_by="name desc")

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(client, range(16)))
    runs = list(fake_kfp.runs)
    assert {run.name for run in runs} == {f"{number}-{turn}" for number in range(16) for turn in range(5)}
    assert {run.status for run in runs} == {"Succeeded"}


def test_of_many_who_claim_a_name_one_gets_it(fake_kfp: FakeKfp) -> None:
    def claim(_: int) -> int:
        return rest(fake_kfp.url, "POST", "/apis/v1beta1/experiments", {"name": "mine"})[0]

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(claim, range(24)))
    assert sorted(statuses) == [200] + [409] * 23


def test_resets_amid_calls_do_no_harm(fake_kfp: FakeKfp) -> None:
    def client(number: int) -> None:
        for _ in range(10):
            if number == 0:
                fake_kfp.reset()
            else:
                over_rest(fake_kfp, "r")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(client, range(6)))
    status, reply = rest(fake_kfp.url, "GET", "/apis/v1beta1/runs?page_size=100")
    assert status == 200
    assert json.dumps(reply)
