"""The in-process channel: everything of ``grpc.Channel`` that clients use."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from fake_kfp.api import descriptors
from fake_kfp.transport.in_process.channel import InProcessChannel

METHOD = "/api.RunService/GetRunV1"


@pytest.fixture
def in_process(world: Any) -> InProcessChannel:
    return InProcessChannel(lambda metadata: world.api)


def stub(channel: grpc.Channel, **marks: Any) -> Any:
    method = descriptors.methods()[METHOD]
    return channel.unary_unary(
        METHOD,
        request_serializer=method.input_class.SerializeToString,
        response_deserializer=method.output_class.FromString,
        **marks,
    )


def get(run_id: str) -> Any:
    return descriptors.methods()[METHOD].input_class(run_id=run_id)


def test_stubs_are_taken_with_the_mark_that_newer_generators_put_on_them(
    in_process: InProcessChannel,
) -> None:
    assert stub(in_process, _registered_method=True)(get("a")).run.id == "a"


def test_with_call_returns_the_reply_and_its_call(in_process: InProcessChannel) -> None:
    reply, call = stub(in_process).with_call(get("a"), timeout=5, metadata=(("x", "1"),))
    assert reply.run.id == "a"
    assert isinstance(call, grpc.Call)
    assert (call.code(), call.details(), call.trailing_metadata()) == (grpc.StatusCode.OK, "", ())


def test_a_future_is_done_when_it_is_returned(in_process: InProcessChannel) -> None:
    future = stub(in_process).future(get("a"))
    assert future.done()
    assert future.result(timeout=60).run.id == "a"
    assert future.exception() is None
    assert future.code() is grpc.StatusCode.OK


def test_a_refused_future_raises_on_result(in_process: InProcessChannel) -> None:
    future = stub(in_process).future(get("missing"))
    assert future.exception() is future
    assert future.code() is grpc.StatusCode.NOT_FOUND
    with pytest.raises(grpc.RpcError, match="Run missing not found"):
        future.result()


def test_callbacks_of_a_future_are_called_at_once(in_process: InProcessChannel) -> None:
    seen: list[Any] = []
    future = stub(in_process).future(get("a"))
    future.add_done_callback(seen.append)
    assert seen == [future]


def test_a_finished_call_cannot_be_cancelled(in_process: InProcessChannel) -> None:
    future = stub(in_process).future(get("a"))
    assert not future.cancel()
    assert not future.cancelled()
    assert not future.is_active()


def test_a_refusal_reads_well_in_a_test_report(in_process: InProcessChannel) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        stub(in_process)(get("missing"))
    assert (
        str(caught.value)
        == "<in-process call refused with NOT_FOUND: ResourceNotFoundError: Run missing not found>"
    )


@pytest.mark.parametrize("kind", ["unary_stream", "stream_unary", "stream_stream"])
def test_streams_are_refused_with_advice(in_process: InProcessChannel, kind: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        getattr(in_process, kind)("/some.Service/Stream", None, None)(iter(()))
    error: Any = caught.value
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED
    assert error.details() == (
        "fake_kfp: /some.Service/Stream is a stream, which the in-process channel does not carry. Use the server's gRPC port."
    )


def test_time_that_is_up_before_the_call_is_a_deadline_exceeded(
    in_process: InProcessChannel, world: Any
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        stub(in_process)(get("a"), timeout=0)
    error: Any = caught.value
    assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert world.callers == []


@pytest.mark.parametrize("pair", [("Upper", "x"), ("blank key", "x"), ("", "x"), ("text", b"bytes")])
def test_metadata_that_a_wire_would_not_take_are_refused(in_process: InProcessChannel, pair: Any) -> None:
    with pytest.raises(ValueError, match="metadata was invalid"):
        stub(in_process)(get("a"), metadata=[pair])


def test_interceptors_see_the_calls(in_process: InProcessChannel) -> None:
    class Signing(grpc.UnaryUnaryClientInterceptor):
        def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
            return continuation(client_call_details, get("signed-" + request.run_id))

    intercepted = grpc.intercept_channel(in_process, Signing())
    assert stub(intercepted)(get("a")).run.id == "signed-a"


def test_the_channel_is_ready_from_the_start(in_process: InProcessChannel) -> None:
    assert grpc.channel_ready_future(in_process).result(timeout=60) is None


def test_a_closed_channel_refuses_calls(in_process: InProcessChannel) -> None:
    with in_process as channel:
        call = stub(channel)
    with pytest.raises(ValueError, match="closed channel"):
        call(get("a"))
