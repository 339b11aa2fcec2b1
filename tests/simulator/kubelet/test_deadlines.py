"""Nothing runs past its deadline: what Kubernetes, the executor and the operator end, and how it shows."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.simulator.cluster.workflow import Node, Workflow
from fake_kfp.simulator.kubelet.mode import Mode
from tests.simulator.engine.play import Play
from tests.simulator.engine.strategies import plays
from tests.simulator.stage import START, Json, Stage, chain, container, node

TOO_LONG = "Pod was active on the node longer than the specified deadline"


def seconds_of(workflow: Workflow, name: str) -> float:
    """When a node ended, in seconds after the start."""
    ended = node(workflow, name).finished_at
    assert ended is not None
    return (ended - START).total_seconds()


def exit_code(ended: Node) -> str:
    """The exit code of what ran in a node's pod."""
    code: str = (ended.outputs or {})["exitCode"]
    return code


@pytest.mark.parametrize("mode", [Mode.INSTANT, Mode.CLOCKED])
@pytest.mark.parametrize("limit", [{"activeDeadlineSeconds": 5}, {"timeout": "5s"}])
def test_a_pod_that_takes_too_long_is_ended_by_the_kubelet(mode: Mode, limit: Json) -> None:
    stage = Stage(mode).script("a", seconds=60)
    workflow = stage.create(chain("main", "a"), container("a", **limit))
    stage.clock.advance(10)
    assert stage.look(workflow) == "Failed"
    ended = node(workflow, "a")
    assert (ended.phase, ended.message, exit_code(ended)) == ("Failed", TOO_LONG, "143")
    assert seconds_of(workflow, "a") == 5


@pytest.mark.parametrize(
    ("more", "phase"),
    [({"timeout": "9s"}, "Failed"), ({}, "Running"), ({"activeDeadlineSeconds": "9"}, "Failed")],
)
def test_what_hangs_ends_by_its_deadline_if_it_has_one(more: Json, phase: str) -> None:
    stage = Stage().script("main", phase="Running")
    workflow = stage.create(container(**more))
    stage.clock.advance(1000)
    assert stage.look(workflow) == phase


def test_a_pod_that_is_done_by_its_deadline_succeeds() -> None:
    stage = Stage(Mode.INSTANT).script("main", seconds=5)
    assert stage.look(stage.create(container(activeDeadlineSeconds=5))) == "Succeeded"


def test_a_timeout_goes_before_active_deadline_seconds() -> None:
    stage = Stage(Mode.INSTANT).script("a", phase="Running")
    workflow = stage.create(chain("main", "a"), container("a", timeout="20s", activeDeadlineSeconds=5))
    stage.look(workflow)
    assert seconds_of(workflow, "a") == 20


def test_each_try_has_its_own_deadline() -> None:
    stage = Stage(Mode.INSTANT).script("main", seconds=60)
    workflow = stage.create(container(activeDeadlineSeconds=5, retryStrategy={"limit": 1}))
    assert stage.look(workflow) == "Failed"
    tries = [each for each in workflow.status.nodes.values() if each.type == "Pod"]
    assert [each.message for each in tries] == [TOO_LONG, TOO_LONG]


def test_max_duration_ends_the_later_tries_where_they_are() -> None:
    strategy = {"limit": 9, "backoff": {"duration": "1", "maxDuration": "10"}}
    stage = Stage(Mode.INSTANT).script("main", phase="Running").script("main", phase="Failed", times=1)
    workflow = stage.create(container(retryStrategy=strategy))
    assert stage.look(workflow) == "Failed"
    last = node(workflow, f"{workflow.name}(1)")
    assert (last.phase, last.message) == ("Failed", "Error (exit code 143)")
    assert workflow.status.message == "Max duration limit exceeded"
    assert workflow.status.finished_at == START + timedelta(seconds=10)


def test_the_workflows_deadline_is_the_operators() -> None:
    stage = Stage(Mode.INSTANT).script("a", phase="Running")
    workflow = stage.create(
        chain("main", "a"), container("a", activeDeadlineSeconds=30), activeDeadlineSeconds=30
    )
    assert stage.look(workflow) == "Failed"
    assert node(workflow, "a").message == "Step exceeded its deadline"


def test_an_exit_handler_is_under_its_own_deadline_only() -> None:
    stage = Stage(Mode.INSTANT).script("main", phase="Running").script("bye", seconds=60)
    bye = container("bye", activeDeadlineSeconds=20)
    workflow = stage.create(container(), bye, activeDeadlineSeconds=10, onExit="bye")
    assert stage.look(workflow) == "Failed"
    assert seconds_of(workflow, f"{workflow.name}.onExit") == 30


def test_what_the_operator_ended_stops_a_moment_later() -> None:
    stage = Stage(Mode.INSTANT).script("main", phase="Running").script("bye", seconds=60)
    workflow = stage.create(container(), container("bye"), activeDeadlineSeconds=10, onExit="bye")
    stage.look(workflow)
    ended = node(workflow, workflow.name)
    assert (ended.phase, ended.message) == ("Failed", "Error (exit code 143)")
    assert exit_code(ended) == "143"
    assert seconds_of(workflow, workflow.name) == 10


def test_a_container_that_is_paused_for_debugging_has_no_deadline() -> None:
    paused = container(activeDeadlineSeconds=5)
    paused["container"]["env"] = [{"name": "ARGO_DEBUG_PAUSE_AFTER", "value": "true"}]
    stage = Stage(Mode.INSTANT).script("main", seconds=60)
    assert stage.look(stage.create(paused)) == "Succeeded"


