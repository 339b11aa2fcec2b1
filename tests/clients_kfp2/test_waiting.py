"""``kfp.Client`` of 2.x waits by the fake's clock, and in no time."""

from __future__ import annotations

import datetime
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import kfp
import kfp.client.client
import pytest

from fake_kfp import FakeKfp

pytestmark = pytest.mark.fake_kfp(simulation="clocked", now="2024-01-01T00:00:00Z")

LONG = 24 * 3600


def start(client: kfp.Client, package: str, name: str = "r") -> str:
    return client.create_run_from_pipeline_package(package, run_name=name, enable_caching=False).run_id


def test_of_the_polls_those_are_left_before_which_something_happened(
    client: kfp.Client, fake_kfp: FakeKfp, package: str
) -> None:
    fake_kfp.task("echo-2").takes(minutes=90)
    run_id = start(client, package)
    assert client.wait_for_run_completion(run_id, timeout=LONG).state == "SUCCEEDED"
    assert fake_kfp.calls("GetRun").count <= 8
    waited = fake_kfp.clock.now() - datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
    assert waited.total_seconds() == 5405, "the rhythm of its polls stays"


def test_a_run_that_hangs_is_a_timeout_at_once(client: kfp.Client, fake_kfp: FakeKfp, package: str) -> None:
    fake_kfp.task("echo-2").hangs()
    run_id = start(client, package)
    with pytest.raises(TimeoutError) as caught:
        client.wait_for_run_completion(run_id, timeout=600)
    assert str(caught.value) == "Run timeout"
    assert sys.version_info < (3, 11) or "echo-2" in caught.value.__notes__[0]
    assert (fake_kfp.clock.now().minute, fake_kfp.clock.now().second) == (10, 5)
    assert fake_kfp.calls("GetRun").count <= 8


def test_without_a_timeout_it_says_what_it_waits_for(
    client: kfp.Client, fake_kfp: FakeKfp, package: str
) -> None:
    fake_kfp.task("echo-2").hangs()
    created = client.create_run_from_pipeline_package(package, run_name="r")
    with pytest.raises(
        TimeoutError, match=r"nothing more will happen in it: run 'r' .*\n.*Running, until somebody"
    ):
        created.wait_for_run_completion()


def test_a_timeout_is_one_though_the_run_goes_on(client: kfp.Client, fake_kfp: FakeKfp, package: str) -> None:
    fake_kfp.task("echo").takes(hours=2)
    run_id = start(client, package)
    with pytest.raises(TimeoutError, match="Run timeout"):
        client.wait_for_run_completion(run_id, timeout=datetime.timedelta(hours=1))
    assert fake_kfp.clock.now().hour == 1
    assert client.wait_for_run_completion(run_id, timeout=LONG, sleep_duration=60).state == "SUCCEEDED"


def test_clients_of_other_servers_and_other_code_keep_their_time(
    client: kfp.Client, fake_kfp: FakeKfp, fake_kfp_factory: Callable[..., FakeKfp], package: str
) -> None:
    other = fake_kfp_factory(simulation="clocked", now="2024-01-01T00:00:00Z")
    other.task("echo-2").takes(seconds=7)
    theirs = kfp.Client(host=other.url)
    run_id = start(theirs, package)

    def advance() -> None:
        other.clock.advance(minutes=1)

    began = time.monotonic()
    threading.Timer(0.05, advance).start()
    assert theirs.wait_for_run_completion(run_id, LONG, sleep_duration=0.02).state == "SUCCEEDED"
    assert time.monotonic() - began >= 0.04, "it really slept"
    assert kfp.client.client.time is time
    assert kfp.client.client.datetime is datetime


def test_in_a_manual_simulation_it_polls_while_others_move_the_pods(
    client: kfp.Client, fake_kfp: FakeKfp, package: str
) -> None:
    fake_kfp.reset(simulation="manual")
    run_id = start(client, package)
    with pytest.raises(TimeoutError):
        client.wait_for_run_completion(run_id, timeout=60)
    assert fake_kfp.calls("GetRun").count == 14


def test_health_is_asked_for_again_without_sleeping(client: kfp.Client, fake_kfp: FakeKfp) -> None:
    fake_kfp.fault("/apis/*/healthz").answers(503, times=2)
    assert client.get_kfp_healthz().multi_user is False
    assert fake_kfp.clock.now().second == 10


def test_code_that_builds_its_own_client_waits_so_too(
    fake_kfp_endpoint: str, fake_kfp: FakeKfp, package: str
) -> None:
    fake_kfp.task("echo-2").hangs()
    client = kfp.Client()
    with pytest.raises(TimeoutError, match="Run timeout"):
        client.wait_for_run_completion(start(client, package), timeout=3600)
    assert fake_kfp.clock.now().hour == 1


def test_a_thread_that_sleeps_by_the_fakes_clock_has_the_sdk_with_it(fake_kfp: FakeKfp, package: str) -> None:
    fake_kfp.task("echo-2").hangs()
    client = kfp.Client(host=fake_kfp.url)
    run_id = start(client, package)
    with fake_kfp.sleeping(), pytest.raises(TimeoutError, match="Run timeout"):
        client.wait_for_run_completion(run_id, timeout=60)
    assert fake_kfp.clock.now().minute == 1


def test_threads_that_wait_take_turns_so_that_none_is_taken_past_its_timeout(
    client: kfp.Client, fake_kfp: FakeKfp, package: str
) -> None:
    takes = {"a": 10, "b": 20, "c": 50}
    for name, minutes in takes.items():
        fake_kfp.task("echo-2", run=name).takes(minutes=minutes)
    fake_kfp.task("echo-2", run="hangs").hangs()
    runs = {name: start(client, package, name) for name in ("hangs", *takes)}

    def wait(name: str) -> str:
        try:
            return str(client.wait_for_run_completion(runs[name], timeout=3600).state)
        except TimeoutError:
            return "TIMEOUT"

    with ThreadPoolExecutor(4) as pool:
        states = dict(zip(runs, pool.map(wait, runs), strict=True))
    assert states == {"hangs": "TIMEOUT", **dict.fromkeys(takes, "SUCCEEDED")}
    ends = {run.name: run.finished_at for run in fake_kfp.runs}
    assert [round((ends[name] - ends["a"]).total_seconds() / 60) for name in takes] == [0, 10, 40]
    assert fake_kfp.clock.now().hour == 1
