"""AuthService: asking beforehand."""

from __future__ import annotations

import pytest

from fake_kfp.deployment import Deployment
from fake_kfp.errors import Code, KfpError
from fake_kfp.services.auth.caller import Caller
from tests.services.conftest import MakeWorld

VIEWERS, GET, NONE = (1, "VIEWERS"), (2, "GET"), (0, "UNASSIGNED")


@pytest.mark.parametrize(
    ("namespace", "resource", "verb", "words"),
    [
        ("", NONE, NONE, "Namespace is empty"),
        ("ns", NONE, NONE, "Resources not specified"),
        ("ns", VIEWERS, NONE, "Verb not specified"),
    ],
)
def test_what_is_missing_is_told_in_order_and_before_who_one_is(
    make_world: MakeWorld, namespace: str, resource: tuple[int, str], verb: tuple[int, str], words: str
) -> None:
    with pytest.raises(KfpError, match=words) as caught:
        make_world(multi_user=True).services.auth.authorize(namespace, resource, verb, Caller())
    assert caught.value.code is Code.INVALID_ARGUMENT


def test_anything_well_formed_is_allowed_in_single_user_mode(world: Deployment) -> None:
    world.services.auth.authorize("ns", (7, "7"), (9, "9"), Caller())


def test_namespace_resource_and_verb_are_asked_for_in_lower_case(make_world: MakeWorld) -> None:
    rule = {"user": "alice", "namespace": "ns", "verbs": ["get"], "resources": ["viewers"]}
    world = make_world(multi_user=True, allow=[rule])
    world.services.auth.authorize("NS", VIEWERS, GET, Caller({"kubeflow-userid": ("alice",)}))
