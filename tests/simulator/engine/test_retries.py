from __future__ import annotations

import pytest

from tests.simulator.engine.play import Json, Play, arguments, call, container, dag, inputs


def retried(**strategy: object) -> Json:
    return container("work", retryStrategy=strategy)


def test_a_failed_try_is_followed_by_another() -> None:
    play = Play(dag("main", call("a")), retried(limit="2")).move("a(0)", "Failed").move("a(1)")
    assert play.phases == {"": "Succeeded", ".a": "Succeeded", ".a(0)": "Failed", ".a(1)": "Succeeded"}
    assert play.nodes["W.a(1)"].flag == {"retried": True}
    assert play.workflow.to_manifest()["status"]["progress"] == "1/2"


@pytest.mark.parametrize("limit", ["0", "1", 2])
def test_the_limit_counts_the_tries_after_the_first(limit: str | int) -> None:
    play = Play(retried(limit=limit))
    for attempt in range(int(limit) + 1):
        play.move(f"W({attempt})", "Failed", exit_code=3)
    assert (play.phase, play.message) == ("Failed", "No more retries left")
    assert play.nodes["W"].outputs == {"exitCode": "3"}


def test_on_error_does_not_retry_a_failure() -> None:
    play = Play(retried(limit="2", retryPolicy="OnError")).move("W(0)", "Failed", message="no")
    assert (play.phase, play.message) == ("Failed", "no")


def test_an_expression_decides_by_the_last_try() -> None:
    template = retried(limit="5", expression="asInt(lastRetry.exitCode) == 2 && asInt(retries) < 1")
    play = Play(template).move("W(0)", "Failed", exit_code=2).move("W(1)", "Failed", exit_code=2)
    assert play.message == "retryStrategy.expression evaluated to false"


def test_backoff_waits_in_simulated_time() -> None:
    play = Play(retried(limit="3", backoff={"duration": "1m", "factor": "2"})).move("W(0)", "Failed")
    assert play.nodes["W"].message == "Backoff for 1 minute 0 seconds"
    assert play.advance(59).live == []
    assert play.advance(1).live == ["W(1)"]
    assert play.nodes["W"].message == ""
    play.move("W(1)", "Failed")
    assert play.nodes["W"].message == "Backoff for 2 minutes 0 seconds"


def test_backoff_gives_up_where_the_pauses_would_last_too_long() -> None:
    backoff = {"duration": "1h", "maxDuration": "10m"}
    play = Play(retried(limit="3", backoff=backoff)).move("W(0)", "Failed")
    assert (play.phase, play.message) == ("Failed", "Backoff would exceed max duration limit")


def test_a_retried_dag_begins_anew_inside_the_next_try() -> None:
    inner = dag("inner", call("x"), retryStrategy={"limit": "1"})
    play = Play(dag("main", call("a", "inner")), inner, container())
    play.move("W.a(0).x", "Failed").move("W.a(1).x")
    assert play.phases[".a(0)"] == "Failed"
    assert play.phases[".a"] == "Succeeded"
    assert play.nodes["W.a(1).x"].boundary_id == play.nodes["W.a(1)"].id


def test_the_workflows_own_strategy_wraps_every_template() -> None:
    play = Play(dag("main", call("a")), container(), retryStrategy={"limit": "1"}).settle()
    assert list(play.phases) == ["", "(0)", "(0).a", "(0).a(0)"]


def test_tries_that_cannot_even_begin_do_not_go_on_for_ever() -> None:
    mounts = {"image": "x", "name": "", "volumeMounts": [{"name": "nope", "mountPath": "/x"}]}
    template = {
        "name": "work",
        "inputs": {},
        "outputs": {},
        "container": mounts,
        "retryStrategy": {"retryPolicy": "Always"},
    }
    play = Play(template).settle()
    assert play.phase == "Error"
    assert "Maximum recursion depth exceeded" in play.message


def test_each_try_knows_its_number() -> None:
    template = retried(limit="1")
    template["container"]["args"] = ["{{retries}}", "{{pod.name}}"]
    play = Play(dag("main", call("a")), template).move("a(0)", "Failed")
    pod = play.pod("a(1)")
    assert pod.attempt == 1
    assert pod.template["container"]["args"] == ["1", pod.name]


def test_what_a_retried_task_gives_is_its_last_trys_and_not_its_hooks() -> None:
    work = container(outputs={"parameters": [{"name": "v"}]}, retryStrategy={"limit": 1})
    given = arguments(v="{{tasks.a.outputs.parameters.v}}")
    main = dag(
        "main",
        call("a", hooks={"exit": {"template": "bye"}}),
        call("b", "taker", dependencies=["a"], arguments=given),
    )
    play = Play(main, work, container("bye"), container("taker", inputs=inputs("v")))
    play.move("a(0)", "Failed").move("a(1)", outputs={"parameters": [{"name": "v", "value": "7"}]})
    play.move("a.onExit")
    assert play.pod("b").template["inputs"]["parameters"][0]["value"] == "7"
