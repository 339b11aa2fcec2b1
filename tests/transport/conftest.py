"""A tiny API with handlers of the tests' own, and the two gRPC doors in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from fake_kfp.api import descriptors
from fake_kfp.api.dispatch import Api
from fake_kfp.errors import Code, KfpError, resource_not_found
from fake_kfp.services.auth.caller import Caller
from fake_kfp.store.changes import Changes
from fake_kfp.transport.grpc.server import GrpcServer
from fake_kfp.transport.in_process.channel import InProcessChannel
from fake_kfp.visits import Door, Visit

WIDE_METADATA = [("grpc.max_metadata_size", 1 << 20), ("grpc.absolute_max_metadata_size", 1 << 20)]


class TinyWorld:
    """Answers a few RunService calls; ``name`` is what every run is called, ``callers`` who has asked."""

    def __init__(self, name: str = "first") -> None:
        self.name = name
        self.callers: list[Caller] = []
        handlers = {
            "/api.RunService/GetRunV1": self.get_run,
            "/api.RunService/CreateRunV1": self.create_run,
            "/api.RunService/DeleteRunV1": self.stumble,
            "/api.RunService/ListRunsV1": self.refuse_without_detail,
        }
        self.api = Api(descriptors.methods(), handlers, Visit(Door(Changes()), None).handle)

    def get_run(self, request: Any, caller: Caller) -> Any:
        self.callers.append(caller)
        if request.run_id.startswith("missing"):
            raise resource_not_found("Run", request.run_id)
        reply: Any = descriptors.message_class("api.RunDetail")()
        reply.run.id, reply.run.name = request.run_id, self.name
        return reply

    def create_run(self, request: Any, caller: Caller) -> Any:
        reply: Any = descriptors.message_class("api.RunDetail")()
        reply.run.CopyFrom(request.run)
        return reply

    def stumble(self, request: Any, caller: Caller) -> Any:
        raise ZeroDivisionError("a slip of ours")

    def refuse_without_detail(self, request: Any, caller: Caller) -> Any:
        raise KfpError(Code.UNAVAILABLE, "nobody home", None)


@pytest.fixture
def world() -> TinyWorld:
    return TinyWorld()


@pytest.fixture
def server(world: TinyWorld) -> Iterator[GrpcServer]:
    with GrpcServer(lambda: world.api) as running:
        yield running


@pytest.fixture
def socket_channel(server: GrpcServer) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(server.target, options=WIDE_METADATA) as channel:
        yield channel


@pytest.fixture(params=["socket", "in-process"])
def channel(request: pytest.FixtureRequest, world: TinyWorld) -> grpc.Channel:
    """The same world through either door."""
    if request.param == "in-process":
        return InProcessChannel(lambda metadata: world.api)
    socket: grpc.Channel = request.getfixturevalue("socket_channel")
    return socket
