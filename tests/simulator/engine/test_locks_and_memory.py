from __future__ import annotations

from tests.simulator.engine.play import Play, call, container, dag

LOCK = {"mutex": {"name": "m"}}


def test_one_after_the_other_gets_the_lock() -> None:
    play = Play(dag("main", call("a"), call("b"), call("c")), container(synchronization=LOCK)).settle()
    assert play.live == ["a"]
    assert play.nodes["W.b"].message == "Waiting for kubeflow/Mutex/m lock. Lock status: 0/1"
    assert play.nodes["W.b"].synchronization == {"waiting": "kubeflow/Mutex/m"}
    assert play.move("a").live == ["b"]
    assert play.nodes["W.b"].message == ""
    assert not play.nodes["W.b"].synchronization
    assert play.move("b", "Failed").live == ["c"]
    play.move("c")
    assert play.workflow.status.synchronization is None


def test_who_holds_a_lock_is_told_in_the_status() -> None:
    play = Play(dag("main", call("a"), call("b")), container(synchronization=LOCK)).settle()
    holder = f"kubeflow/W/{play.nodes['W.a'].id}"
    entry = {"mutex": "kubeflow/Mutex/m", "holder": holder}
    assert play.workflow.status.synchronization == {"mutex": {"holding": [entry], "waiting": [entry]}}


def test_the_workflow_as_a_whole_gets_its_lock() -> None:
    play = Play(container("main"), synchronization=LOCK).settle()
    held = {"mutex": {"holding": [{"mutex": "kubeflow/Mutex/m", "holder": "kubeflow/W"}]}}
    assert play.workflow.status.synchronization == held
    play.move("W")
    assert play.workflow.status.synchronization is None


def test_a_remembered_result_stands_in_for_the_pod() -> None:
    memoize = {"key": "k", "maxAge": "1h", "cache": {"configMap": {"name": "cm"}}}
    main = dag("main", call("a"), call("b", dependencies=["a"]))
    play = Play(main, container(memoize=memoize)).settle()
    assert play.nodes["W.a"].memoization == {"hit": False, "key": "k", "cacheName": "cm"}
    play.move("a", outputs={"parameters": [{"name": "v", "value": "7"}]})
    assert play.phase == "Succeeded"
    assert play.nodes["W.b"].memoization == {"hit": True, "key": "k", "cacheName": "cm"}
    assert play.nodes["W.b"].outputs == play.nodes["W.a"].outputs


def test_what_is_too_old_is_not_remembered() -> None:
    memoize = {"key": "k", "maxAge": "10s", "cache": {"configMap": {"name": "cm"}}}
    wait = {"name": "wait", "inputs": {}, "outputs": {}, "suspend": {"duration": "60"}}
    main = dag(
        "main", call("a"), call("pause", "wait", dependencies=["a"]), call("b", dependencies=["pause"])
    )
    play = Play(main, container(memoize=memoize), wait).move("a")
    assert play.advance(60).live == ["b"]
