"""``failFast`` of a dag, which is on unless it is switched off, and ``failFast`` of a template, which is another thing."""

from __future__ import annotations

import pytest

from fake_kfp.simulator.cluster.phases import NodePhase
from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.simulator.engine.dags.phase import assess_phase
from fake_kfp.simulator.engine.tree.tree import Tree
from tests.simulator.engine.play import Json, Play, call, container, dag, steps

MESSAGE = "template has failed or errored children and failFast enabled"
NOWHERE = {"artifacts": [{"name": "x", "from": "{{steps.nowhere.outputs.artifacts.x}}"}]}


def with_a_loose_task(*order: str, fail_fast: bool | None = None) -> Play:
    """A dag whose task ``loose`` hangs under nothing, since it comes after steps that failed before they had a child."""
    tasks = {
        "bad": call("bad"),
        "broken": call("broken", "broken"),
        "loose": call("loose", depends="broken.Failed"),
    }
    main = dag("main", *(tasks[name] for name in order))
    if fail_fast is not None:
        main["dag"]["failFast"] = fail_fast
    broken = steps("broken", [call("x", arguments=NOWHERE)])
    return Play(main, broken, container()).settle()


ORDERS = pytest.mark.parametrize("order", [("bad", "broken", "loose"), ("loose", "broken", "bad")])


@ORDERS
@pytest.mark.parametrize("fail_fast", [None, True])
@pytest.mark.parametrize("forgetful", [False, True])
def test_a_dag_that_fails_fast_does_not_wait_for_a_task_that_nothing_leads_to(
    order: tuple[str, ...], fail_fast: bool | None, forgetful: bool
) -> None:
    play = with_a_loose_task(*order, fail_fast=fail_fast)
    assert (play.phase, sorted(play.live)) == ("Running", ["bad", "loose"])
    if forgetful:
        play.forget()
    assert play.move("bad", "Failed").phase == "Failed"
    assert play.phases[".loose"] == "Pending"


@ORDERS
def test_a_dag_that_does_not_fail_fast_waits_for_it_for_ever(order: tuple[str, ...]) -> None:
    play = with_a_loose_task(*order, fail_fast=False)
    assert play.move("bad", "Failed").phase == "Running"
    assert play.move("loose").phase == "Running"


def test_without_a_failure_nothing_fails_fast() -> None:
    play = with_a_loose_task("bad", "broken", "loose").move("bad")
    assert (play.phase, play.live) == ("Running", ["loose"])


def judged(targets: dict[str, NodePhase | None], fail_fast: bool, **continue_on: Json) -> str:
    """What becomes of a dag whose targets are over in these phases; nothing leads to those that have none."""
    workflow = Workflow.from_manifest({"metadata": {"name": "W"}})
    tree = Tree(workflow)
    root = tree.create("W", "DAG", {}, "", "Running")
    for name, phase in targets.items():
        if phase is not None:
            tree.create(name, "Pod", {}, root.id, phase)
            tree.add_child(root, name)
    tasks = [(tree.id_of(name), {"continueOn": continue_on.get(name)}) for name in targets]
    return assess_phase(tree, root, tasks, fail_fast)


@pytest.mark.parametrize(
    ("targets", "fast", "slow"),
    [
        ({"a": "Succeeded", "b": "Succeeded"}, "Succeeded", "Succeeded"),
        ({"a": "Failed", "b": "Error"}, "Failed", "Error"),
        ({"a": "Error", "b": "Failed"}, "Error", "Failed"),
        ({"a": "Failed", "b": "Succeeded"}, "Failed", "Failed"),
        ({"a": "Failed", "b": None}, "Failed", "Running"),
        ({"a": None, "b": "Failed"}, "Failed", "Running"),
        ({"a": None, "b": "Succeeded"}, "Running", "Running"),
    ],
)
def test_the_first_failed_target_decides_if_a_dag_fails_fast_and_the_last_one_if_not(
    targets: dict[str, NodePhase | None], fast: str, slow: str
) -> None:
    assert judged(targets, True) == fast
    assert judged(targets, False) == slow


@pytest.mark.parametrize("fail_fast", [True, False])
def test_a_target_that_may_fail_does_not_fail_the_dag(fail_fast: bool) -> None:
    targets: dict[str, NodePhase | None] = {"a": "Failed", "b": "Error"}
    may = {"a": {"failed": True}, "b": {"error": True}}
    assert judged(targets, fail_fast, **may) == "Succeeded"
    assert judged(targets, fail_fast, a={"error": True}, b={"error": True}) == "Failed"
    assert judged(targets, fail_fast, a={"failed": True}, b={"failed": True}) == "Error"


def test_the_first_failure_decides_how_a_dag_ends_that_fails_fast() -> None:
    """A Failed and an Error at once, told apart by the phase of the dag."""
    tasks = (call("a", arguments={}), call("b", "needy"))
    needy = container("needy", inputs={"parameters": [{"name": "p"}]})
    ends = []
    for fail_fast in (True, False):
        main = dag("main", *tasks)
        main["dag"]["failFast"] = fail_fast
        ends.append(Play(main, container(), needy).move("a", "Failed").phase)
    assert ends == ["Failed", "Error"]


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
