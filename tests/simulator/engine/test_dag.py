from __future__ import annotations

import pytest

from tests.simulator.engine.play import Play, arguments, call, container, dag, inputs, steps


def test_tasks_run_one_after_the_other() -> None:
    play = Play(dag("main", call("a"), call("b", dependencies=["a"])), container()).settle()
    assert play.phases == {"": "Running", ".a": "Pending"}
    play.move("a")
    assert play.phases == {"": "Running", ".a": "Succeeded", ".b": "Pending"}
    assert play.move("b").phase == "Succeeded"


def test_a_successor_hangs_under_the_outbound_nodes_of_what_it_waited_for() -> None:
    inner = dag("inner", call("x"), call("y"))
    play = Play(
        dag("main", call("sub", "inner"), call("z", dependencies=["sub"])), inner, container()
    ).finish()
    nodes = play.nodes
    assert play.names(nodes["W.sub"].outbound) == ["x", "y"]
    assert play.names(nodes["W.sub.x"].children) == ["z"]
    assert play.names(nodes["W.sub.y"].children) == ["z"]
    assert play.names(nodes["W"].children) == ["sub"]


def test_tasks_start_in_the_alphabetical_order_of_the_leaves() -> None:
    main = dag("main", call("zebra"), call("apple", dependencies=["root"]), call("root"))
    play = Play(main, container()).settle()
    assert play.names(play.nodes["W"].children) == ["root", "zebra"]


def test_omission_spreads_but_skipping_does_not() -> None:
    main = dag(
        "main",
        call("bad"),
        call("after", dependencies=["bad"]),
        call("last", dependencies=["after"]),
        call("never", when="1 == 2"),
        call("though", dependencies=["never"]),
    )
    play = Play(main, container()).settle()
    play.move("bad", "Failed", message="boom").move("though")
    assert play.phases == {
        "": "Failed",
        ".bad": "Failed",
        ".after": "Omitted",
        ".last": "Omitted",
        ".never": "Skipped",
        ".though": "Succeeded",
    }
    assert play.message == ""
    assert play.nodes["W.after"].message == "omitted: depends condition not met"


def test_a_skipped_leaf_fails_with_the_last_pod_of_its_branch_though_all_around_that_pod_succeeded() -> None:
    inner = steps("inner", [call("bad", continueOn={"failed": True})])
    main = dag("main", call("sub", "inner"), call("leaf", dependencies=["sub"], when="1 == 2"))
    play = Play(main, inner, container()).move("bad", "Failed")
    assert play.phases == {
        "": "Failed",
        ".sub": "Succeeded",
        ".sub[0]": "Succeeded",
        ".sub[0].bad": "Failed",
        ".leaf": "Skipped",
    }


@pytest.mark.parametrize("fail_fast", [True, False])
def test_a_failed_branch_does_not_stop_the_others_whatever_fail_fast_says(fail_fast: bool) -> None:
    main = dag("main", call("a"), call("b"), call("c", dependencies=["b"]))
    main["dag"]["failFast"] = fail_fast
    play = Play(main, container()).move("a", "Failed").move("b")
    assert play.phase == "Running"
    assert play.move("c").phase == "Failed"


def test_a_rescue_leads_to_success_if_the_leaf_hangs_on_it() -> None:
    main = dag("main", call("a"), call("rescue", depends="a.Failed"), call("leaf", depends="a || rescue"))
    play = Play(main, container()).move("a", "Failed").move("rescue").move("leaf")
    assert play.phase == "Succeeded"


def test_the_results_of_a_loops_items_can_be_asked_for() -> None:
    main = dag(
        "main",
        call("each", withItems=["x", "y"]),
        call("some", depends="each.AnySucceeded"),
        call("none", depends="each.AllFailed"),
    )
    play = Play(main, container()).move("each(0:x)", "Failed").move("each(1:y)")
    assert play.phases[".each"] == "Failed"
    assert play.phases[".some"] == "Pending"
    assert play.phases[".none"] == "Omitted"


def test_a_target_runs_only_what_it_needs() -> None:
    main = dag("main", call("a"), call("b", dependencies=["a"]), call("c"))
    main["dag"]["target"] = "b"
    assert Play(main, container()).finish().phases == {"": "Succeeded", ".a": "Succeeded", ".b": "Succeeded"}


def test_a_task_gets_what_its_ancestors_gave_even_grandparents() -> None:
    taker = container("taker", inputs=inputs("v"))
    main = dag(
        "main",
        call("a"),
        call("b", dependencies=["a"]),
        call("c", "taker", dependencies=["b"], arguments=arguments(v="{{tasks.a.outputs.parameters.v}}")),
    )
    play = Play(main, container(), taker)
    play.move("a", outputs={"parameters": [{"name": "v", "value": 'say "hi"\n'}]}).move("b")
    assert play.nodes["W.c"].inputs == {"parameters": [{"name": "v", "value": 'say "hi"\n'}]}


