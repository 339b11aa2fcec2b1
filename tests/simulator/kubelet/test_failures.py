"""What pods die of, as Argo shows it."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from fake_kfp.control.scripting import TaskScript
from fake_kfp.simulator.cluster.workflow import Node, Workflow
from fake_kfp.simulator.kubelet.mode import Mode
from tests.simulator.stage import Json, Stage, chain, container, node

Say = Callable[[TaskScript], object]
ARTIFACT = {"artifacts": [{"name": "model", "path": "/model"}]}


def ended(
    say: Say, template: Json | None = None, mode: Mode = Mode.INSTANT, seconds: float = 0
) -> tuple[Workflow, Node]:
    """A workflow with one task a, of which something was said, and the task's node."""
    stage = Stage(mode)
    say(TaskScript(stage.outcomes, "a"))
    workflow = stage.create(chain("main", "a"), {**(template or container(outputs=ARTIFACT)), "name": "a"})
    stage.clock.advance(seconds)
    stage.look(workflow)
    return workflow, node(workflow, "a")


def kept(found: Node) -> list[str]:
    return [each["name"] for each in (found.outputs or {}).get("artifacts") or ()]


@pytest.mark.parametrize(
    ("say", "phase", "message", "exit_code", "artifacts"),
    [
        (lambda task: task.killed_for_memory(), "Failed", "OOMKilled (exit code 137)", "137", ["main-logs"]),
        (lambda task: task.evicted(message="low on memory"), "Failed", "low on memory", "137", []),
        (lambda task: task.loses_node(), "Error", "pod deleted", None, []),
        (
            lambda task: task.errors(message="i/o timeout"),
            "Error",
            "Error (exit code 64): i/o timeout",
            "0",
            ["model", "main-logs"],
        ),
        (lambda task: task.omits("model"), "Error", None, "0", ["main-logs"]),
        (
            lambda task: task.container_fails("main", exit_code=3, message="no"),
            "Failed",
            "Error (exit code 3): no",
            "3",
            ["main-logs"],
        ),
    ],
)
def test_what_a_pod_can_die_of(
    say: Say, phase: str, message: str | None, exit_code: str | None, artifacts: list[str]
) -> None:
    workflow, found = ended(say)
    assert (found.phase, (found.outputs or {}).get("exitCode"), kept(found)) == (phase, exit_code, artifacts)
    assert message is None or found.message == message
    assert workflow.status.phase == phase


@pytest.mark.parametrize(
    ("say", "policy", "tries"),
    [
        (lambda task: task.errors(times=1), "OnError", 2),
        (lambda task: task.errors(times=1), "OnFailure", 1),
        (lambda task: task.fails(times=1), "OnError", 1),
        (lambda task: task.loses_node(times=1), "OnError", 2),
        (lambda task: task.errors(message="i/o timeout", times=1), "OnTransientError", 2),
        (lambda task: task.errors(message="disk full", times=1), "OnTransientError", 1),
        (lambda task: task.evicted(times=1), "OnFailure", 2),
    ],
)
def test_policies_tell_failures_from_errors(say: Say, policy: str, tries: int) -> None:
    template = container(retryStrategy={"limit": 3, "retryPolicy": policy})
    workflow, _ = ended(say, template)
    pods = [each for each in workflow.status.nodes.values() if each.type == "Pod"]
    assert (len(pods), workflow.status.phase == "Succeeded") == (tries, tries == 2)


@pytest.mark.parametrize(
    ("say", "message"),
    [
        (
            lambda task: task.cannot_be_scheduled("0/3 nodes are available."),
            "Unschedulable: 0/3 nodes are available.",
        ),
        (lambda task: task.cannot_pull_image(), 'ImagePullBackOff: Back-off pulling image "busybox"'),
        (lambda task: task.cannot_pull_image("InvalidImageName"), "InvalidImageName"),
    ],
)
def test_what_does_not_begin_is_pending_and_says_why(say: Say, message: str) -> None:
    workflow, found = ended(say, mode=Mode.CLOCKED, seconds=86_400)
    assert (found.phase, found.message, workflow.status.phase) == ("Pending", message, "Running")


@pytest.mark.parametrize(
    ("say", "limit", "phase", "message"),
    [
        (lambda task: task.cannot_be_scheduled(), {"activeDeadlineSeconds": 5}, "Pending", None),
        (lambda task: task.cannot_be_scheduled(), {"timeout": "5s"}, "Failed", "timeout"),
        (lambda task: task.cannot_pull_image(), {"activeDeadlineSeconds": 5}, "Failed", "Pod was active"),
    ],
)
def test_only_what_has_found_a_node_is_ended_by_the_kubelet(
    say: Say, limit: Json, phase: str, message: str | None
) -> None:
    _, found = ended(say, container(**limit), mode=Mode.CLOCKED, seconds=60)
    assert found.phase == phase
    assert message is None or found.message.startswith(message)


