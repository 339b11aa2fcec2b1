"""Code that sleeps by the fake's clock, in the threads that the test says, and in no others."""

from __future__ import annotations

import asyncio
import datetime
import inspect
import sys
import threading
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import grpc
import pytest

from fake_kfp import FakeKfp
from fake_kfp.control import sleeping
from tests.server.calling import call, create_run, rest

REAL = (time.sleep, time.time, time.monotonic)
GET = "/api.RunService/GetRunV1"

POLLER = """
import datetime
import time
from datetime import datetime as Moment
from time import monotonic, sleep

def poll(is_over, timeout, every):
    end = Moment.now() + datetime.timedelta(seconds=timeout)
    began = monotonic()
    polls = 0
    while True:
        polls += 1
        if is_over():
            return polls, monotonic() - began
        if datetime.datetime.now() > end:
            raise TimeoutError("the poller's own")
        sleep(every)
"""


@pytest.fixture
def fake(fake_kfp: FakeKfp) -> FakeKfp:
    fake_kfp.reset(simulation="clocked", now="2024-01-01T00:00:00Z")
    return fake_kfp


@pytest.fixture
def poller() -> Any:
    module = ModuleType("poller")
    exec(POLLER, vars(module))
    return module


def status_over(door: str, fake: FakeKfp, run_id: str) -> str:
    if door == "REST":
        text: str = rest(fake.url, "GET", f"/apis/v1beta1/runs/{run_id}")[1]["run"]["status"]
        return text
    with fake.channel() if door == "in process" else grpc.insecure_channel(fake.target) as channel:
        status: str = call(channel, GET, run_id=run_id).run.status
    return status


def poll(door: str, fake: FakeKfp, run_id: str, timeout: float = 7200) -> int:
    """A loop as people write it; gives how often it looked."""
    deadline = time.monotonic() + timeout
    polls = 0
    while time.monotonic() < deadline:
        polls += 1
        if status_over(door, fake, run_id) == "Succeeded":
            return polls
        time.sleep(10)
    raise TimeoutError("its own")


@pytest.mark.parametrize("door", ["REST", "gRPC", "in process"])
def test_a_loop_that_sleeps_jumps_and_gives_up_in_time(fake: FakeKfp, door: str) -> None:
    fake.task("main").takes(minutes=90)
    run_id = create_run(fake)
    fake.task("main", run="hangs").hangs()
    hangs = create_run(fake, name="hangs")
    with fake.sleeping():
        assert poll(door, fake, run_id) == 2
        assert fake.clock.now() == datetime.datetime(2024, 1, 1, 1, 30, tzinfo=datetime.timezone.utc)
        with pytest.raises(TimeoutError, match="its own"):
            poll(door, fake, hangs, 600)
    assert (time.sleep, time.time, time.monotonic) == REAL


def test_a_loop_without_an_end_is_told(fake: FakeKfp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sleeping, "MOST_IDLE_SLEEPS", 20)
    fake.task("main").hangs()
    run_id = create_run(fake)
    with (
        fake.sleeping(),
        pytest.raises(TimeoutError, match=r"during 20 sleeps in a row: .*\n.*\n.*main: Running"),
    ):
        poll("in process", fake, run_id, 86400)


def test_other_threads_sleep_as_ever(fake: FakeKfp) -> None:
    inside, slept, out = threading.Event(), threading.Event(), threading.Event()
    took = []

    def other() -> None:
        with fake.sleeping():
            inside.set()
            slept.wait(60)
            time.sleep(3600)
        out.set()

    thread = threading.Thread(target=other)
    thread.start()
    inside.wait(60)
    before = fake.clock.now()
    began = REAL[2]()
    time.sleep(0.02)
    took.append(REAL[2]() - began)
    assert (fake.clock.now(), took[0] >= 0.02, time.sleep is REAL[0]) == (before, True, False)
    assert REAL[1]() <= time.time() <= REAL[1]()
    slept.set()
    thread.join()
    assert (fake.clock.now() - before, out.is_set()) == (datetime.timedelta(hours=1), True)
    assert (time.sleep, time.time, time.monotonic) == REAL


def test_its_clocks_go_on_by_what_was_slept(fake: FakeKfp) -> None:
    with fake.sleeping():
        before, began, at = REAL[2](), time.monotonic(), time.time()
        time.sleep(3600)
        slept, passed = time.monotonic() - began, time.time() - at
        took = REAL[2]() - before
        assert 3600 <= slept <= 3600 + took
        assert abs(passed - slept) <= took + 1  # the wall clock may be put right meanwhile
        assert time.monotonic() <= time.monotonic_ns() / 1e9 <= time.monotonic()
        with pytest.raises(ValueError, match="sleep length must be non-negative"):
            time.sleep(-1)
    assert fake.clock.now().hour == 1


