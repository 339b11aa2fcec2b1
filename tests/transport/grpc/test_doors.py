"""What a client sees over gRPC, the same over a socket and in process."""

from __future__ import annotations

import logging
from typing import Any

import grpc
import pytest

from fake_kfp.api import descriptors

GET = "/api.RunService/GetRunV1"


def call(
    channel: grpc.Channel, path: str, like: str | None = None, metadata: Any = None, **fields: Any
) -> Any:
    method = descriptors.methods()[like or path]
    stub: Any = channel.unary_unary(
        path, method.input_class.SerializeToString, method.output_class.FromString
    )
    return stub(method.input_class(**fields), metadata=metadata)


def refusal(channel: grpc.Channel, path: str, like: str | None = None, **fields: Any) -> Any:
    with pytest.raises(grpc.RpcError) as caught:
        call(channel, path, like, **fields)
    assert isinstance(caught.value, grpc.Call)
    return caught.value


def test_a_call_is_answered(channel: grpc.Channel) -> None:
    assert call(channel, GET, run_id="a").run.id == "a"


def test_stubs_without_serialisers_pass_bytes(channel: grpc.Channel) -> None:
    method = descriptors.methods()[GET]
    stub: Any = channel.unary_unary(GET)
    reply: Any = method.output_class.FromString(stub(method.input_class(run_id="a").SerializeToString()))
    assert reply.run.id == "a"


def test_names_of_before_2_0_are_served_too(channel: grpc.Channel) -> None:
    assert call(channel, "/api.RunService/GetRun", like=GET, run_id="a").run.id == "a"


def test_a_refusal_carries_code_and_text(channel: grpc.Channel) -> None:
    error = refusal(channel, GET, run_id="missing")
    assert error.code() is grpc.StatusCode.NOT_FOUND
    assert error.details() == "ResourceNotFoundError: Run missing not found"


def test_a_refusal_carries_a_status_with_one_detail(channel: grpc.Channel) -> None:
    (trailer,) = refusal(channel, GET, run_id="missing").trailing_metadata()
    assert trailer.key == "grpc-status-details-bin"
    status: Any = descriptors.message_class("google.rpc.Status").FromString(trailer.value)
    assert (status.code, status.message) == (5, "ResourceNotFoundError: Run missing not found")
    (any_detail,) = status.details
    assert any_detail.type_url == "type.googleapis.com/google.rpc.Status"
    detail: Any = descriptors.message_class("google.rpc.Status").FromString(any_detail.value)
    assert (detail.code, detail.message, list(detail.details)) == (5, "Run missing not found", [])


def test_a_refusal_without_detail_has_no_trailer(channel: grpc.Channel) -> None:
    error = refusal(channel, "/api.RunService/ListRunsV1")
    assert (error.code(), error.details()) == (grpc.StatusCode.UNAVAILABLE, "nobody home")
    assert not error.trailing_metadata()


def test_long_texts_beyond_ascii_arrive_whole(channel: grpc.Channel) -> None:
    error = refusal(channel, GET, run_id="missing\n" + "ä%" * 20_000)
    assert error.details() == "ResourceNotFoundError: Run missing\n" + "ä%" * 20_000 + " not found"


def test_a_service_that_does_not_exist_is_unknown(channel: grpc.Channel) -> None:
    error = refusal(channel, "/api.StopService/Stop", like=GET)
    assert (error.code(), error.details()) == (
        grpc.StatusCode.UNIMPLEMENTED,
        "unknown service api.StopService",
    )


def test_a_service_that_only_the_gateway_has_is_unknown(channel: grpc.Channel) -> None:
    error = refusal(channel, "/api.HealthzService/GetHealthz")
    assert error.details() == "unknown service api.HealthzService"


def test_a_method_that_does_not_exist_is_unknown(channel: grpc.Channel) -> None:
    error = refusal(channel, "/api.RunService/Stop", like=GET)
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED
    assert error.details() == "unknown method Stop for service api.RunService"


def test_a_path_without_a_method_is_malformed(channel: grpc.Channel) -> None:
    error = refusal(channel, "/nothing", like=GET)
    assert (error.code(), error.details()) == (
        grpc.StatusCode.UNIMPLEMENTED,
        'malformed method name: "/nothing"',
    )


def test_a_method_that_is_not_built_says_so_in_the_fakes_own_words(channel: grpc.Channel) -> None:
    error = refusal(channel, "/api.JobService/GetJob")
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED
    assert error.details().startswith("fake_kfp: /api.JobService/GetJob is not modelled.")


@pytest.mark.parametrize("data", [b"\xff\xff", b"\x0a\x01\x80"], ids=["no fields", "no UTF-8"])
def test_bytes_that_are_no_message_are_an_internal_error(channel: grpc.Channel, data: bytes) -> None:
    stub: Any = channel.unary_unary(GET)
    with pytest.raises(grpc.RpcError) as caught:
        stub(data)
    error: Any = caught.value
    assert error.code() is grpc.StatusCode.INTERNAL
    assert error.details().startswith("grpc: error unmarshalling request: proto: ")


def test_a_slip_of_the_fake_is_told_without_a_traceback_and_logged(
    channel: grpc.Channel, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="fake_kfp"):
        error = refusal(channel, "/api.RunService/DeleteRunV1")
    assert error.code() is grpc.StatusCode.INTERNAL
    assert error.details().startswith("fake_kfp: /api.RunService/DeleteRunV1 failed inside the fake itself")
    assert "ZeroDivisionError: a slip of ours" in error.details()
    assert "Traceback" not in error.details()
    assert "a slip of ours" in caplog.text


def test_metadata_tell_who_calls(channel: grpc.Channel, world: Any) -> None:
    call(
        channel,
        GET,
        run_id="a",
        metadata=[("kubeflow-userid", "ann"), ("x", "1"), ("x", "2"), ("y-bin", b"\0")],
    )
    headers = world.callers[0].headers
    assert headers["kubeflow-userid"] == ("ann",)
    assert headers["x"] == ("1", "2")
    assert "y-bin" not in headers


def test_a_world_put_in_its_place_answers_from_then_on(channel: grpc.Channel, world: Any) -> None:
    assert call(channel, GET, run_id="a").run.name == "first"
    world.api = type(world)("second").api
    assert call(channel, GET, run_id="a").run.name == "second"
