"""Visualizations: what is checked, and the page that stands for a drawing."""

from __future__ import annotations

import pytest

from fake_kfp.deployment import Deployment
from fake_kfp.errors import Code, KfpError
from fake_kfp.services.auth.caller import Caller
from tests.services.conftest import MakeWorld

NOBODY = Caller()


def test_the_page_names_what_would_be_drawn_and_escapes_it(world: Deployment) -> None:
    page = world.services.visualizations.create("ROC_CURVE", "gs://<b>", '{"a": "<i>"}', "ns", NOBODY)
    assert "roc_curve of gs://&lt;b&gt;" in page
    assert "&lt;i&gt;" in page
    assert "<i>" not in page


@pytest.mark.parametrize(
    ("kind", "source", "arguments", "words"),
    [
        ("TABLE", "", "{}", "requires a Source"),
        ("CUSTOM", "", "{", "requires valid JSON"),
        ("", "", "x", "requires a Source"),
    ],
)
def test_source_and_arguments_are_checked(
    world: Deployment, kind: str, source: str, arguments: str, words: str
) -> None:
    with pytest.raises(KfpError, match=words) as caught:
        world.services.visualizations.create(kind, source, arguments, "ns", NOBODY)
    assert caught.value.code is Code.INVALID_ARGUMENT


def test_a_custom_one_needs_no_source(world: Deployment) -> None:
    assert "<title>custom</title>" in world.services.visualizations.create("CUSTOM", "", "{}", "ns", NOBODY)


def test_where_all_but_the_server_is_moved_by_hand_nobody_draws(make_world: MakeWorld) -> None:
    with pytest.raises(KfpError, match="connection refused") as caught:
        make_world(simulation="manual").services.visualizations.create("TABLE", "x", "{}", "ns", NOBODY)
    assert caught.value.as_seen().message.endswith("\nCannot generate visualization")


def test_in_multi_user_mode_a_namespace_needs_a_right_and_none_does_not(make_world: MakeWorld) -> None:
    world = make_world(multi_user=True)
    with pytest.raises(KfpError, match="Failed to authorize on namespace"):
        world.services.visualizations.create("TABLE", "x", "{}", "ns", NOBODY)
    assert world.services.visualizations.create("TABLE", "x", "{}", "", NOBODY)
