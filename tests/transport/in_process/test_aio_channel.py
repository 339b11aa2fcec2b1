"""The in-process channel for asyncio: everything of ``grpc.aio.Channel`` that clients use."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import grpc
import grpc.aio
import pytest

from fake_kfp import FakeKfp
from fake_kfp.api import descriptors

CREATE = "/kubeflow.pipelines.backend.api.v2beta1.ExperimentService/CreateExperiment"
GET = "/kubeflow.pipelines.backend.api.v2beta1.ExperimentService/GetExperiment"

Channel = grpc.aio.Channel
Scenario = Callable[[FakeKfp, Channel], Coroutine[Any, Any, None]]


def stub(channel: Channel, path: str) -> Any:
    method = descriptors.methods()[path]
    return channel.unary_unary(
        path,
        request_serializer=method.input_class.SerializeToString,
        response_deserializer=method.output_class.FromString,
    )


def message(path: str, **fields: Any) -> Any:
    return descriptors.methods()[path].input_class(**fields)


async def create(channel: Channel, name: str) -> Any:
    return await stub(channel, CREATE)(message(CREATE, experiment={"display_name": name}))


@pytest.fixture(params=["in process", "by a socket"])
def play(request: pytest.FixtureRequest) -> Callable[[Scenario], None]:
    """Plays a scenario through the channel, and through one of grpc's own: what a client sees is the same."""

    def played(scenario: Scenario) -> None:
        async def main() -> None:
            with FakeKfp() as fake:
                theirs = grpc.aio.insecure_channel(fake.target)
                async with fake.aio_channel() if request.param == "in process" else theirs as channel:
                    await scenario(fake, channel)

        asyncio.run(main())

    return played


def test_calls_are_awaited(play: Callable[[Scenario], None]) -> None:
    async def scenario(fake: FakeKfp, channel: Channel) -> None:
        made = await create(channel, "nightly")
        call = stub(channel, GET)(message(GET, experiment_id=made.experiment_id))
        assert (await call).display_name == "nightly"
        assert await call.code() is grpc.StatusCode.OK
        assert await call.details() == ""
        assert call.done()
        assert not call.cancelled()
        assert not call.cancel()

    play(scenario)


def test_many_calls_are_under_way_at_once(play: Callable[[Scenario], None]) -> None:
    async def scenario(fake: FakeKfp, channel: Channel) -> None:
        made = await asyncio.gather(*(create(channel, f"e{number}") for number in range(50)))
        assert len({each.experiment_id for each in made}) == 50
        assert fake.calls("CreateExperiment").count == 50

    play(scenario)


def test_a_refusal_has_code_details_and_trailers(play: Callable[[Scenario], None]) -> None:
    async def scenario(fake: FakeKfp, channel: Channel) -> None:
        call = stub(channel, GET)(message(GET, experiment_id="missing"))
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call
        assert caught.value.code() is await call.code() is grpc.StatusCode.NOT_FOUND
        assert "missing not found" in str(caught.value.details())
        assert caught.value.details() == await call.details()
        assert "grpc-status-details-bin" in caught.value.trailing_metadata()
        assert "grpc-status-details-bin" in await call.trailing_metadata()

    play(scenario)


def test_a_call_that_waits_does_not_hold_the_loop(play: Callable[[Scenario], None]) -> None:
    async def scenario(fake: FakeKfp, channel: Channel) -> None:
        go_on = threading.Event()
        fake.fault("CreateExperiment").delays(seconds=0.01, real=True, times=1, when=lambda: go_on.wait(60))
        slow = asyncio.ensure_future(create(channel, "slow"))
        for _ in range(20):  # the loop goes on meanwhile
            await asyncio.sleep(0)
            assert not slow.done()
        go_on.set()
        assert (await slow).display_name == "slow"

    play(scenario)


def test_a_deadline_ends_a_call_that_takes_longer(play: Callable[[Scenario], None]) -> None:
    async def scenario(fake: FakeKfp, channel: Channel) -> None:
        fake.fault("CreateExperiment").delays(seconds=30, real=True)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub(channel, CREATE)(message(CREATE, experiment={"display_name": "e"}), timeout=0.05)
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED

    play(scenario)


def test_a_call_can_be_cancelled(play: Callable[[Scenario], None]) -> None:
    async def scenario(fake: FakeKfp, channel: Channel) -> None:
        fake.fault("CreateExperiment").delays(seconds=0.2, real=True)
        ended: list[Any] = []
        call = stub(channel, CREATE)(message(CREATE, experiment={"display_name": "e"}))
        call.add_done_callback(ended.append)
        assert call.cancel()
        assert call.cancelled()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert await call.code() is grpc.StatusCode.CANCELLED
        await asyncio.sleep(0)  # the loop tells of it
        assert ended == [call]

    play(scenario)


def test_a_closed_channel_takes_no_calls(play: Callable[[Scenario], None]) -> None:
    async def scenario(fake: FakeKfp, channel: Channel) -> None:
        await channel.channel_ready()
        assert channel.get_state() is grpc.ChannelConnectivity.READY
        await channel.close()
        assert channel.get_state() is grpc.ChannelConnectivity.SHUTDOWN
        with pytest.raises(grpc.aio.UsageError, match=r"Channel is closed\."):
            await create(channel, "late")

    play(scenario)


def test_streams_are_refused() -> None:
    watch: Any = FakeKfp().aio_channel().unary_stream("/x.Y/Watch")
    with pytest.raises(grpc.aio.AioRpcError, match="which the in-process channel does not carry"):
        watch(b"")
