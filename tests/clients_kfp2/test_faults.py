"""What ``kfp.Client`` of 2.x makes of calls that go wrong."""

from __future__ import annotations

import json

import kfp
import pytest
import urllib3
from kfp_server_api import ApiException

from fake_kfp import FakeKfp

pytestmark = pytest.mark.fake_kfp(simulation="clocked", now="2024-01-01T00:00:00Z")


def test_a_wait_in_which_a_poll_is_refused(client: kfp.Client, fake_kfp: FakeKfp, package: str) -> None:
    """The SDK's wait gives up at the first refusal; a loop around it, as people write it, goes on."""
    run_id = client.create_run_from_pipeline_package(package).run_id
    fake_kfp.fault("GetRun").fails("UNAVAILABLE", times=2)
    refused = []
    while True:
        try:
            run = client.wait_for_run_completion(run_id, timeout=600)
            break
        except ApiException as error:
            refused.append(error.status)
    assert (refused, run.state) == ([503, 503], "SUCCEEDED")


def test_an_outage_by_the_clock(client: kfp.Client, fake_kfp: FakeKfp, package: str) -> None:
    fake_kfp.task("echo").takes(hours=1)
    run_id = client.create_run_from_pipeline_package(package, enable_caching=False).run_id
    outage = "2024-01-01T00:30:00Z"
    fake_kfp.fault("GetRun").fails("UNAVAILABLE", since=outage, until="2024-01-01T00:31:00Z")
    with pytest.raises(ApiException) as caught:
        client.wait_for_run_completion(run_id, timeout=7200)
    assert caught.value.status == 503
    assert fake_kfp.clock.now().minute == 30
    fake_kfp.clock.advance(minutes=1)
    assert client.wait_for_run_completion(run_id, timeout=7200).state == "SUCCEEDED"


def test_a_list_that_nobody_can_read_is_an_empty_one_to_this_client(
    client: kfp.Client, fake_kfp: FakeKfp, package: str
) -> None:
    client.create_run_from_pipeline_package(package)
    fake_kfp.fault("ListRuns").garbles("truncated", times=1)
    assert client.list_runs().runs is None
    assert len(client.list_runs().runs) == 1


def test_no_server(client: kfp.Client, fake_kfp: FakeKfp) -> None:
    with fake_kfp.refusing("REST"), pytest.raises(urllib3.exceptions.MaxRetryError, match="refused"):
        client.list_runs()
    assert client.list_runs().runs is None


def test_a_token_that_is_taken_back(fake_kfp: FakeKfp) -> None:
    rule = {"user": "ann", "namespace": "*", "verbs": ["*"], "resources": ["*"]}
    fake_kfp.reset(multi_user=True, allow=[rule], tokens={"secret": "ann"})
    client = kfp.Client(host=fake_kfp.url, existing_token="secret")
    assert client.list_runs(namespace="ns").runs is None
    fake_kfp.revoke("secret")
    with pytest.raises(ApiException) as caught:
        client.list_runs(namespace="ns")
    assert caught.value.status == 401
    assert "Unauthenticated" in json.loads(caught.value.body)["message"]
