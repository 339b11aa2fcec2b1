"""What Argo does since 3.7, which comes with KFP 2.15."""

from __future__ import annotations

import pytest

from fake_kfp.simulator.cluster.phases import PodPhase
from tests.simulator.engine.play import Json, Play, call, container, dag

DISPLAY_NAME = "workflows.argoproj.io/display-name"


@pytest.mark.parametrize(("ends", "message"), [("Failed", "main: Error (exit code 1)"), ("Succeeded", "")])
@pytest.mark.parametrize(
    ("release", "daemon", "whole"), [("2.14", "Succeeded", "Succeeded"), ("2.15", "Failed", "Failed")]
)
def test_a_daemon_that_ends_while_it_serves(
    release: str, daemon: str, whole: str, ends: PodPhase, message: str
) -> None:
    play = Play(dag("main", call("d", "serve"), call("a")), container("serve", daemon=True), container())
    play.speaks(release).move("d", "Running").move("d", ends)
    assert (play.phases[".d"], play.nodes["W.d"].daemoned) == (daemon, False)
    assert play.nodes["W.d"].message == (message if daemon == "Failed" else "")
    play.move("a")
    assert play.phase == whole


def test_a_daemon_that_is_told_to_stop_has_succeeded() -> None:
    inner = dag("inner", call("d", "serve"), call("a", dependencies=["d"]))
    main = dag("main", call("c", "inner"), call("b", dependencies=["c"]))
    play = Play(main, inner, container("serve", daemon=True), container()).speaks("2.17")
    play.move("d", "Running").move("a").move("d", "Failed", exit_code=143)
    assert play.phases[".c.d"] == "Succeeded"


def named(name: str) -> Json:
    return container(annotations={DISPLAY_NAME: name})


def test_a_template_may_choose_what_its_nodes_are_called() -> None:
    play = Play(dag("main", call("a"), call("b", dependencies=["a"])), named("step-{{node.name}}")).finish()
    assert (play.nodes["W.a"].display_name, play.nodes["W.b"].display_name) == ("step-W.a", "step-W.b")
    assert play.phase == "Succeeded"


def test_not_every_text_is_a_name() -> None:
    play = Play(dag("main", call("a")), named("no such name")).move("a", "Running")
    node = play.nodes["W.a"]
    regex = "^[a-zA-Z0-9][a-zA-Z0-9-.]{0,61}[a-zA-Z0-9]$"
    assert (node.phase, node.message) == (
        "Error",
        f"task 'W.a' errored: displayName must match the regex {regex}",
    )


def test_pauses_have_a_cap() -> None:
    backoff = {"duration": "1m", "factor": "10", "cap": "5m"}
    play = Play(container("work", retryStrategy={"limit": "3", "backoff": backoff})).move("W(0)", "Failed")
    assert play.nodes["W"].message == "Backoff for 1 minute 0 seconds"
    play.advance(60).move("W(1)", "Failed")
    assert play.nodes["W"].message == "Backoff for 5 minutes 0 seconds"
