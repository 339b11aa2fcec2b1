from __future__ import annotations

import pytest

from tests.simulator.engine.play import START, Json, Play, call, container, dag, steps


def leaf(kind: str, **what: object) -> Json:
    return {"name": "main", "inputs": {}, "outputs": {}, kind: what}


@pytest.mark.parametrize(
    "template",
    [
        leaf("container", image="x", name=""),
        leaf("script", image="x", name="", source="1"),
        leaf("resource", action="create", manifest=""),
        leaf("data", source={}, transformation=[]),
    ],
)
def test_whatever_runs_something_is_a_pod_from_pending_to_its_end(template: Json) -> None:
    play = Play(template).settle()
    assert (play.nodes["W"].type, play.phases[""]) == ("Pod", "Pending")
    assert play.move("W", "Running").phases[""] == "Running"
    play.move("W")
    assert play.nodes["W"].outputs == {"exitCode": "0"}


def test_a_failed_pods_message_is_its_own_or_its_exit_code() -> None:
    assert Play(container("main")).move("W", "Failed", exit_code=3).message == "Error (exit code 3)"
    assert Play(container("main")).move("W", "Failed", message="OOMKilled").message == "OOMKilled"


def test_the_condition_pod_running_tells_whether_a_pod_came_to_run_in_this_look() -> None:
    play = Play(dag("main", call("a"), call("b")), container()).settle()
    conditions = play.workflow.status.conditions
    assert conditions == []
    play.move("a", "Running")
    assert conditions == [{"type": "PodRunning", "status": "True"}]
    play.move("b")
    assert conditions == [{"type": "PodRunning", "status": "False"}]
    play.move("a")
    assert conditions[1:] == [{"type": "Completed", "status": "True"}]


def test_a_pod_knows_its_names_and_its_filled_in_template() -> None:
    work = container("work")
    work["container"]["args"] = ["{{workflow.name}}", "{{pod.name}}", "{{tasks.name}}", "{{node.name}}"]
    pod = Play(dag("main", call("a")), work).settle().pod("a")
    assert pod.name == f"W-work-{pod.node_id.removeprefix('W-')}"
    assert pod.template["container"]["args"] == ["W", pod.name, "a", "W.a"]


def test_a_pod_dies_by_its_own_deadline_or_the_workflows_whichever_is_first() -> None:
    slow = container("main", activeDeadlineSeconds=30)
    pod = Play(slow, activeDeadlineSeconds=60).settle().pod("W")
    assert pod.deadline is not None
    assert (pod.deadline - START).total_seconds() == 30


def test_an_unknown_volume_makes_an_error() -> None:
    mounts = leaf("container", image="x", name="", volumeMounts=[{"name": "nope", "mountPath": "/x"}])
    play = Play(dag("main", call("a", "work")), {**mounts, "name": "work"}).settle()
    assert play.nodes["W.a"].message == "task 'W.a' errored: volume 'nope' not found in workflow spec"
    assert play.phase == "Error"


@pytest.mark.parametrize(
    "volumes", [{"volumes": [{"name": "v"}]}, {"volumeClaimTemplates": [{"metadata": {"name": "v"}}]}]
)
def test_volumes_of_the_workflow_can_be_mounted(volumes: Json) -> None:
    play = Play(
        leaf("container", image="x", name="", volumeMounts=[{"name": "v", "mountPath": "/x"}]), **volumes
    )
    assert play.finish().phase == "Succeeded"


def test_a_daemon_serves_until_its_dag_is_over() -> None:
    play = Play(
        dag("main", call("d", "serve"), call("a", dependencies=["d"])),
        container("serve", daemon=True),
        container(),
    )
    play.move("d", "Running")
    assert (play.nodes["W.d"].daemoned, play.live) == (True, ["d", "a"])
    play.move("a")
    assert (play.phase, play.phases[".d"], play.live) == ("Succeeded", "Succeeded", [])
    assert (play.nodes["W.d"].daemoned, play.nodes["W.d"].outputs) == (False, None)


def test_a_suspension_without_duration_lasts_and_one_of_nothing_does_not() -> None:
    assert Play(leaf("suspend")).settle().phases[""] == "Running"
    assert Play(leaf("suspend", duration="0")).settle().phase == "Succeeded"


def test_a_suspension_ends_in_its_time_with_the_defaults_of_what_was_to_be_supplied() -> None:
    pause = leaf("suspend", duration="1m")
    pause["outputs"] = {"parameters": [{"name": "v", "valueFrom": {"supplied": {}, "default": "d"}}]}
    play = Play(pause).settle().advance(59)
    assert play.phase == "Running"
    assert play.advance(1).phase == "Succeeded"
    assert play.nodes["W"].outputs == {"parameters": [{"name": "v", "value": "d"}]}


def test_the_containers_of_a_set_are_nodes_that_go_with_their_pod() -> None:
    containers = [{"name": "a", "image": "x"}, {"name": "main", "image": "x", "dependencies": ["a"]}]
    work = {**leaf("containerSet", containers=containers), "name": "work"}
    play = Play(steps("main", [call("s", "work")], [call("t")]), work, container()).settle()
    assert play.names(play.nodes["W[0].s"].children) == ["a"]
    play.move("s")
    assert (play.phases["[0].s.a"], play.phases["[0].s.main"]) == ("Succeeded", "Succeeded")
    assert play.live == ["t"]


def test_tasks_of_the_agent_look_like_pods_to_a_driver() -> None:
    http = {**leaf("http", url="http://x"), "name": "work"}
    play = Play(dag("main", call("a", "work")), http).move("a", outputs={"result": "body"})
    assert (play.nodes["W.a"].type, play.phase) == ("HTTP", "Succeeded")
    assert play.nodes["W.a"].outputs == {"result": "body"}


def test_inline_templates_run_where_they_stand() -> None:
    inline = {"name": "a", "arguments": {}, "inline": container("")}
    assert Play(dag("main", inline)).finish().phase == "Succeeded"


def test_global_outputs_become_the_workflows_own() -> None:
    play = Play(dag("main", call("a"), call("b", "take", dependencies=["a"])), container(), container("take"))
    play.workflow.spec["templates"][2]["container"]["args"] = ["{{workflow.outputs.parameters.G}}"]
    play.move("a", outputs={"parameters": [{"name": "v", "value": "7", "globalName": "G"}]})
    assert play.workflow.status.outputs == {"parameters": [{"name": "G", "value": "7"}]}
    assert play.pod("b").template["container"]["args"] == ["7"]


def test_variables_outside_the_templates_are_filled_in_for_good_but_for_those_of_the_moment() -> None:
    given = [{"name": "p", "value": "{{workflow.name}}"}, {"name": "s", "value": "{{workflow.status}}"}]
    play = Play(container("main"), arguments={"parameters": given}).finish()
    values = [parameter["value"] for parameter in play.workflow.spec["arguments"]["parameters"]]
    assert values == ["W", "{{workflow.status}}"]


def test_no_pod_is_made_for_the_last_second_of_a_workflow() -> None:
    main = dag("main", call("a"), call("b", dependencies=["a"]))
    play = Play(main, container(), activeDeadlineSeconds=10).settle().advance(9)
    assert play.move("a").live == []
    assert play.phases[".b"] == "Pending"
    assert play.advance(1).phase == "Failed"


@pytest.mark.parametrize(("timeout", "phase"), [("2s", "Error"), ("3s", "Pending")])
def test_no_pod_is_made_for_the_last_seconds_of_a_timeout(timeout: str, phase: str) -> None:
    play = Play(dag("main", call("a")), container(timeout=timeout)).settle()
    assert play.phases[".a"] == phase