@pytest.mark.parametrize(
    ("takes", "mentions", "given"),
    [
        ((), "{{workflow.parameters.x}}", "{{tasks.a.outputs.parameters.v}}"),
        (("x",), "{{inputs.parameters.x}}", "{{tasks.a.outputs.parameters.v}}"),
        (("x",), "{{workflow.parameters.x}}", "{{tasks.a.outputs.parameters.v}}"),
        (("x",), "{{inputs.parameters.x}}{tasks.a.outputs.parameters.v}}", "{"),
    ],
)
def test_what_a_dag_is_given_may_speak_of_what_its_tasks_give(
    takes: tuple[str, ...], mentions: str, given: str
) -> None:
    main = dag(
        "main",
        call("a"),
        call("b", "taker", dependencies=["a"], arguments=arguments(v=mentions)),
        inputs=inputs(*takes),
    )
    taker = container("taker", inputs=inputs("v"))
    play = Play(main, container(), taker, arguments=arguments(x=given)).settle()
    play.move("a", outputs={"parameters": [{"name": "v", "value": "7"}]})
    assert play.nodes["W.b"].inputs == {"parameters": [{"name": "v", "value": "7"}]}


def test_what_is_no_ancestor_cannot_be_referred_to() -> None:
    taker = container("taker", inputs=inputs("v"))
    main = dag(
        "main",
        call("a"),
        call("b"),
        call("c", "taker", dependencies=["b"], arguments=arguments(v="{{tasks.a.outputs.parameters.v}}")),
    )
    play = Play(main, container(), taker)
    play.move("a", outputs={"parameters": [{"name": "v", "value": "1"}]}).move("b")
    assert play.nodes["W.c"].inputs == {
        "parameters": [{"name": "v", "value": "{{tasks.a.outputs.parameters.v}}"}]
    }


def test_a_missing_artifact_is_an_error() -> None:
    wants = {"artifacts": [{"name": "f", "from": "{{tasks.a.outputs.artifacts.f}}"}]}
    taker = container("taker", inputs={"artifacts": [{"name": "f", "path": "/f"}]})
    main = dag("main", call("a"), call("b", "taker", dependencies=["a"], arguments=wants))
    play = Play(main, container(), taker).move("a")
    assert play.phase == "Error"
    assert play.nodes["W.b"].message == 'Unable to resolve: "tasks.a.outputs.artifacts.f"'


def test_an_inner_dag_outputs_what_its_tasks_gave() -> None:
    value = {"parameters": [{"name": "v", "valueFrom": {"parameter": "{{tasks.x.outputs.parameters.v}}"}}]}
    inner = dag("inner", call("x"), outputs=value)
    play = Play(dag("main", call("sub", "inner")), inner, container())
    play.move("x", outputs={"parameters": [{"name": "v", "value": "7"}]})
    assert play.nodes["W.sub"].outputs == {"parameters": [{"name": "v", "value": "7"}]}


def test_a_dependency_named_like_an_operator_cannot_be_evaluated() -> None:
    play = Play(dag("main", call("in"), call("b", depends="in")), container()).move("in")
    assert play.phase == "Error"
    assert play.nodes["W.b"].message.startswith(
        "unable to evaluate expression '(in.Succeeded || in.Skipped || in.Daemoned)': "
    )


def test_a_long_chain_and_a_broad_loop_cost_what_changes() -> None:
    tasks = [call("t0"), *(call(f"t{i}", dependencies=[f"t{i - 1}"]) for i in range(1, 300))]
    assert (
        Play(dag("main", *tasks), container()).finish().workflow.to_manifest()["status"]["progress"]
        == "300/300"
    )
    broad = dag("main", call("each", withItems=list(range(300))), call("end", dependencies=["each"]))
    play = Play(broad, container()).finish()
    assert play.phase == "Succeeded"
    assert len(play.nodes["W.each"].children) == 300


def test_a_dag_does_not_look_at_what_an_artifacts_expression_gives() -> None:
    taker = container("taker", inputs={"artifacts": [{"name": "x", "path": "/x"}]})
    asked = {"artifacts": [{"name": "x", "fromExpression": "tasks.a.outputs.artifacts.m"}]}
    main = dag("main", call("a"), call("b", "taker", dependencies=["a"], arguments=asked))
    made = {"artifacts": [{"name": "m", "s3": {"key": "k"}}]}
    play = Play(main, container(), taker).move("a", outputs=made)
    assert play.nodes["W.b"].message == "task 'W.b' errored: inputs.artifacts.x missing location information"
