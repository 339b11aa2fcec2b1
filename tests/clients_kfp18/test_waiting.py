"""``kfp.Client`` of 1.8 waits by the fake's clock, and in no time."""

from __future__ import annotations

import datetime
import sys
import time

import kfp
import kfp._client
import pytest

from fake_kfp import FakeKfp

pytestmark = pytest.mark.fake_kfp(simulation="clocked", now="2024-01-01T00:00:00Z")


def start(client: kfp.Client, package: str) -> str:
    return client.create_run_from_pipeline_package(package, {}, run_name="r").run_id


def test_of_the_polls_those_are_left_before_which_something_happened(
    client: kfp.Client, fake_kfp: FakeKfp, package: str
) -> None:
    fake_kfp.task("second").takes(minutes=90)
    run_id = start(client, package)
    assert client.wait_for_run_completion(run_id, timeout=86400).run.status == "Succeeded"
    assert fake_kfp.calls("GetRun*").count <= 5
    waited = fake_kfp.clock.now() - datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
    assert waited.total_seconds() == 5405 + 5, "this SDK sleeps once more afterwards"


def test_a_run_that_hangs_is_a_timeout_at_once(client: kfp.Client, fake_kfp: FakeKfp, package: str) -> None:
    fake_kfp.task("second").hangs()
    run_id = start(client, package)
    with pytest.raises(TimeoutError) as caught:
        client.wait_for_run_completion(run_id, timeout=600)
    assert str(caught.value) == "Run timeout"
    assert sys.version_info < (3, 11) or "echo-2: Running" in caught.value.__notes__[0]
    assert (fake_kfp.clock.now().minute, fake_kfp.clock.now().second) == (10, 5)
    assert fake_kfp.calls("GetRun*").count <= 5
    assert kfp._client.time is time
    assert kfp._client.datetime is datetime


def test_without_a_timeout_it_says_what_it_waits_for(
    client: kfp.Client, fake_kfp: FakeKfp, package: str
) -> None:
    fake_kfp.task("second").hangs()
    created = client.create_run_from_pipeline_package(package, {}, run_name="r")
    with pytest.raises(
        TimeoutError, match=r"nothing more will happen in it: run 'r' .*\n.*echo-2: Running, until"
    ):
        created.wait_for_run_completion()


def test_code_that_builds_its_own_client_waits_so_too(
    fake_kfp_endpoint: str, fake_kfp: FakeKfp, package: str
) -> None:
    fake_kfp.task("second").hangs()
    client = kfp.Client()
    with pytest.raises(TimeoutError, match="Run timeout"):
        client.wait_for_run_completion(start(client, package), timeout=3600)
    assert fake_kfp.clock.now().hour == 1


def test_health_is_asked_for_again_without_sleeping(client: kfp.Client, fake_kfp: FakeKfp) -> None:
    fake_kfp.fault("/apis/*/healthz").answers(503, times=2)
    assert not client.get_kfp_healthz().multi_user
    assert fake_kfp.clock.now().second == 10