def test_a_daemon_that_is_ended_by_its_deadline_succeeds() -> None:
    stage = Stage(Mode.INSTANT).script("a", seconds=60)
    serve = container("serve", daemon=True, activeDeadlineSeconds=20)
    workflow = stage.create(chain("main", "serve", "a"), serve, container("a"))
    assert stage.look(workflow) == "Succeeded"
    assert exit_code(node(workflow, "serve")) == "143"


def test_a_request_that_takes_longer_than_its_timeout_never_was_more_than_pending() -> None:
    stage = Stage().script("a", seconds=60)
    workflow = stage.create(chain("main", "a"), {"name": "a", "http": {"url": "http://x"}, "timeout": "5s"})
    stage.clock.advance(4)
    stage.look(workflow)
    assert node(workflow, "a").phase == "Pending"
    stage.clock.advance(10)
    stage.look(workflow)
    assert (node(workflow, "a").phase, node(workflow, "a").message) == ("Failed", "timeout")


def test_a_request_fails_after_its_timeout_seconds() -> None:
    stage = Stage(Mode.INSTANT).script("a", phase="Running")
    request = {"name": "a", "http": {"url": "http://x/y", "timeoutSeconds": 20}}
    workflow = stage.create(chain("main", "a"), request)
    assert stage.look(workflow) == "Failed"
    assert node(workflow, "a").message == 'Get "http://x/y": context deadline exceeded'
    assert seconds_of(workflow, "a") == 20


def test_a_daemon_has_an_address_while_it_runs() -> None:
    stage = Stage(Mode.INSTANT)
    task = {"name": "ask", "template": "ask", "depends": "serve"}
    task["arguments"] = {"parameters": [{"name": "ip", "value": "{{tasks.serve.ip}}"}]}  # type: ignore[assignment]
    ask = container("ask", inputs={"parameters": [{"name": "ip"}]})
    main = {"name": "main", "dag": {"tasks": [{"name": "serve", "template": "serve"}, task]}}
    workflow = stage.create(main, container("serve", daemon=True), ask)
    assert stage.look(workflow) == "Succeeded"
    inputs = node(workflow, "ask").inputs
    assert inputs is not None
    assert inputs["parameters"][0]["value"] == node(workflow, "serve").pod_ip
    assert node(workflow, "serve").pod_ip.startswith("10.244.")


SECONDS = st.sampled_from([0.0, 0.5, 1.0, 3.0, 7.0, 60.0])
PHASES = st.sampled_from(["Succeeded", "Failed", "Running"])
SCRIPT = st.dictionaries(
    st.sampled_from(["*", "work", "again", "bye", "t0", "s0*", "t1"]),
    st.tuples(SECONDS, PHASES, st.integers(1, 3)),
    max_size=4,
)
LIMITS = st.lists(
    st.sampled_from([{}, {"activeDeadlineSeconds": 2}, {"activeDeadlineSeconds": 30}, {"timeout": "5s"}]),
    min_size=1,
    max_size=6,
)
STEPS = st.lists(st.sampled_from([0.25, 1.0, 2.0, 5.0, 30.0]), max_size=20)


def staged(play: Play, script: Any, limits: list[Json], whole: int | None) -> tuple[Stage, Workflow]:
    """A random workflow whose pods have deadlines."""
    stage = Stage()
    for task, (seconds, phase, times) in script.items():
        stage.script(task, seconds=seconds)
        stage.script(task, phase=phase, times=times)
    spec = copy.deepcopy(play.workflow.spec)
    templates = spec.pop("templates")
    for number, template in enumerate(templates):
        if template.get("container"):
            template.update(limits[number % len(limits)])
    if whole is not None:
        spec["activeDeadlineSeconds"] = whole
    return stage, stage.create(*templates, **spec)


def limit_of(workflow: Workflow, template_name: str) -> float:
    """How long a pod of a template may run."""
    template = next(each for each in workflow.spec["templates"] if each["name"] == template_name)
    seconds = float(template.get("activeDeadlineSeconds") or "inf")
    return float(template["timeout"].removesuffix("s")) if template.get("timeout") else seconds


@given(plays(), SCRIPT, LIMITS, st.sampled_from([None, 4, 20]), STEPS)
def test_nothing_runs_past_a_deadline_whatever_the_nesting(
    play: Play, script: Any, limits: list[Json], whole: int | None, steps: list[float]
) -> None:
    stage, workflow = staged(play, script, limits, whole)
    for step in steps:
        stage.clock.advance(step)
        stage.look(workflow)
    now = stage.clock.now()
    for each in workflow.status.nodes.values():
        if each.type == "Pod" and each.started_at is not None:
            ran = ((each.finished_at or now) - each.started_at).total_seconds()
            assert ran <= limit_of(workflow, each.template_name) + 1, each.name  # times are cut to seconds
    if whole is not None and (now - START).total_seconds() >= whole and not workflow.spec.get("onExit"):
        assert not any(pod.phase == "Running" for pod in workflow.pods.values() if not pod.on_exit)


@given(plays(), SCRIPT, LIMITS, st.sampled_from([None, 4, 20]), STEPS)
def test_one_big_step_equals_many_small_ones_with_deadlines(
    play: Play, script: Any, limits: list[Json], whole: int | None, steps: list[float]
) -> None:
    stage, workflow = staged(play, script, limits, whole)
    other_stage, other = staged(play, script, limits, whole)
    for step in steps:
        stage.clock.advance(step)
        stage.look(workflow)
    other_stage.clock.advance(sum(steps))
    stage.look(workflow)
    other_stage.look(other)
    assert workflow.to_manifest() == other.to_manifest()
