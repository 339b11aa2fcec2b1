from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.simulator.engine.play import Json, Play, call, container, dag, steps


def test_the_workflows_parallelism_counts_pods() -> None:
    play = Play(dag("main", *(call(name) for name in "abc")), container(), parallelism=2).settle()
    assert play.live == ["a", "b"]
    assert len(play.nodes["W"].children) == 3
    assert play.move("a").live == ["b", "c"]


def test_a_templates_parallelism_counts_its_children() -> None:
    main = dag("main", call("each", withItems=[1, 2, 3]), parallelism=1)
    play = Play(main, container()).settle()
    assert play.live == ["each(0:1)"]
    assert play.move("each(0:1)").live == ["each(1:2)"]
    assert play.finish().phase == "Succeeded"


def test_parallelism_of_steps_lets_the_rest_of_the_group_wait() -> None:
    play = Play(steps("main", [call("a"), call("b")], parallelism=1), container()).settle()
    assert play.live == ["a"]
    assert play.names(play.nodes["W[0]"].children) == ["a"]
    assert play.move("a").live == ["b"]


def test_room_in_one_place_is_given_to_those_who_waited_elsewhere() -> None:
    inner = dag("inner", call("x"), call("y", dependencies=["x"]))
    play = Play(dag("main", call("a", "inner"), call("b", "inner")), inner, container(), parallelism=1)
    assert play.finish().phase == "Succeeded"
    assert len(play.nodes) == 7


def test_no_room_at_all_means_running_for_ever() -> None:
    play = Play(dag("main", call("a")), container(), parallelism=0).settle()
    assert (play.phase, play.nodes) == ("Running", {})


def test_a_deadline_fails_pods_and_omits_what_would_follow() -> None:
    main = dag("main", call("a"), call("b", dependencies=["a"]))
    play = Play(main, container(), activeDeadlineSeconds=60).move("a", "Running")
    assert play.advance(59).phase == "Running"
    play.advance(1)
    assert play.phases == {"": "Failed", ".a": "Failed", ".b": "Omitted"}
    assert play.nodes["W.a"].message == "Step exceeded its deadline"
    assert play.nodes["W.a"].outputs is None
    assert play.live == []


def test_a_terminated_workflow_still_runs_its_exit_handler() -> None:
    play = Play(dag("main", call("a")), container(), container("bye"), onExit="bye").settle()
    play.workflow.spec["activeDeadlineSeconds"] = 0
    play.settle()
    assert (play.phase, play.live) == ("Running", ["W.onExit"])
    assert play.move("W.onExit").phase == "Failed"


def test_terminating_ends_what_is_suspended_and_what_waits_for_a_retry() -> None:
    pause = {"name": "pause", "inputs": {}, "outputs": {}, "suspend": {}}
    again = container("again", retryStrategy={"limit": "3", "backoff": {"duration": "1h"}})
    play = Play(dag("main", call("a", "pause"), call("b", "again")), pause, again).move("b(0)", "Failed")
    play.workflow.spec["activeDeadlineSeconds"] = 0
    play.settle()
    assert play.phase == "Failed"
    assert play.nodes["W.a"].message == "Step exceeded its deadline"
    assert play.nodes["W.b"].message == "retry exceeded workflow deadline 2024-01-01 00:00:00 +0000 UTC"


def test_a_node_that_waits_for_its_lock_too_long_times_out() -> None:
    lock = {"mutex": {"name": "m"}}
    first, second = (
        container("first", synchronization=lock),
        container("second", synchronization=lock, timeout="10s"),
    )
    play = Play(dag("main", call("a", "first"), call("b", "second")), first, second).settle()
    assert play.live == ["a"]
    play.advance(10)
    assert (play.phases[".b"], play.nodes["W.b"].message) == ("Failed", "timeout")


@pytest.mark.parametrize("loop", [{}, {"withItems": [1]}])
@pytest.mark.parametrize("strategy", [{}, {"retryStrategy": {"limit": "0"}}])
@pytest.mark.parametrize("kind", [dag, lambda name, step, **more: steps(name, [step], **more)])
def test_recursion_ends_at_a_bound(kind: Callable[..., Json], strategy: Json, loop: Json) -> None:
    play = Play(kind("main", call("again", "main", **loop), **strategy)).settle()
    assert play.phase in ("Error", "Failed")
    assert any("Maximum recursion depth exceeded" in node.message for node in play.nodes.values())


def test_shutdown_with_stop_lets_exit_handlers_run() -> None:
    play = Play(dag("main", call("a")), container(), container("bye"), onExit="bye").settle()
    play.workflow.spec["shutdown"] = "Stop"
    play.settle()
    assert play.live == ["W.onExit"]
    play.move("W.onExit")
    assert (play.phase, play.message) == ("Failed", "Stopped with strategy 'Stop'")


def test_the_next_due_moment_is_the_earliest_alarm_or_deadline() -> None:
    pause = {"name": "pause", "inputs": {}, "outputs": {}, "suspend": {"duration": "30"}}
    play = Play(dag("main", call("a", "pause")), pause, activeDeadlineSeconds=60)
    assert play.operator.next_due() is None
    play.settle()
    due = play.operator.next_due()
    assert due is not None
    assert (due - play.now).total_seconds() == 30
    assert play.advance(30).phase == "Succeeded"
    assert play.operator.next_due() is None
