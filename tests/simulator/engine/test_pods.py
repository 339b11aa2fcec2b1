from __future__ import annotations

import pytest

from fake_kfp.simulator.cluster.phases import PodPhase
from tests.simulator.engine.play import Play, call, container, dag


def test_a_pod_that_is_said_to_run_again_changes_nothing() -> None:
    play = Play(dag("main", call("a")), container()).move("a", "Running")
    assert play.workflow.status.conditions == [{"type": "PodRunning", "status": "True"}]
    play.workflow.move_pod(play.pod("a").node_id, "Running", play.now)
    assert not play.operator.settle(play.now)
    assert play.workflow.status.conditions == [{"type": "PodRunning", "status": "True"}]


def _conditions(play: Play) -> dict[str, str]:
    return {each["type"]: each["status"] for each in play.workflow.status.conditions}


def _terminated(play: Play) -> Play:
    play.workflow.spec["activeDeadlineSeconds"] = 0
    return play.settle()


def _long_running() -> Play:
    main = dag("main", call("a"), call("b", dependencies=["a"]))
    return Play(main, container(), container("bye"), onExit="bye").move("a", "Running")


def test_a_pod_that_outlives_its_node_still_runs_for_all_to_see() -> None:
    play = _terminated(_long_running())
    assert (play.phases[".a"], _conditions(play)["PodRunning"]) == ("Failed", "True")
    assert not play.operator.settle(play.now)


@pytest.mark.parametrize(
    ("phase", "message"),
    [
        ("Succeeded", "Step exceeded its deadline"),
        ("Failed", "Error (exit code 3)"),
        ("Error", "pod deleted"),
    ],
)
def test_a_pod_that_outlives_its_node_brings_its_end(phase: PodPhase, message: str) -> None:
    play = _terminated(_long_running()).advance(5)
    ended = play.nodes["W.a"].finished_at
    outputs = {"parameters": [{"name": "o", "value": "v"}]}
    said = "pod deleted" if phase == "Error" else ""
    play.move("a", phase, exit_code=None if phase == "Error" else 3, outputs=outputs, message=said)
    node = play.nodes["W.a"]
    assert (node.phase, node.message, node.finished_at) == (phase, message, ended)
    assert node.outputs == {**outputs, **({} if phase == "Error" else {"exitCode": "3"})}
    assert (play.phases[""], _conditions(play)["PodRunning"]) == ("Failed", "False")
    assert play.move("W.onExit").phase == "Failed"


def test_a_pod_that_was_stopped_before_it_ran_is_gone() -> None:
    play = _terminated(Play(dag("main", call("a")), container(), container("bye"), onExit="bye").settle())
    play.move("a", "Succeeded", outputs={"parameters": [{"name": "o", "value": "v"}]})
    assert (play.phases[".a"], play.nodes["W.a"].outputs) == ("Failed", None)
    assert _conditions(play)["PodRunning"] == "False"


def test_a_daemon_that_stops_after_its_boundary_brings_its_outputs() -> None:
    inner = dag("inner", call("d", "serve"), call("a", dependencies=["d"]))
    main = dag("main", call("c", "inner"), call("b", dependencies=["c"]))
    play = Play(main, inner, container("serve", daemon=True), container()).move("d", "Running").move("a")
    assert (play.phases[".c.d"], _conditions(play)["PodRunning"]) == ("Succeeded", "False")
    play.move("d", "Failed", exit_code=143)
    assert (play.phases[".c.d"], play.nodes["W.c.d"].outputs) == ("Succeeded", {"exitCode": "143"})


def test_a_failed_daemon_serves_no_longer_and_has_succeeded() -> None:
    play = Play(dag("main", call("d", "serve"), call("a")), container("serve", daemon=True), container())
    play.move("d", "Running").move("d", "Failed", exit_code=1)
    assert (play.phases[".d"], play.nodes["W.d"].daemoned) == ("Succeeded", False)
