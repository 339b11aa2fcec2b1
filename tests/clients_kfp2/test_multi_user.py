"""The SDK in multi-user mode: users come with tokens, and stay in their namespaces."""

from __future__ import annotations

from collections.abc import Callable

import kfp
import kfp_server_api
import pytest

from fake_kfp import FakeKfp
from tests.clients_kfp2 import pipelines

Connect = Callable[..., kfp.Client]


@pytest.fixture
def fake_kfp_options() -> dict:
    rule = {"user": "ann", "namespace": "team", "verbs": ["*"], "resources": ["*"]}
    return {"multi_user": True, "tokens": {"anns": "ann", "bobs": "bob"}, "allow": [rule]}


@pytest.fixture(params=["", "/pipeline"])
def connect(request, client: kfp.Client, fake_kfp: FakeKfp) -> Connect:
    """Clients with a token, at the plain address and behind an ingress."""

    def connected(token: str | None = None) -> kfp.Client:
        return kfp.Client(host=fake_kfp.url + request.param, existing_token=token, namespace="team")

    return connected


def test_a_user_works_in_a_namespace(connect: Connect) -> None:
    ann = connect("anns")
    assert ann.get_kfp_healthz().multi_user
    ann.set_user_namespace("team")
    assert ann.get_user_namespace() == "team"
    experiment = ann.create_experiment("mine")
    assert experiment.namespace == "team"
    result = ann.create_run_from_pipeline_func(
        pipelines.sequential, arguments={}, experiment_name="mine", namespace="team"
    )
    assert ann.wait_for_run_completion(result.run_id, timeout=60).state == "SUCCEEDED"
    runs = ann.list_runs(experiment_id=experiment.experiment_id).runs
    assert [run.run_id for run in runs] == [result.run_id]
    assert [run.run_id for run in ann.list_runs(namespace="team").runs] == [result.run_id]


def test_others_are_kept_out(connect: Connect) -> None:
    experiment = connect("anns").create_experiment("mine", namespace="team")
    for client, status in ((connect("bobs"), 403), (connect(), 401)):
        with pytest.raises(kfp_server_api.ApiException) as refused:
            client.get_experiment(experiment.experiment_id)
        assert refused.value.status == status
