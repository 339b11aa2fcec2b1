from __future__ import annotations

from tests.simulator.engine.play import Play, arguments, call, container, inputs, steps


def test_groups_follow_each_other_and_their_members_run_at_once() -> None:
    play = Play(steps("main", [call("a")], [call("b"), call("c")]), container()).settle()
    assert play.live == ["a"]
    play.move("a")
    assert play.live == ["b", "c"]
    play.move("b").move("c")
    assert play.phase == "Succeeded"
    assert play.names(play.nodes["W"].outbound) == ["b", "c"]


def test_a_failed_step_ends_the_group_only_when_all_are_over() -> None:
    play = Play(steps("main", [call("a"), call("b")], [call("c")]), container()).move("a", "Failed")
    assert play.phase == "Running"
    play.move("b")
    assert play.phases == {"": "Failed", "[0]": "Failed", "[0].a": "Failed", "[0].b": "Succeeded"}
    assert play.message == f"child '{play.nodes['W[0].a'].id}' failed"


def test_continue_on_failed_lets_the_next_group_see_the_status() -> None:
    cure = call("cure", when="{{steps.a.status}} == Failed")
    praise = call("praise", when="{{steps.a.status}} == Succeeded")
    play = Play(steps("main", [call("a", continueOn={"failed": True})], [cure, praise]), container())
    play.move("a", "Failed")
    assert play.live == ["cure"]
    assert play.nodes["W[1].praise"].message == "when 'Failed == Succeeded' evaluated false"
    assert play.move("cure").phase == "Succeeded"


def test_a_group_without_anything_to_do_is_over_at_once() -> None:
    play = Play(steps("main", [call("a", withParam="[]")], [call("b")]), container()).settle()
    assert play.phases["[0].a"] == "Skipped"
    assert play.nodes["W[0].a"].message == "Skipped, empty params"
    assert play.live == ["b"]


def test_a_condition_that_cannot_be_read_fails_the_steps() -> None:
    play = Play(steps("main", [call("a", when="x ==")]), container()).settle()
    assert (play.phases["[0]"], play.phase) == ("Error", "Failed")
    assert play.message.startswith("Failed to resolve references: Invalid 'when' expression 'x ==': ")


def test_a_loops_items_stand_in_the_group_itself_and_their_outputs_are_collected() -> None:
    taker = container("taker", inputs=inputs("all", "maps"))
    collected = arguments(all="{{steps.each.outputs.parameters.v}}", maps="{{steps.each.outputs.parameters}}")
    main = steps("main", [call("each", withItems=[1, 2])], [call("take", "taker", arguments=collected)])
    play = Play(main, container(), taker)
    play.move("each(1:2)", outputs={"parameters": [{"name": "v", "value": "second"}]})
    play.move("each(0:1)", outputs={"parameters": [{"name": "v", "value": "first"}]})
    assert play.nodes["W[1].take"].inputs == {
        "parameters": [
            {"name": "all", "value": '["first","second"]'},
            {"name": "maps", "value": '[{"v":"first"},{"v":"second"}]'},
        ]
    }


def test_template_level_fail_fast_fails_the_group_that_runs() -> None:
    play = Play(steps("main", [call("a"), call("b")], failFast=True), container()).settle()
    play.move("a", "Failed")
    assert play.phase == "Running"
    play.move("b")
    assert play.message == "template has failed or errored children and failFast enabled"
    assert play.nodes["W"].outbound == []


def test_a_script_result_feeds_the_next_step() -> None:
    script = {
        "name": "gen",
        "inputs": {},
        "outputs": {},
        "script": {"image": "x", "name": "", "source": "print(1)"},
    }
    main = steps("main", [call("a", "gen")], [call("b", when="{{steps.a.outputs.result}} > 3")])
    play = Play(main, script, container()).move("a", outputs={"result": "5"})
    assert play.live == ["b"]
