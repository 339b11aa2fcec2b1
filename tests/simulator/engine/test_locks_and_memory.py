from __future__ import annotations

import pytest

from tests.simulator.engine.play import Json, Play, call, container, dag

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


def test_a_lock_can_be_asked_for_once() -> None:
    twice = {"mutexes": [{"name": "m"}, {"name": "m"}]}
    play = Play(dag("main", call("a")), container(synchronization=twice)).settle()
    text = "requested configuration is invalid: Duplicate synchronization item found"
    assert (play.phase, play.nodes["W.a"].message) == ("Error", f"task 'W.a' errored: {text}")


def test_who_waits_for_one_of_two_locks_holds_neither() -> None:
    both = {"mutexes": [{"name": "m"}, {"name": "n"}]}
    one = {"mutex": {"name": "n"}}
    main = dag("main", call("a", "one"), call("b", "both"), call("c", "other"))
    other = {"mutex": {"name": "m"}}
    play = Play(
        main,
        container("one", synchronization=one),
        container("both", synchronization=both),
        container("other", synchronization=other),
    ).settle()
    assert play.live == ["a", "c"], "nodes of one workflow pass each other in the queue"
    assert play.nodes["W.b"].synchronization == {"waiting": "kubeflow/Mutex/m"}
    assert play.move("c").nodes["W.b"].synchronization == {"waiting": "kubeflow/Mutex/n"}
    assert play.move("a").live == ["b"]


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


def memoized(**more: str) -> Json:
    return {"key": "k", "cache": {"configMap": {"name": "cm"}}, **more}


def test_results_are_remembered_beyond_the_workflow() -> None:
    first = Play(container("main", memoize=memoized())).finish()
    second = Play(container("main", memoize=memoized()))
    second.workflow.caches = first.workflow.caches
    assert second.settle().phase == "Succeeded"
    assert second.nodes["W"].memoization == {"hit": True, "key": "k", "cacheName": "cm"}


@pytest.mark.parametrize(
    ("memoize", "error"),
    [
        (memoized(key="a b"), "invalid cache key: a b"),
        (memoized(key="-a"), "invalid cache key: -a"),
        (memoized(maxAge="soon"), 'invalid maxAge: time: invalid duration "soon"'),
    ],
)
def test_what_no_cache_understands_is_an_error(memoize: Json, error: str) -> None:
    play = Play(dag("main", call("a")), container(memoize=memoize)).settle()
    assert (play.phase, play.nodes["W.a"].message) == ("Error", f"task 'W.a' errored: {error}")


def test_who_waited_for_a_lock_takes_the_result_that_its_holder_gave() -> None:
    work = container(memoize=memoized(), synchronization=LOCK)
    play = Play(dag("main", call("a"), call("b")), work).settle()
    play.move("a", outputs={"parameters": [{"name": "v", "value": "7"}]})
    assert play.phase == "Succeeded"
    assert play.nodes["W.b"].outputs == play.nodes["W.a"].outputs
