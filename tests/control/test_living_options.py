"""Options that are changed while a world lives: rights, and whom the server may ask. In Python, and over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fake_kfp import FakeKfp
from fake_kfp.options import OptionError
from tests.server.calling import rest

ANN = {"user": "ann", "namespace": "ns", "verbs": ["list"], "resources": ["experiments"]}
BOB = {**ANN, "user": "bob"}
Change = Callable[..., str]


def by_python(fake: FakeKfp, **options: Any) -> str:
    """What is wrong with them."""
    try:
        fake.change_options(**options)
    except OptionError as error:
        return str(error)
    return ""


def by_http(fake: FakeKfp, **options: Any) -> str:
    status, reply = rest(fake.url, "PATCH", "/_fake_kfp/options", options)
    assert (status, list(reply)) in ((200, ["options"]), (400, ["error"]))
    return str(reply.get("error", ""))


both_doors = pytest.mark.parametrize("change", [by_python, by_http])


def may_list(fake: FakeKfp, user: str) -> bool:
    path = "/apis/v2beta1/experiments?namespace=ns"
    return rest(fake.url, "GET", path, **{"kubeflow-userid": user})[0] == 200


@both_doors
@pytest.mark.fake_kfp(multi_user=True, allow=[ANN])
def test_rights_change_from_the_next_call_on_and_all_else_stays(
    fake_kfp: FakeKfp, fake_kfp_factory: Callable[..., FakeKfp], change: Change
) -> None:
    fake_kfp.add_experiment("e", namespace="ns")
    assert (may_list(fake_kfp, "ann"), may_list(fake_kfp, "bob")) == (True, False)
    assert change(fake_kfp, allow=[BOB]) == ""
    assert (may_list(fake_kfp, "ann"), may_list(fake_kfp, "bob")) == (False, True)
    assert fake_kfp.experiments.one(name="e").namespace == "ns"
    other = fake_kfp_factory()
    other.restore(fake_kfp.snapshot())
    assert (may_list(other, "ann"), may_list(other, "bob")) == (False, True)
    assert rest(other.url, "GET", "/_fake_kfp/options")[1]["options"]["allow"] == [BOB]
    other.reset(multi_user=True, allow=[ANN])
    assert (may_list(other, "ann"), may_list(other, "bob")) == (True, False)


@both_doors
@pytest.mark.parametrize(
    ("options", "why"),
    [
        (
            {"allow": [{**ANN, "verb": "get"}]},
            "a rule of allow has no 'verb'; there are: user, namespace, verbs",
        ),
        ({"allow": [{"user": "ann"}]}, "allow is a list of rules such as"),
        ({"allow": "ann"}, "allow is"),
        ({"fetch_from": ["nowhere"]}, "fetch_from is a list of schemes and hosts"),
    ],
)
@pytest.mark.fake_kfp(multi_user=True, allow=[ANN])
def test_what_is_wrong_is_told_and_changes_nothing(
    fake_kfp: FakeKfp, change: Change, options: dict[str, Any], why: str
) -> None:
    assert why in change(fake_kfp, **options)
    assert may_list(fake_kfp, "ann")


def test_what_a_world_was_made_as_takes_a_reset(fake_kfp: FakeKfp) -> None:
    says = "'simulation' can't be changed while a world lives, only allow, fetch_from; a reset takes it"
    assert by_python(fake_kfp, simulation="manual") == says
    assert "unknown key 'simulation'; there are: allow, fetch_from" in by_http(fake_kfp, simulation="manual")


def test_over_http_whom_it_may_ask_is_narrowed_alone(fake_kfp_factory: Callable[..., FakeKfp]) -> None:
    fake = fake_kfp_factory(fetch_from=["https://a.example.com", "https://b.example.com"])
    wide = {"fetch_from": ["https://c.example.com"]}
    assert rest(fake.url, "PATCH", "/_fake_kfp/options", wide)[0] == 403
    assert by_http(fake, fetch_from=["https://a.example.com"]) == ""
    pipeline = {"display_name": "p"}
    for server, says in (("b", "is not modelled"), ("c", "is not modelled")):
        body = {
            "pipeline": pipeline,
            "pipeline_version": {"package_url": {"pipeline_url": f"https://{server}.example.com/p.yaml"}},
        }
        status, reply = rest(fake.url, "POST", "/apis/v2beta1/pipelines/create", body)
        assert status != 200
        assert says in reply["message"]
    fake.change_options(fetch_from=["https://c.example.com"])
    assert [origin.text for origin in fake.deployment.options.fetch_from] == ["https://c.example.com"]
