"""Several worlds on one server, each reached by its name, through each door."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import grpc.aio
import pytest

from fake_kfp import FakeKfp
from fake_kfp.api import descriptors
from fake_kfp.named_worlds import WorldError
from tests.server.calling import create_run, rest

LIST = "/api.ExperimentService/ListExperimentsV1"
Names = Callable[[FakeKfp, str], Any]


@pytest.fixture
def fake(fake_kfp_factory: Callable[..., FakeKfp]) -> FakeKfp:
    return fake_kfp_factory(max_worlds=3)


def by_path(fake: FakeKfp, world: str) -> Any:
    """The names of a world's experiments, or what is said in their stead; the empty name is the usual world's."""
    return _names(*rest(f"{fake.url}/worlds/{world}" if world else fake.url, "GET", _PATH))


def by_header(fake: FakeKfp, world: str) -> Any:
    """The same, with a header."""
    return _names(*rest(fake.url, "GET", _PATH, **({"X-Fake-Kfp-World": world} if world else {})))


def by_metadata(fake: FakeKfp, world: str) -> Any:
    """The same over gRPC."""
    with grpc.insecure_channel(fake.target) as channel:
        return _listed(channel, world)


def in_process(fake: FakeKfp, world: str) -> Any:
    """The same in process."""
    return _listed(fake.channel(), world)


def in_process_by_asyncio(fake: FakeKfp, world: str) -> Any:
    """The same for asyncio."""

    async def listed() -> Any:
        stub: Any = fake.aio_channel().unary_unary(LIST, *_messages())
        try:
            return await stub(_request(), metadata=_named(world))
        except grpc.aio.AioRpcError as error:
            return error

    return _shown(asyncio.run(listed()))


def _messages() -> tuple[Any, Any]:
    method = descriptors.methods()[LIST]
    return method.input_class.SerializeToString, method.output_class.FromString


def _request() -> Any:
    return descriptors.methods()[LIST].input_class(sort_by="name")


def _named(world: str) -> list[tuple[str, str]]:
    return [("x-fake-kfp-world", world)] if world else []


def _listed(channel: grpc.Channel, world: str) -> Any:
    stub: Any = channel.unary_unary(LIST, *_messages())
    try:
        return _shown(stub(_request(), timeout=120, metadata=_named(world)))
    except grpc.RpcError as error:
        return _shown(error)


def _shown(said: Any) -> Any:
    if not isinstance(said, grpc.RpcError):
        return [each.name for each in said.experiments]
    refused: Any = said
    assert refused.code() is grpc.StatusCode.NOT_FOUND
    return refused.details()


_PATH = "/apis/v1beta1/experiments?sort_by=name"


def _names(status: int, reply: Any) -> Any:
    return [each["name"] for each in reply["experiments"]] if status == 200 else reply["error"]


every_door = pytest.mark.parametrize(
    "names", [by_path, by_header, by_metadata, in_process, in_process_by_asyncio]
)


@every_door
def test_each_world_has_its_own(fake: FakeKfp, names: Names) -> None:
    a, b = fake.world("a"), fake.world("b.-_1")
    a.add_experiment("of-a")
    rest(b.url, "POST", "/apis/v1beta1/experiments", {"name": "of-b"})
    assert names(fake, "a") == ["Default", "of-a"]
    assert names(fake, "b.-_1") == ["Default", "of-b"]
    assert names(fake, "") == ["Default"]


@every_door
def test_a_world_that_is_not_there_is_not_the_usual_one(fake: FakeKfp, names: Names) -> None:
    fake.world("a").stop()
    assert names(fake, "a").startswith("fake_kfp: there is no world 'a' on this server")


def test_a_path_goes_before_a_header(fake: FakeKfp) -> None:
    fake.world("a").add_experiment("of-a")
    fake.world("b")
    _, reply = rest(f"{fake.url}/worlds/b", "GET", _PATH, **{"X-Fake-Kfp-World": "a"})
    assert len(reply["experiments"]) == 1


def test_a_worlds_own_channel_leads_there(fake: FakeKfp) -> None:
    create_run(fake.world("a"))
    assert (len(fake.world("a").runs), len(fake.runs)) == (1, 0)


def test_clock_options_and_calls_are_a_worlds_own(fake: FakeKfp) -> None:
    a = fake.world("a", now="2024-01-01T00:00:00Z", simulation="clocked")
    b = fake.world("b", now="2024-01-01T00:00:00Z", simulation="clocked")
    assert rest(a.url, "POST", "/_fake_kfp/clock/advance", {"hours": 1})[0] == 200
    assert (a.clock.now() - b.clock.now()).total_seconds() == 3600
    create_run(a)
    rest(a.url, "GET", "/apis/v2beta1/runs")
    assert [call.path for call in a.calls("GET /*")] == ["/apis/v2beta1/runs"]
    assert (b.calls().count, fake.calls().count) == (0, 0)
    rest(a.url, "POST", "/_fake_kfp/reset")
    assert (len(a.runs), a.clock.now().hour) == (0, 0)


def test_worlds_are_made_and_dropped_over_http(fake: FakeKfp) -> None:
    made = rest(fake.url, "POST", "/_fake_kfp/worlds", {"name": "a", "simulation": "manual"})
    assert made == (200, {"name": "a", "url": f"{fake.url}/worlds/a"})
    assert fake.world("a").options.simulation.value == "manual"
    assert rest(fake.url, "GET", "/_fake_kfp/worlds") == (200, {"worlds": ["a"]})
    assert rest(fake.url, "DELETE", "/_fake_kfp/worlds/a") == (200, {})
    assert rest(fake.url, "DELETE", "/_fake_kfp/worlds/a")[0] == 404
    assert fake.world_names() == []


@pytest.mark.parametrize(
    ("asked", "status", "why"),
    [
        ({"name": "taken"}, 409, "there is a world 'taken' already"),
        ({"name": "a/b"}, 400, "letters, digits, dots, dashes"),
        ({"name": ".."}, 400, "letters, digits, dots, dashes"),
        ({"name": ""}, 400, "letters, digits, dots, dashes"),
        ({}, 400, "name"),
        ({"name": "a", "stpe": 1}, 400, "stpe"),
        ({"name": "a", "step": -1}, 400, "step is a number, 0 or more"),
        ({"name": "a", "fetch_from": ["https://example.com"]}, 403, "may only be narrowed"),
    ],
)
def test_a_world_that_cannot_be_is_refused(
    fake: FakeKfp, asked: dict[str, Any], status: int, why: str
) -> None:
    fake.world("taken")
    found, reply = rest(fake.url, "POST", "/_fake_kfp/worlds", asked)
    assert found == status and why in reply["error"]
    assert fake.world_names() == ["taken"]


def test_there_are_no_more_than_were_allowed(fake: FakeKfp) -> None:
    worlds = [fake.world(name) for name in "abc"]
    with pytest.raises(WorldError, match="there are 3 worlds already"):
        fake.world("d")
    assert rest(fake.url, "POST", "/_fake_kfp/worlds", {"name": "d"})[0] == 409
    worlds[0].stop()
    assert fake.world("d").url.endswith("/worlds/d")


def test_a_world_has_no_worlds(fake: FakeKfp) -> None:
    assert rest(fake.world("a").url, "POST", "/_fake_kfp/worlds", {"name": "b"})[0] == 409


def test_the_world_of_a_name_is_the_same_each_time(fake: FakeKfp) -> None:
    assert fake.world("a", seed=1) is fake.world("a")
    with pytest.raises(WorldError, match="there is a world 'a' already"):
        fake.world("a", seed=1)


def test_redirects_stay_in_the_world(fake: FakeKfp) -> None:
    import http.client

    fake.world("a")
    connection = http.client.HTTPConnection(fake.url.removeprefix("http://"), timeout=120)
    connection.request("GET", "/worlds/a/apis//v1beta1/runs")
    reply = connection.getresponse()
    assert (reply.status, reply.getheader("Location")) == (301, "/worlds/a/apis/v1beta1/runs")
    connection.close()


def test_the_control_token_is_the_servers(fake_kfp_factory: Callable[..., FakeKfp]) -> None:
    fake = fake_kfp_factory(control_token="secret")
    world = fake.world("a")
    assert rest(world.url, "POST", "/_fake_kfp/reset")[0] == 401
    assert rest(world.url, "POST", "/_fake_kfp/reset", Authorization="Bearer secret")[0] == 200
    assert rest(fake.url, "POST", "/_fake_kfp/worlds", {"name": "b"})[0] == 401


def test_a_world_answers_to_known_names_alone(fake: FakeKfp) -> None:
    fake.world("a")
    assert rest(f"{fake.url}/worlds/a", "GET", _PATH, Host="evil.example")[0] == 403


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as made:
        yield made


def test_tests_side_by_side_do_not_meet(fake_kfp: FakeKfp, pool: ThreadPoolExecutor) -> None:
    def one(number: int) -> list[str]:
        with fake_kfp.world(f"test-{number}") as world:
            for place in range(3):
                rest(world.url, "POST", "/apis/v1beta1/experiments", {"name": f"{number}-{place}"})
            return [name for name in by_path(fake_kfp, f"test-{number}") if name != "Default"]

    for number, names in enumerate(pool.map(one, range(16))):
        assert names == [f"{number}-{place}" for place in range(3)]
    assert fake_kfp.world_names() == []
