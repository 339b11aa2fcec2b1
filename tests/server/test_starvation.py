"""One client's idle connections and streams, and what stopping and forking do to calls under way."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import grpc
import pytest

from fake_kfp import FakeKfp
from fake_kfp.api import descriptors
from fake_kfp.control import thread_time
from fake_kfp.transport.grpc import server as grpc_server
from fake_kfp.transport.http.wire.message import HttpRequest, HttpResponse
from fake_kfp.transport.http.wire.server import HttpServer
from tests.server.calling import call, rest

LIST = "/api.RunService/ListRunsV1"
REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
GET = b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Slow:
    """Answers ``/wait`` once it may, all else at once."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go = threading.Event()

    def handle(self, request: HttpRequest) -> HttpResponse:
        if request.target == "/wait":
            self.begun.set()
            self.go.wait(60)
        return HttpResponse(200, b"done")


@pytest.fixture
def slow() -> Iterator[Slow]:
    made = Slow()
    yield made
    made.go.set()


def connect(server: HttpServer) -> socket.socket:
    return socket.create_connection(server.address, timeout=60)


def answer(connection: socket.socket, request: bytes = GET) -> bytes:
    connection.sendall(request)
    return connection.recv(1 << 16)


def last_of(server: HttpServer, sent: bytes) -> bytes:
    """All that comes until the other side closes the connection."""
    with connect(server) as connection:
        connection.sendall(sent)
        return b"".join(iter(lambda: connection.recv(1 << 16), b""))


@pytest.mark.parametrize("path", [REFLECTION, LIST, "/no.Such/Method"])
def test_idle_streams_of_one_client_leave_room_for_others(path: str) -> None:
    silent = threading.Event()

    def nothing() -> Iterator[bytes]:
        silent.wait(60)
        yield from ()

    with FakeKfp() as fake, grpc.insecure_channel(fake.target) as greedy:
        open_stream: Any = greedy.stream_stream(path)
        streams = [open_stream(nothing()) for _ in range(200)]
        with grpc.insecure_channel(fake.target, options=[("grpc.use_local_subchannel_pool", 1)]) as other:
            for _ in range(3):
                assert call(other, LIST).total_size == 0
        assert rest(fake.url, "GET", "/apis/v1beta1/runs")[0] == 200
        for stream in streams:
            stream.cancel()
        silent.set()


def test_an_idle_connection_is_dropped_after_a_while(slow: Slow) -> None:
    server = HttpServer(slow, idle_seconds=0.05)
    server.start()
    assert last_of(server, b"") == last_of(server, GET[:10]) == b""
    while not (received := last_of(server, GET)):
        pass  # the machine took so long that it was dropped before it had asked
    assert received.endswith(b"done")
    server.stop()


def test_the_longest_idle_connection_makes_room(slow: Slow) -> None:
    server = HttpServer(slow, max_connections=3)
    server.start()
    held = [connect(server) for _ in range(3)]
    for each in held:
        assert answer(each).endswith(b"done")
        with server._answered:  # a client has its answer before the server waits for the next request
            while len(server._waiting) < len(held):
                server._answered.wait(0.01)
    newest = connect(server)
    assert answer(newest).endswith(b"done")
    assert held[0].recv(1) == b""
    assert answer(held[1]).endswith(b"done")
    for each in [*held, newest]:
        each.close()
    server.stop()


def test_where_every_connection_is_busy_another_is_refused(slow: Slow) -> None:
    server = HttpServer(slow, max_connections=1)
    server.start()
    busy = connect(server)
    busy.sendall(GET.replace(b"/a", b"/wait"))
    assert slow.begun.wait(60)
    refused = connect(server)
    assert refused.recv(1 << 16).startswith(b"HTTP/1.1 503 ")
    slow.go.set()
    assert busy.recv(1 << 16).endswith(b"done")
    for each in (busy, refused):
        each.close()
    server.stop()