def test_others_go_on_beside_a_pod_that_does_not_begin() -> None:
    stage = Stage(Mode.INSTANT)
    TaskScript(stage.outcomes, "a").cannot_be_scheduled()
    tasks = [{"name": "a", "template": "a"}, {"name": "b", "template": "a"}]
    tasks.append({"name": "c", "template": "a", "dependencies": ["b"]})  # type: ignore[dict-item]
    stage.outcomes.clear()
    stage.script("a", phase="Pending", times=1)
    workflow = stage.create({"name": "main", "dag": {"tasks": tasks}}, container("a"))
    assert stage.look(workflow) == "Running"
    assert [node(workflow, name).phase for name in "abc"] == ["Pending", "Succeeded", "Succeeded"]


@pytest.mark.parametrize(("code", "phase"), [(1, "Failed"), (137, "Succeeded"), (143, "Succeeded")])
def test_a_sidecar_that_fails_fails_its_pod_unless_it_was_killed(code: int, phase: str) -> None:
    template = container(sidecars=[{"name": "proxy", "image": "x"}], outputs=ARTIFACT)
    _, found = ended(lambda task: task.container_fails("proxy", exit_code=code), template)
    assert (found.phase, found.message) == (phase, "Error (exit code 1)" if phase == "Failed" else "")
    assert ((found.outputs or {})["exitCode"], kept(found)) == ("0", ["model", "main-logs"])


def test_an_init_container_that_fails_leaves_main_alone() -> None:
    template = container(initContainers=[{"name": "fetch", "image": "x"}])
    _, found = ended(lambda task: task.container_fails("fetch", message="no route"), template)
    assert (found.phase, found.message, found.outputs) == ("Failed", "Error (exit code 1): no route", None)


def test_a_container_that_is_not_there_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="fake_kfp"):
        _, found = ended(lambda task: task.container_fails("nobody"))
    assert found.phase == "Succeeded"
    assert "no container 'nobody'" in caplog.text


def test_what_follows_a_failed_container_of_a_set_does_not_run() -> None:
    containers = [
        {"name": "first", "image": "x"},
        {"name": "main", "image": "x", "dependencies": ["first"]},
        {"name": "last", "image": "x", "dependencies": ["main"]},
        {"name": "other", "image": "x"},
    ]
    workflow, found = ended(
        lambda task: task.container_fails("first", exit_code=2), {"containerSet": {"containers": containers}}
    )
    assert (found.phase, found.message) == ("Failed", "Error (exit code 2)")
    assert {
        name: (node(workflow, name).phase, node(workflow, name).message)
        for name in ("first", "main", "last", "other")
    } == {
        "first": ("Failed", "Error (exit code 2): "),
        "main": ("Error", 'Error (exit code 64): dependency "first" exited with non-zero code: 2'),
        "last": ("Error", 'Error (exit code 64): dependency "main" exited with non-zero code: 64'),
        "other": ("Succeeded", ""),
    }


def test_a_container_that_fails_has_an_exit_code() -> None:
    with pytest.raises(ValueError, match="another exit code"):
        TaskScript(Stage().outcomes, "a").container_fails("main", exit_code=0)


@pytest.mark.parametrize(
    ("say", "message"),
    [
        (lambda task: task.fails(exit_code=3), "main: Error (exit code 3)"),
        (lambda task: task.fails(message="The node was low"), "The node was low"),
        (lambda task: task.evicted(message="low on memory"), "low on memory"),
        (lambda task: task.loses_node(), "pod deleted"),
        (lambda task: task.killed_for_memory(), "main: OOMKilled (exit code 137)"),
        (lambda task: task.errors(message="i/o timeout"), "wait: Error (exit code 64): i/o timeout"),
        (lambda task: task.container_fails("main", message="no"), "main: Error (exit code 1): no"),
        (lambda task: task.container_fails("proxy", message="no"), "proxy: Error (exit code 1): no"),
    ],
)
def test_later_releases_name_the_container_but_not_where_the_pod_itself_speaks(
    say: Say, message: str
) -> None:
    stage = Stage(Mode.INSTANT, release="2.15")
    say(TaskScript(stage.outcomes, "a"))
    sidecars = [{"name": "proxy", "image": "proxy"}]
    workflow = stage.create(chain("main", "a"), {**container(sidecars=sidecars), "name": "a"})
    stage.look(workflow)
    assert node(workflow, "a").message == message


def test_a_missing_output_is_the_executors_to_tell() -> None:
    stage = Stage(Mode.INSTANT, release="2.17")
    TaskScript(stage.outcomes, "a").omits("model")
    workflow = stage.create(chain("main", "a"), {**container(outputs=ARTIFACT), "name": "a"})
    stage.look(workflow)
    assert node(workflow, "a").message.startswith("wait: Error (exit code 64): ")
