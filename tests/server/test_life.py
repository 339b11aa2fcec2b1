"""Starting, stopping, resetting: what a server leaves behind, and what it keeps apart."""

from __future__ import annotations

import gc
import os
import socket
import threading
import tracemalloc
from pathlib import Path
from typing import Any

import grpc
import pytest

import fake_kfp as package
from fake_kfp import FakeKfp, OptionError
from tests.server.calling import call, create_run, get_run, rest

LIST = "/api.RunService/ListRunsV1"
OPEN_FILES = Path("/proc/self/fd")


def test_the_public_names_are_all_there_is_to_know() -> None:
    for name in package.__all__:
        assert getattr(package, name).__name__ == name
    assert not hasattr(package, "Deployment")


def test_a_world_answers_in_process_without_being_started() -> None:
    fake = FakeKfp()
    assert get_run(fake, create_run(fake)).run.status == "Succeeded"


@pytest.mark.parametrize("address", ["url", "target"])
def test_addresses_are_known_only_while_it_is_started(address: str) -> None:
    fake = FakeKfp()
    with pytest.raises(RuntimeError, match="this FakeKfp is not started"):
        getattr(fake, address)
    with fake:
        assert getattr(fake, address)
    with pytest.raises(RuntimeError, match="this FakeKfp is not started"):
        getattr(fake, address)


def test_starting_and_stopping_twice_does_nothing() -> None:
    fake = FakeKfp()
    url = fake.start().url
    assert fake.start().url == url
    fake.stop()
    fake.stop()
    with pytest.raises(OSError, match="refused"):
        rest(url, "GET", "/")


def test_a_stopped_server_starts_again_with_its_world() -> None:
    fake = FakeKfp()
    with fake:
        create_run(fake, name="kept")
    with fake:
        assert rest(fake.url, "GET", "/apis/v1beta1/runs")[1]["runs"][0]["name"] == "kept"


@pytest.mark.parametrize("side", ["http_port", "grpc_port"])
def test_a_busy_port_leaves_nothing_half_open(side: str) -> None:
    before = set(threading.enumerate())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        options: dict[str, Any] = {side: taken.getsockname()[1]}
        fake = FakeKfp(**options)
        with pytest.raises(OSError, match="cannot listen on 127"):
            fake.start()
    assert not left_over(before)
    with fake:
        assert rest(fake.url, "GET", "/apis/v1beta1/runs") == (200, {})


def test_unknown_options_are_refused_with_those_there_are() -> None:
    with pytest.raises(OptionError, match="unknown option 'simulaton'; there are: simulation, now, seed"):
        FakeKfp(simulaton="instant")  # type: ignore[call-arg]


def test_two_servers_are_two_worlds() -> None:
    with FakeKfp(seed=1) as one, FakeKfp(seed=1) as other:
        create_run(one, name="mine")
        one.task("main").fails()
        one.clock.advance(days=365)
        assert one.url != other.url
        assert one.target != other.target
        assert len(other.runs) == 0
        assert get_run(other, create_run(other)).run.status == "Succeeded"
        assert (one.clock.now() - other.clock.now()).days >= 364
        other.reset()
        assert [run.name for run in one.runs] == ["mine"]


def test_a_reset_puts_a_new_world_behind_open_connections(fake_kfp: FakeKfp) -> None:
    with grpc.insecure_channel(fake_kfp.target) as channel, fake_kfp.channel() as inside:
        create_run(fake_kfp)
        assert call(channel, LIST).total_size == call(inside, LIST).total_size == 1
        fake_kfp.reset()
        assert call(channel, LIST).total_size == call(inside, LIST).total_size == 0


def test_what_a_reset_changes_holds_until_the_next(fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(simulation="manual")
    assert get_run(fake_kfp, create_run(fake_kfp)).run.status == "Pending"
    fake_kfp.reset()
    assert get_run(fake_kfp, create_run(fake_kfp)).run.status == "Succeeded"


def test_views_show_the_world_that_is_there_when_they_are_used(fake_kfp: FakeKfp) -> None:
    runs, clock = fake_kfp.runs, fake_kfp.clock
    create_run(fake_kfp)
    fake_kfp.reset(now="2000-01-01T00:00:00Z", speed=0)
    assert len(runs) == 0
    assert clock.now().year == 2000


def one_life() -> None:
    with FakeKfp() as fake:
        rest(fake.url, "GET", "/apis/v1beta1/runs")
        with grpc.insecure_channel(fake.target) as channel:
            call(channel, LIST)
        get_run(fake, create_run(fake))
        fake.reset()


def left_over(before: set[threading.Thread]) -> set[threading.Thread]:
    """The threads that were not there before, after each had a chance to leave."""
    new = set(threading.enumerate()) - before
    for thread in new:
        thread.join(timeout=60)
    return {thread for thread in new if thread.is_alive()}


@pytest.mark.skipif(not OPEN_FILES.exists(), reason="counts open files by /proc")
def test_lives_leave_no_threads_sockets_or_memory_behind() -> None:
    threads = set(threading.enumerate())
    for _ in range(3):
        one_life()
    assert not left_over(threads)
    gc.collect()
    files = len(os.listdir(OPEN_FILES))
    tracemalloc.start()
    try:
        for _ in range(15):
            one_life()
        gc.collect()
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert not left_over(threads)
    assert len(os.listdir(OPEN_FILES)) <= files + 2
    assert grown < 1_000_000