def test_stopping_lets_a_call_under_way_end(slow: Slow) -> None:
    server = HttpServer(slow)
    server.start()
    busy = connect(server)
    busy.sendall(GET.replace(b"/a", b"/wait"))
    assert slow.begun.wait(60)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    slow.go.set()
    assert busy.recv(1 << 16).endswith(b"done")
    stopping.join(60)
    assert not stopping.is_alive()
    busy.close()


HELD: dict[str, Callable[[FakeKfp], Any]] = {
    "descriptors": lambda fake: descriptors.descriptors()._lock.held,
    "journal": lambda fake: fake.desk.journal._lock.held,
    "faults": lambda fake: fake.faults._lock.held,
    "time of threads": lambda fake: thread_time._lock.held,
    "REST": lambda fake: fake._http._lock,  # type: ignore[union-attr]
    "world": lambda fake: fake.deployment.visit(),
}
"""Whatever another thread may hold when a child is made."""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", HELD)
def test_a_child_made_while_another_thread_holds_a_lock_has_its_own(name: str) -> None:
    fake = FakeKfp().start()
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with HELD[name](fake):
            inside.set()
            leave.wait(60)

    holder = threading.Thread(target=hold)
    holder.start()
    assert inside.wait(60)
    child = os.fork()
    if child == 0:
        timer = threading.Timer(120, os._exit, (1,))
        timer.daemon = True
        timer.start()
        os._exit(use_everything(fake))
    _, status = os.waitpid(child, 0)
    leave.set()
    holder.join()
    fake.stop()
    assert os.waitstatus_to_exitcode(status) == 0


def use_everything(fake: FakeKfp) -> int:
    """A child calls its copy in process; 0 where all is well."""
    fake.fault("ListRunsV1", optional=True).fails("UNAVAILABLE", times=1)
    fake.faults.clear()
    method = descriptors.methods()[LIST]
    stub: Any = fake.channel().unary_unary(
        LIST, method.input_class.SerializeToString, method.output_class.FromString
    )
    descriptors.message_class("api.ListJobsResponse")
    with fake.desk.journal._lock.held, thread_time._lock.held:
        pass
    if stub(method.input_class()).total_size != 0:
        return 2
    fake._http.stop()  # type: ignore[union-attr]
    return 0


QUIET_CLIENT = """
import sys, threading, grpc
from fake_kfp.api import descriptors
from fake_kfp.control import thread_time

target, path = sys.argv[1:]
method = descriptors.methods()[path]
channel = grpc.insecure_channel(target)
stub = channel.unary_unary(path, method.input_class.SerializeToString, method.output_class.FromString)
stub(method.input_class(), timeout=120)
reflection = channel.stream_stream("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
never = threading.Event()

def nothing():
    never.wait(60)
    yield from ()

stream = reflection(nothing())
calls = [stub.future(method.input_class(), timeout=120) for _ in range(4)]
print("asked", flush=True)
print([call.exception() and call.code().name for call in calls], flush=True)
sys.stdin.readline()
try:
    stub(method.input_class(), timeout=60)
except grpc.RpcError as error:
    print(error.code().name, flush=True)
"""


def test_stopping_lets_calls_end_and_a_client_prints_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grpc_server, "_GRACE_SECONDS", 120)
    arrived, stopped, numbers = threading.Semaphore(0), threading.Event(), count()

    def hold() -> bool:
        """All but the first call wait until the server is about to stop."""
        first = next(numbers) == 0
        arrived.release()
        return first or stopped.wait(60)

    with FakeKfp() as fake:
        fake.fault("ListRunsV1").delays(seconds=0.01, real=True, when=hold)
        client = subprocess.Popen(
            [sys.executable, "-c", QUIET_CLIENT, fake.target, LIST],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert client.stdin is not None
        assert client.stdout is not None
        assert client.stdout.readline() == "asked\n"
        assert all(arrived.acquire(timeout=120) for _ in range(5))
        server = fake._grpc
        assert server is not None
        stopping = threading.Thread(target=fake.stop)
        stopping.start()
        while server._running is not None:
            pass
        stopped.set()
        stopping.join()
    out, err = client.communicate("go on\n", timeout=60)
    assert err == ""
    assert out.splitlines() == ["[None, None, None, None]", "UNAVAILABLE"]
