"""Reflection and health: what tools ask a server before they call it."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool

from fake_kfp.api import descriptors
from fake_kfp.transport import rpc

VERSIONS = ("grpc.reflection.v1", "grpc.reflection.v1alpha")


class Reflection:
    """A client of one version; all requests of one :meth:`ask` go over one stream."""

    def __init__(self, channel: grpc.Channel, version: str) -> None:
        self._request = descriptors.message_class(f"{version}.ServerReflectionRequest")
        self._stub: Any = channel.stream_stream(
            f"/{version}.ServerReflection/ServerReflectionInfo",
            self._request.SerializeToString,
            descriptors.message_class(f"{version}.ServerReflectionResponse").FromString,
        )

    def ask(self, *requests: dict[str, Any]) -> list[Any]:
        return list(self._stub(iter([self._request(**request) for request in requests]), timeout=120))

    def files(self, request: dict[str, Any]) -> dict[str, Any]:
        (response,) = self.ask(request)
        encoded = response.file_descriptor_response.file_descriptor_proto
        files = [descriptor_pb2.FileDescriptorProto.FromString(file) for file in encoded]
        return {file.name: file for file in files}


@pytest.fixture(params=VERSIONS)
def reflection(request: pytest.FixtureRequest, socket_channel: grpc.Channel) -> Reflection:
    return Reflection(socket_channel, request.param)


def test_the_thirteen_services_are_listed_with_reflection_itself(reflection: Reflection) -> None:
    (response,) = reflection.ask({"list_services": "*"})
    names = [service.name for service in response.list_services_response.service]
    assert names == sorted([*rpc.SERVICES, *(f"{version}.ServerReflection" for version in VERSIONS)])
    assert len(rpc.SERVICES) == 13


@pytest.mark.parametrize(
    "symbol",
    ["api.RunService", "api.RunService.GetRunV1", "api.Run", "api.Run.StorageState", "api.Run.storage_state"],
)
def test_a_symbol_leads_to_its_file(reflection: Reflection, symbol: str) -> None:
    assert next(iter(reflection.files({"file_containing_symbol": symbol}))) == "backend/api/v1beta1/run.proto"


def test_the_files_sent_are_enough_to_call_a_service(reflection: Reflection) -> None:
    pool = descriptor_pool.DescriptorPool()
    files = reflection.files(
        {"file_containing_symbol": "kubeflow.pipelines.backend.api.v2beta1.RecurringRunService"}
    )

    def load(name: str) -> None:
        for dependency in files[name].dependency:
            load(dependency)
        pool.AddSerializedFile(files[name].SerializeToString())

    load("backend/api/v2beta1/recurring_run.proto")
    method = pool.FindMethodByName(
        "kubeflow.pipelines.backend.api.v2beta1.RecurringRunService.GetRecurringRun"
    )
    assert [field.name for field in method.input_type.fields] == ["recurring_run_id"]


def test_a_file_is_found_by_its_name(reflection: Reflection) -> None:
    files = reflection.files({"file_by_filename": "backend/api/v1beta1/parameter.proto"})
    assert list(files) == ["backend/api/v1beta1/parameter.proto"]


def test_imports_are_sent_once_a_stream(reflection: Reflection) -> None:
    first, second = reflection.ask(
        {"file_containing_symbol": "api.Run"}, {"file_containing_symbol": "api.Job"}
    )
    sent = set(first.file_descriptor_response.file_descriptor_proto)
    again = set(second.file_descriptor_response.file_descriptor_proto)
    assert again
    assert not sent & again


def test_extensions_are_known(reflection: Reflection) -> None:
    numbers, file = reflection.ask(
        {"all_extension_numbers_of_type": "google.protobuf.MethodOptions"},
        {
            "file_containing_extension": {
                "containing_type": "google.protobuf.MethodOptions",
                "extension_number": 72295728,
            }
        },
    )
    assert list(numbers.all_extension_numbers_response.extension_number) == [72295728]
    first = descriptor_pb2.FileDescriptorProto.FromString(
        file.file_descriptor_response.file_descriptor_proto[0]
    )
    assert first.name == "google/api/annotations.proto"


@pytest.mark.parametrize(
    "request_",
    [
        {"file_by_filename": "nothing.proto"},
        {"file_containing_symbol": "api.Nothing"},
        {"all_extension_numbers_of_type": "api.Nothing"},
        {"file_containing_extension": {"containing_type": "api.Run", "extension_number": 1}},
    ],
)
def test_what_is_not_there_is_an_error_and_the_stream_goes_on(
    reflection: Reflection, request_: dict[str, Any]
) -> None:
    missing, listed = reflection.ask(request_, {"list_services": ""})
    assert (missing.error_response.error_code, missing.error_response.error_message) == (
        5,
        "proto: not found",
    )
    assert listed.list_services_response.service


def test_the_request_comes_back_with_the_answer(reflection: Reflection) -> None:
    (response,) = reflection.ask({"host": "here", "list_services": "*"})
    assert response.valid_host == "here"
    assert response.original_request.list_services == "*"


def test_a_request_that_asks_nothing_ends_the_stream(reflection: Reflection) -> None:
    with pytest.raises(grpc.RpcError, match="invalid MessageRequest: <nil>"):
        reflection.ask({})


def health(channel: grpc.Channel, service: str) -> Any:
    stub: Any = channel.unary_unary(
        "/grpc.health.v1.Health/Check",
        descriptors.message_class("grpc.health.v1.HealthCheckRequest").SerializeToString,
        descriptors.message_class("grpc.health.v1.HealthCheckResponse").FromString,
    )
    return stub(descriptors.message_class("grpc.health.v1.HealthCheckRequest")(service=service), timeout=120)


@pytest.mark.parametrize("service", ["", "api.RunService"])
def test_health_is_serving(socket_channel: grpc.Channel, service: str) -> None:
    response = health(socket_channel, service)
    assert (
        response.DESCRIPTOR.fields_by_name["status"].enum_type.values_by_number[response.status].name
        == "SERVING"
    )


def test_health_of_an_unknown_service_is_not_found(socket_channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError, match="unknown service") as caught:
        health(socket_channel, "api.StopService")
    error: Any = caught.value
    assert error.code() is grpc.StatusCode.NOT_FOUND
