"""What ``kfp.Client`` of 1.8 makes of calls that go wrong."""

from __future__ import annotations

import json

import kfp
import pytest
import urllib3
from kfp_server_api import ApiException

from fake_kfp import FakeKfp

pytestmark = pytest.mark.fake_kfp(simulation="clocked", now="2024-01-01T00:00:00Z")


def test_an_outage_in_the_middle_of_a_wait(client: kfp.Client, fake_kfp: FakeKfp, package: str) -> None:
    fake_kfp.task("first").takes(hours=1)
    run_id = client.create_run_from_pipeline_package(package, {}).run_id
    fake_kfp.fault("GetRun*").fails("UNAVAILABLE", since="2024-01-01T00:30:00Z", until="2024-01-01T00:31:00Z")
    with pytest.raises(ApiException) as caught:
        client.wait_for_run_completion(run_id, timeout=7200)
    assert (caught.value.status, fake_kfp.clock.now().minute) == (503, 30)
    fake_kfp.clock.advance(minutes=1)
    assert client.wait_for_run_completion(run_id, timeout=7200).run.status == "Succeeded"


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
