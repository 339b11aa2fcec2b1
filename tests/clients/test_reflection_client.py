"""A client without stubs, which learns the interface from the server: as grpcurl and its kin do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from fake_kfp import FakeKfp
from fake_kfp.api import descriptors
from tests.server.calling import workflow


class ReflectionClient:
    """Fetches the file of a service, and all it needs, into a pool of its own; calls by name with plain values."""

    def __init__(self, channel: grpc.Channel, version: str) -> None:
        package = f"grpc.reflection.{version}"
        self._request = descriptors.message_class(f"{package}.ServerReflectionRequest")
        self._ask: Any = channel.stream_stream(
            f"/{package}.ServerReflection/ServerReflectionInfo",
            self._request.SerializeToString,
            descriptors.message_class(f"{package}.ServerReflectionResponse").FromString,
        )
        self._channel = channel
        self._pool = descriptor_pool.DescriptorPool()
        self._loaded: set[str] = set()

    def services(self) -> list[str]:
        (reply,) = self._ask(iter([self._request(list_services="*")]), timeout=120)
        return [service.name for service in reply.list_services_response.service]

    def call(self, service: str, name: str, **fields: Any) -> Any:
        if service not in self._loaded:
            self._load(self._files(file_containing_symbol=service))
            self._loaded.add(service)
        method = self._pool.FindServiceByName(service).methods_by_name[name]
        request, reply = (message_class(kind) for kind in (method.input_type, method.output_type))
        stub: Any = self._channel.unary_unary(
            f"/{service}/{name}", request.SerializeToString, reply.FromString
        )
        return stub(request(**fields), timeout=120)

    def _files(self, **request: str) -> dict[str, Any]:
        (reply,) = self._ask(iter([self._request(**request)]), timeout=120)
        encoded = reply.file_descriptor_response.file_descriptor_proto
        files = [descriptor_pb2.FileDescriptorProto.FromString(file) for file in encoded]
        return {file.name: file for file in files}

    def _load(self, files: dict[str, Any]) -> None:
        def load(name: str) -> None:
            if name in self._loaded:
                return
            self._loaded.add(name)
            file = files[name] if name in files else self._files(file_by_filename=name)[name]
            for dependency in file.dependency:
                load(dependency)
            self._pool.AddSerializedFile(file.SerializeToString())

        for name in list(files):
            load(name)


def message_class(kind: Any) -> Any:
    """The class of a message, whatever protobuf is installed."""
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(kind)
    old_face: Any = message_factory
    return old_face.MessageFactory().GetPrototype(kind)


@pytest.fixture(params=["v1", "v1alpha"])
def client(request: pytest.FixtureRequest, fake_kfp: FakeKfp) -> Iterator[ReflectionClient]:
    with grpc.insecure_channel(fake_kfp.target) as channel:
        yield ReflectionClient(channel, request.param)


def test_thirteen_services_and_reflection_itself_are_listed(client: ReflectionClient) -> None:
    services = client.services()
    assert len([name for name in services if "reflection" not in name]) == 13
    assert "api.RunService" in services


def test_what_it_learns_is_enough_to_call(client: ReflectionClient) -> None:
    run = {"name": "r", "pipeline_spec": {"workflow_manifest": workflow()}}
    created = client.call("api.RunService", "CreateRunV1", run=run)
    detail = client.call("api.RunService", "GetRunV1", run_id=created.run.id)
    assert detail.run.status == "Succeeded"
    made = client.call("api.ExperimentService", "CreateExperimentV1", experiment={"name": "mine"})
    assert client.call("api.ExperimentService", "GetExperimentV1", id=made.id).name == "mine"


def test_the_names_it_learns_are_those_that_are_served(client: ReflectionClient, fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(version="1.8")
    assert client.services() == sorted(name for name in client.services() if "v2beta1" not in name)
    assert client.call("api.RunService", "ListRuns").total_size == 0
    with pytest.raises(KeyError):
        client.call("api.RunService", "ListRunsV1")