def test_names_of_a_module_show_the_fakes_clock(fake: FakeKfp, poller: Any) -> None:
    fake.task("main").takes(minutes=90)
    run_id = create_run(fake)
    names = dict(vars(poller))
    with fake.sleeping(poller):
        assert time.sleep is REAL[0]
        assert poller.Moment.now(datetime.timezone.utc) == fake.clock.now()
        assert poller.datetime.datetime.utcnow() == poller.Moment(2024, 1, 1) == datetime.datetime(2024, 1, 1)
        assert (
            poller.Moment.today()
            == poller.Moment.now()
            == datetime.datetime.fromtimestamp(poller.time.time())
        )
        assert isinstance(datetime.datetime(2024, 1, 1), poller.Moment)
        assert type(poller.Moment.fromisoformat("2024-01-01")) is datetime.datetime
        assert poller.time.gmtime(0).tm_year == 1970
        found = poller.poll(lambda: status_over("in process", fake, run_id) == "Succeeded", 7200, 60)
        assert found == (2, 5400)
        with pytest.raises(TimeoutError, match="the poller's own"):
            poller.poll(lambda: False, 600, 60)
        threads: list[datetime.datetime] = []
        thread = threading.Thread(target=lambda: threads.append(poller.Moment.now()))
        thread.start()
        thread.join()
        assert threads[0].year > 2024
    assert dict(vars(poller)) == names


ASYNC_POLLER = """
import asyncio
from asyncio import sleep

async def poll(is_over, tries):
    polls = 0
    while not is_over():
        polls += 1
        if polls > tries:
            raise TimeoutError("the poller's own")
        await asyncio.sleep(60)
        await sleep(0)
    return polls
"""


@pytest.mark.parametrize("named", [False, True])
def test_coroutines_sleep_so_too_and_let_others_have_their_turn(fake: FakeKfp, named: bool) -> None:
    poller: Any = ModuleType("poller")
    exec(ASYNC_POLLER, vars(poller))
    names = dict(vars(poller))
    fake.task("main").takes(minutes=90)
    run_id = create_run(fake)
    turns = []

    async def other() -> None:
        for _ in range(3):
            turns.append(fake.clock.now().hour)
            await asyncio.sleep(0)

    async def main() -> Any:
        return await asyncio.gather(
            poller.poll(lambda: status_over("in process", fake, run_id) == "Succeeded", 3), other()
        )

    real = asyncio.sleep
    with fake.sleeping(*([poller] if named else [])):
        assert (asyncio.sleep is real) is named
        assert asyncio.run(main()) == [1, None]
    assert turns == [1, 1, 1]
    assert (asyncio.sleep is real, dict(vars(poller)) == names) == (True, True)


def test_two_fakes_may_be_slept_by_one_inside_the_other(
    fake: FakeKfp, fake_kfp_factory: Callable[..., FakeKfp]
) -> None:
    other = fake_kfp_factory(simulation="clocked", now="2030-01-01T00:00:00Z")
    with fake.sleeping():
        with other.sleeping():
            time.sleep(60)
        assert (fake.clock.now().minute, other.clock.now().minute) == (0, 1)
        time.sleep(120)
    assert (fake.clock.now().minute, other.clock.now().minute) == (2, 1)


def test_what_somebody_else_put_there_meanwhile_stays(fake: FakeKfp) -> None:
    calls: list[float] = []
    try:
        with fake.sleeping():
            vars(time)["sleep"] = calls.append
        time.sleep(5)
        assert calls == [5]
    finally:
        time.sleep = REAL[0]


def test_a_function_to_sleep_with(fake: FakeKfp) -> None:
    fake.task("main").takes(seconds=95)
    run_id = create_run(fake)
    fake.clock.sleep(10)
    assert status_over("REST", fake, run_id) == "Succeeded"
    assert fake.clock.now().second == 40, "ten times ten seconds"
    fake.clock.sleep(0.5)
    assert fake.clock.now().microsecond == 500_000


SDK = """
import datetime
import time

class Client:
    def __init__(self, host):
        class Holder: pass
        self._run_api = Holder()
        self._run_api.api_client = Holder()
        self._run_api.api_client.configuration = Holder()
        self._run_api.api_client.configuration.host = host

    def get_kfp_healthz(self):
        time.sleep(5)

    def wait_for_run_completion(self, run_id, timeout):
        began = datetime.datetime.now()
        while (datetime.datetime.now() - began).total_seconds() <= timeout:
            time.sleep(5)
        raise TimeoutError("Run timeout")
"""


def test_the_sdk_may_be_imported_after_its_time_was_set(
    fake: FakeKfp, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if any(name.split(".")[0] == "kfp" for name in sys.modules):
        pytest.skip("the SDK itself is here; its own tests have it")
    (tmp_path / "kfp").mkdir()
    (tmp_path / "kfp" / "__init__.py").write_text("from kfp._client import Client\n")
    (tmp_path / "kfp" / "_client.py").write_text(SDK)
    monkeypatch.syspath_prepend(tmp_path)
    fake.task("main").hangs()
    run_id = create_run(fake)
    modules = sys.modules
    try:
        with fake.sdk_time():
            import kfp

            with pytest.raises(TimeoutError, match="Run timeout"):
                kfp.Client(fake.url).wait_for_run_completion(run_id, timeout=600)
            assert (fake.clock.now().minute, fake.clock.now().second) == (10, 5)
            kfp.Client(fake.url.replace("127.0.0.1", "localhost")).get_kfp_healthz()
            assert fake.clock.now().second == 10
            assert inspect.getsource(modules["kfp._client"]) == SDK
        assert not hasattr(kfp.Client.wait_for_run_completion, "__wrapped__")
    finally:
        for name in ("kfp", "kfp._client"):
            modules.pop(name, None)
