"""The gRPC server itself: ports, limits, starting and stopping."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from fake_kfp.api import descriptors
from fake_kfp.transport.grpc.server import GrpcServer

CREATE = "/api.RunService/CreateRunV1"


def create(target: str, name: str) -> Any:
    method = descriptors.methods()[CREATE]
    request: Any = method.input_class()
    request.run.name = name
    with grpc.insecure_channel(target, options=[("grpc.max_receive_message_length", -1)]) as channel:
        stub: Any = channel.unary_unary(
            CREATE, method.input_class.SerializeToString, method.output_class.FromString
        )
        return stub(request, timeout=120)


def test_a_free_port_is_picked(server: GrpcServer) -> None:
    assert server.port > 0
    assert server.target == f"127.0.0.1:{server.port}"


def test_two_servers_have_ports_of_their_own(server: GrpcServer, world: Any) -> None:
    with GrpcServer(lambda: world.api) as other:
        assert other.port != server.port


def test_a_taken_port_is_refused_with_advice(world: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match=r"fake_kfp: cannot listen on 127\.0\.0\.1:\d+ for gRPC"):
            GrpcServer(lambda: world.api, port=taken.getsockname()[1]).start()


def test_a_stopped_server_frees_its_port(world: Any) -> None:
    server = GrpcServer(lambda: world.api)
    server.start()
    server.stop()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", server.port)) != 0


def test_a_server_starts_again_on_the_port_it_had(world: Any) -> None:
    server = GrpcServer(lambda: world.api)
    server.start()
    port = server.port
    server.stop()
    with server:
        assert server.port == port
        assert create(server.target, "again").run.name == "again"


def test_stopping_twice_is_harmless(world: Any) -> None:
    server = GrpcServer(lambda: world.api)
    server.stop()
    server.start()
    server.stop()
    server.stop()


def test_messages_beyond_grpcs_usual_four_megabytes_pass(server: GrpcServer) -> None:
    name = "n" * (6 << 20)
    assert create(server.target, name).run.name == name


def test_a_message_above_the_limit_is_refused(world: Any) -> None:
    with GrpcServer(lambda: world.api, max_message_bytes=1000) as server:
        with pytest.raises(grpc.RpcError) as caught:
            create(server.target, "n" * 2000)
        error: Any = caught.value
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "larger than max (2006 vs. 1000)" in error.details()


def test_open_streams_leave_room_for_calls_and_end_with_the_server(server: GrpcServer) -> None:
    request = descriptors.message_class("grpc.reflection.v1.ServerReflectionRequest")(list_services="")
    never = threading.Event()

    def requests() -> Iterator[bytes]:
        yield request.SerializeToString()
        never.wait()

    with grpc.insecure_channel(server.target) as channel:
        stub: Any = channel.stream_stream("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
        streams = [stub(requests()) for _ in range(12)]
        assert all(next(stream) for stream in streams)
        assert create(server.target, "in between").run.name == "in between"
        server.stop()
        assert {stream.code() for stream in streams} == {grpc.StatusCode.UNAVAILABLE}
        never.set()


NOBODY_STOPS_IT = """
import threading, grpc
from fake_kfp.api import descriptors
from fake_kfp.api.dispatch import Api
from fake_kfp.store.changes import Changes
from fake_kfp.transport.grpc.server import GrpcServer
from fake_kfp.visits import Door, Visit

server = GrpcServer(lambda: Api(descriptors.methods(), {}, Visit(Door(Changes()), None).handle))
server.start()

def requests():
    yield descriptors.message_class("grpc.reflection.v1.ServerReflectionRequest")(list_services="").SerializeToString()
    threading.Event().wait()

path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
print(len(next(grpc.insecure_channel(server.target).stream_stream(path)(requests()))) > 0)
"""


def test_a_process_ends_though_nobody_stops_its_server() -> None:
    done = subprocess.run([sys.executable, "-c", NOBODY_STOPS_IT], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr
