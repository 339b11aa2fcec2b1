from __future__ import annotations

from tests.simulator.engine.play import Play, call, container, dag, steps

MESSAGE = "template has failed or errored children and failFast enabled"


def test_a_failed_child_is_noticed_in_the_next_look_though_nothing_moves_any_more() -> None:
    inner = dag("inner", call("bad"), call("slow", "slow"), failFast=True)
    main = steps("main", [call("a", "inner")])
    play = Play(main, inner, dag("slow", call("x")), container()).settle()
    assert play.move("bad", "Failed").phase == "Failed"
    assert play.nodes["W[0].a"].message == MESSAGE
    assert play.live == ["x"]


def test_the_group_that_fails_is_the_one_that_a_search_through_the_tree_comes_by_last() -> None:
    inner = steps("inner", [call("x")])
    main = steps("main", [call("b"), call("a", "inner")], [call("c"), call("d")], failFast=True)
    play = Play(main, inner, container()).move("b").move("x")
    play.move("c", "Running").move("d", "Failed").move("c")
    assert [play.nodes[name].message for name in ("W", "W[1]", "W[0].a[0]")] == [MESSAGE, MESSAGE, ""]


def test_what_template_defaults_say_of_parallelism_is_not_seen_by_children() -> None:
    main = dag("main", call("a"), call("b"))
    play = Play(main, container(), templateDefaults={"parallelism": 1}).settle()
    assert play.live == ["a", "b"]
