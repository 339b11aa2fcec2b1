from __future__ import annotations

import pytest

from fake_kfp.simulator.engine.loops import expand
from tests.simulator.engine.play import Json, Play, arguments, call, container, dag, inputs, steps


def names(**loop: object) -> list[str]:
    return [caller["name"] for caller in expand({"name": "n", "template": "t", "arguments": {}, **loop})]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        (["one", "three (3)"], ["n(0:one)", "n(1:three 3)"]),
        ([1, 2.5, True], ["n(0:1)", "n(1:2.5)", "n(2:true)"]),
        ([{"b": 1, "a": "x"}], ["n(0:a:x,b:1)"]),
        ([[1, "two"], []], ["n(0:[1 two])", "n(1:[])"]),
    ],
)
def test_items_are_named_after_their_index_and_value(items: list[object], expected: list[str]) -> None:
    assert names(withItems=items) == expected


@pytest.mark.parametrize(
    ("sequence", "expected"),
    [
        ({"count": "3"}, ["n(0:0)", "n(1:1)", "n(2:2)"]),
        ({"start": "2", "end": "0"}, ["n(0:2)", "n(1:1)", "n(2:0)"]),
        ({"count": 2, "start": 5, "format": "x%02d"}, ["n(0:x05)", "n(1:x06)"]),
        ({"count": "0"}, []),
    ],
)
def test_a_sequence_counts_up_or_down(sequence: Json, expected: list[str]) -> None:
    assert names(withSequence=sequence) == expected


def test_the_item_and_its_entries_are_filled_in() -> None:
    caller = {"name": "n", "arguments": {"parameters": [{"name": "p", "value": "{{item.a}}/{{item}}"}]}}
    (one,) = expand({**caller, "withItems": [{"a": 'q"'}]})
    assert one["arguments"]["parameters"][0]["value"] == 'q\\"/{"a":"q\\""}'


def test_a_loop_over_what_is_no_list_is_an_error_unless_it_never_runs() -> None:
    bad = Play(dag("main", call("a", withParam="{}x")), container()).settle()
    assert bad.phase == "Error"
    assert bad.nodes["W.a"].message.startswith("withParam value could not be parsed as a JSON list: {}x: ")
    never = Play(dag("main", call("a", withParam="nonsense", when="1 == 2")), container()).settle()
    assert never.phases[".a"] == "Skipped"


def test_conditions_are_judged_item_by_item() -> None:
    play = Play(dag("main", call("a", withItems=[1, 2], when="{{item}} > 1")), container()).settle()
    assert play.phases == {"": "Running", ".a": "Running", ".a(0:1)": "Skipped", ".a(1:2)": "Pending"}


def test_a_loop_ends_as_its_last_failed_item() -> None:
    play = Play(dag("main", call("a", withItems=[1, 2])), container()).move("a(0:1)", "Failed").move("a(1:2)")
    assert (play.phases[".a"], play.phase) == ("Failed", "Failed")


def test_a_daemon_in_a_loop_may_give_its_outputs_after_the_loop() -> None:
    serve = container("serve", daemon=True)
    use = container("use", inputs=inputs("v"))
    given = arguments(v="{{steps.db.outputs.parameters.o}}")
    main = steps(
        "main", [call("db", "serve", withItems=[1, 2])], [call("b")], [call("c", "use", arguments=given)]
    )
    play = Play(main, serve, container(), use).move("db(0:1)", "Running")
    play.move("db(1:2)", outputs={"parameters": [{"name": "o", "value": "2"}]})
    play.move("db(0:1)", outputs={"parameters": [{"name": "o", "value": "1"}]}).move("b")
    assert play.nodes["W[2].c"].inputs == {"parameters": [{"name": "v", "value": '["1","2"]'}]}


def test_a_loop_over_an_empty_text_is_a_group_with_a_pod() -> None:
    main = dag(
        "main", call("a"), call("each", withParam="{{tasks.a.outputs.parameters.o}}", dependencies=["a"])
    )
    play = Play(main, container()).move("a", outputs={"parameters": [{"name": "o", "value": ""}]})
    assert (play.live, play.nodes["W.each"].type, play.phases[".each"]) == (["each"], "TaskGroup", "Pending")


def test_tags_in_what_a_dag_loops_over_have_to_be_resolvable() -> None:
    play = Play(dag("main", call("each", withItems=["{{foo}}"])), container()).settle()
    assert (play.phase, play.nodes["W.each"].message) == ("Error", "failed to resolve {{foo}}")
    play = Play(steps("main", [call("each", withItems=["{{foo}}"])]), container()).settle()
    assert play.live == ["each(0:{{foo}})"]
