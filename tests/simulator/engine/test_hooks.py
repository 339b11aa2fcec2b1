from __future__ import annotations

import json

from tests.simulator.engine.play import Play, arguments, call, container, dag, inputs, steps


def test_the_exit_handler_runs_when_the_root_is_over_and_knows_how_it_went() -> None:
    main = container("main")
    bye = container("bye")
    bye["container"]["args"] = ["{{workflow.status}}", "{{workflow.failures}}"]
    play = Play(main, bye, onExit="bye").move("W", "Failed", message="boom")
    assert (play.phase, play.phases) == ("Running", {"": "Failed", ".onExit": "Pending"})
    status, failures = play.pod("W.onExit").template["container"]["args"]
    assert status == "Failed"
    (failure,) = json.loads(json.loads(failures))
    assert failure["displayName"] == "W"
    assert failure["message"] == "boom"
    play.move("W.onExit")
    assert (play.phase, play.message) == ("Failed", "boom")


def test_a_failed_exit_handler_spoils_a_success() -> None:
    play = Play(container("main"), container("bye"), onExit="bye").move("W")
    play.move("W.onExit", "Failed", message="bye failed")
    assert (play.phase, play.message) == ("Failed", "bye failed")


def test_successors_wait_for_a_tasks_exit_handler_and_do_not_mind_its_end() -> None:
    main = dag("main", call("a", hooks={"exit": {"template": "bye"}}), call("b", dependencies=["a"]))
    play = Play(main, container(), container("bye")).move("a")
    assert play.live == ["a.onExit"]
    assert play.move("a.onExit", "Failed").live == ["b"]
    assert play.move("b").phase == "Succeeded"
    assert play.nodes["W.a.onExit"].flag == {"hooked": True}


def test_an_exit_handler_may_use_what_its_task_gave() -> None:
    bye = container("bye", inputs=inputs("v", "s"))
    given = arguments(v="{{tasks.a.outputs.parameters.v}}", s="{{tasks.a.status}}")
    main = dag("main", call("a", hooks={"exit": {"template": "bye", "arguments": given}}))
    play = Play(main, container(), bye).move("a", outputs={"parameters": [{"name": "v", "value": "7"}]})
    values = play.nodes["W.a.onExit"].inputs
    assert values == {"parameters": [{"name": "v", "value": "7"}, {"name": "s", "value": "Succeeded"}]}


def test_an_exit_handler_may_use_outputs_of_any_name_but_not_the_result() -> None:
    given = arguments(v="{{steps.a.outputs.parameters.result}}", r="{{steps.a.outputs.result}}")
    given["artifacts"] = [{"name": "f", "from": "{{steps.a.outputs.artifacts.result}}"}]
    bye = container("bye", inputs={**inputs("v", "r"), "artifacts": [{"name": "f", "path": "/f"}]})
    main = steps("main", [call("a", hooks={"exit": {"template": "bye", "arguments": given}})])
    outputs = {"parameters": [{"name": "result"}], "artifacts": [{"name": "result", "s3": {"key": "k"}}]}
    play = Play(main, container(), bye).move("a", outputs={**outputs, "result": "1"})
    values = play.nodes["W[0].a.onExit"].inputs
    assert values is not None
    assert [each.get("value", "") for each in values["parameters"]] == ["", "{{steps.a.outputs.result}}"]
    assert values["artifacts"][0]["s3"] == {"key": "k"}


def test_a_lifecycle_hook_starts_once_its_expression_is_true() -> None:
    hook = {"template": "bye", "expression": 'tasks.a.status == "Running"'}
    play = Play(dag("main", call("a", hooks={"seen": hook})), container(), container("bye")).settle()
    assert play.live == ["a"]
    assert play.move("a", "Running").live == ["a", "a.hooks.seen"]
    assert play.move("a").phase == "Running"
    assert play.move("a.hooks.seen").phase == "Succeeded"


def test_hooks_of_steps_hold_their_group() -> None:
    play = Play(steps("main", [call("a", onExit="bye")], [call("b")]), container(), container("bye")).move(
        "a"
    )
    assert play.phases["[0]"] == "Running"
    assert play.live == ["a.onExit"]
    assert play.move("a.onExit").live == ["b"]


def test_hooks_of_the_workflow_hang_under_the_root() -> None:
    hook = {"template": "bye", "expression": 'workflow.status == "Running"'}
    play = Play(dag("main", call("a")), container(), container("bye"), hooks={"on": hook}).settle()
    assert sorted(play.live) == ["W.hooks.on", "a"]
    assert play.names(play.nodes["W"].children) == ["a", "W.hooks.on"]
    assert play.move("a").phase == "Running"
    assert play.move("W.hooks.on").phase == "Succeeded"


def test_a_hook_whose_expression_is_wrong_makes_an_error() -> None:
    hook = {"template": "bye", "expression": "nonsense("}
    play = Play(dag("main", call("a", hooks={"h": hook})), container(), container("bye")).settle()
    assert play.phase == "Error"


def test_two_tasks_with_exit_handlers_and_a_common_successor_come_to_an_end() -> None:
    main = dag(
        "main",
        call("each", withItems=[1, 2], onExit="bye"),
        call("other", onExit="bye"),
        call("end", dependencies=["each", "other"]),
    )
    play = Play(main, container(), container("bye")).finish()
    assert play.phase == "Succeeded"
    assert {".each.onExit", ".each(0:1).onExit", ".each(1:2).onExit", ".other.onExit"} < set(play.phases)


def test_an_exit_handler_whose_arguments_lead_nowhere_makes_an_error_of_its_dag_though_the_task_is_fine() -> (
    None
):
    nowhere = {"artifacts": [{"name": "x", "from": "{{tasks.nowhere.outputs.artifacts.x}}"}]}
    main = dag("main", call("a", hooks={"exit": {"template": "bye", "arguments": nowhere}}))
    play = Play(main, container(), container("bye")).move("a")
    text = 'unable to resolve references: Unable to resolve: "tasks.nowhere.outputs.artifacts.x"'
    assert (play.phase, play.message) == ("Error", f"error in entry template execution: {text}")
    assert play.phases == {"": "Error", ".a": "Succeeded"}
    assert play.nodes["W"].message == text


def test_an_exit_handler_does_without_an_optional_artifact_that_is_not_there() -> None:
    gone = {"artifacts": [{"name": "x", "from": "{{tasks.a.outputs.artifacts.x}}", "optional": True}]}
    bye = container("bye", inputs={"artifacts": [{"name": "x", "path": "/x", "optional": True}]})
    main = dag("main", call("a", hooks={"exit": {"template": "bye", "arguments": gone}}))
    play = Play(main, container(), bye).move("a").move("a.onExit")
    assert play.phase == "Succeeded"
