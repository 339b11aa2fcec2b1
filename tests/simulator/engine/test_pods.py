from __future__ import annotations

from tests.simulator.engine.play import Play, call, container, dag


def test_a_pod_that_is_said_to_run_again_changes_nothing() -> None:
    play = Play(dag("main", call("a")), container()).move("a", "Running")
    assert play.workflow.status.conditions == [{"type": "PodRunning", "status": "True"}]
    play.workflow.move_pod(play.pod("a").node_id, "Running", play.now)
    assert not play.operator.settle(play.now)
    assert play.workflow.status.conditions == [{"type": "PodRunning", "status": "True"}]
