"""What errors that Argo passes up its call chain do on their way."""

from __future__ import annotations

from fake_kfp.simulator.cluster.retrying import retry_manifest
from tests.simulator.engine.play import Play, call, container, dag, steps

EXIT = {"exit": {"template": "bye", "expression": "steps['a'].status == 'Succeeded'"}}


def test_results_of_a_loop_that_are_no_json_spoil_the_dag() -> None:
    main = dag("main", call("each", withItems=[1, 2]))
    play = Play(main, container()).move("each(0:1)", outputs={"result": "1"})
    play.move("each(1:2)", outputs={"result": "hi"})
    assert (play.phase, play.phases[""]) == ("Error", "Error")
    assert play.nodes["W"].message == "invalid character 'h' looking for beginning of value"


def test_results_of_a_loop_that_are_no_json_spoil_what_comes_behind_it() -> None:
    main = dag("main", call("each", withItems=[1]), call("b", dependencies=["each"]))
    play = Play(main, container()).move("each(0:1)", outputs={"result": "hi"})
    assert (play.phases[".b"], play.nodes["W.b"].type) == ("Error", "Skipped")


def test_an_error_of_a_later_try_befalls_the_tries_that_ended_in_the_same_look() -> None:
    broken = dag("broken", call("t", when="{{foo}}"), retryStrategy={"limit": "1", "retryPolicy": "Always"})
    play = Play(steps("main", [call("a", "broken")]), broken, container()).settle()
    assert [play.phases[f"[0].a({number})"] for number in (0, 1)] == ["Error", "Error"]


def test_an_exit_handler_of_a_step_that_comes_to_grief_ends_the_workflow() -> None:
    main = steps("main", [call("a", hooks=EXIT, withItems=[1])])
    play = Play(main, container(), container("bye")).move("a(0:1)")
    assert (play.phase, play.nodes["W"].message) == ("Error", "Workflow operation error")
    assert play.nodes["W"].finished_at is None


def test_a_hook_that_finds_no_room_is_an_error() -> None:
    hooks = {"seen": {"template": "work", "expression": 'workflow.status == "Running"'}}
    play = Play(dag("main", call("a")), container(), parallelism=1, hooks=hooks).settle()
    assert (play.phase, play.message) == ("Error", "Max parallelism reached")


def test_a_retry_that_lost_an_ancestor_of_a_dag_that_goes_on_is_an_error() -> None:
    inner = dag("inner", call("x"))
    main = dag("main", call("a", "first"), call("b", "inner", depends="a.Failed"))
    play = Play(main, steps("first", [call("y")]), inner, container()).move("y", "Failed").move("x", "Failed")
    assert play.phase == "Failed"
    play.replace(retry_manifest(play.workflow.to_manifest())).settle()
    assert (play.phase, play.nodes["W"].message) == ("Error", "Ancestor task node a not found")


def test_an_error_that_is_found_anew_in_every_look_comes_to_rest() -> None:
    inner = dag("inner", call("x"), inputs={"artifacts": [{"name": "f"}]})
    given = {"artifacts": [{"name": "f", "from": "{{inputs.artifacts.f}}"}]}
    optional = {"artifacts": [{"name": "f", "optional": True}]}
    main = dag("main", call("each", "inner", withItems=[1], arguments=given), call("b"), inputs=optional)
    play = Play(steps("top", [call("a", "main")]), main, inner, container()).settle()
    assert (play.live, play.phases["[0].a.each(0:1)"]) == (["b"], "Error")
