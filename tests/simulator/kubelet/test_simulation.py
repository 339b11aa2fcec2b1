"""How time moves workflows on, in each mode."""

from __future__ import annotations

import copy
import gc
import logging
import weakref
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.simulator.cluster.pace import Pace
from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.simulator.kubelet import simulation
from fake_kfp.simulator.kubelet.mode import Mode
from tests.simulator.engine.play import Play
from tests.simulator.engine.strategies import plays
from tests.simulator.stage import START, Json, Stage, chain, container, node


def pods(workflow: Workflow) -> dict[str, str]:
    """The phases of the pods by display name."""
    return {each.display_name: each.phase for each in workflow.status.nodes.values() if each.type == "Pod"}


def test_instant_nothing_happens_before_anybody_looks() -> None:
    stage = Stage(Mode.INSTANT)
    workflow = stage.create(container())
    stage.clock.advance(1000)
    assert workflow.status.phase == ""
    assert stage.look(workflow) == "Succeeded"


def test_instant_takes_simulated_time_and_none_of_the_clocks() -> None:
    stage = Stage(Mode.INSTANT).script("b", seconds=90)
    workflow = stage.create(chain("main", "a", "b"), container("a"), container("b"))
    stage.look(workflow)
    assert stage.clock.now() == START
    assert node(workflow, "a").finished_at == START + timedelta(seconds=1)
    assert workflow.status.finished_at == START + timedelta(seconds=91)


def test_instant_what_was_terminated_before_the_first_look_never_runs() -> None:
    stage = Stage(Mode.INSTANT)
    workflow = stage.create(container())
    stage.cluster.terminate(*workflow.key)
    assert [stage.look(workflow), stage.look(workflow)] == ["", "Failed"]


def test_instant_what_was_terminated_is_due_until_it_has_ended() -> None:
    stage = Stage(Mode.INSTANT)
    workflow = stage.create(container())
    stage.cluster.terminate(*workflow.key)
    for phase in ("", "Failed"):
        assert stage.simulation.due_workflows() == [workflow.key]
        assert stage.look(workflow) == phase
    assert stage.simulation.due_workflows() == []


def test_instant_a_task_that_hangs_leaves_the_workflow_running_until_it_is_terminated() -> None:
    stage = Stage(Mode.INSTANT).script("main", phase="Running")
    workflow = stage.create(container())
    assert stage.look(workflow) == "Running"
    assert stage.look(workflow) == "Running"
    stage.cluster.terminate(*workflow.key)
    assert [stage.look(workflow), stage.look(workflow)] == ["Running", "Failed"]


def test_instant_a_task_that_hangs_is_ended_by_its_deadline() -> None:
    stage = Stage(Mode.INSTANT).script("main", phase="Running")
    workflow = stage.create(container(), activeDeadlineSeconds=30)
    assert stage.look(workflow) == "Failed"
    assert workflow.status.finished_at == START + timedelta(seconds=30)


def test_clocked_a_task_is_over_exactly_when_its_time_is() -> None:
    stage = Stage().script("main", seconds=180)
    workflow = stage.create(container())
    assert stage.look(workflow) == "Running"
    stage.clock.advance(179)
    assert stage.look(workflow) == "Running"
    stage.clock.advance(1)
    assert stage.look(workflow) == "Succeeded"
    assert node(workflow, workflow.name).finished_at == START + timedelta(seconds=180)


def test_clocked_tasks_follow_each_other_without_a_gap_whenever_somebody_looks() -> None:
    stage = Stage().script("?", seconds=60)
    workflow = stage.create(chain("main", "a", "b", "c"), *map(container, "abc"))
    stage.clock.advance(150)
    assert stage.look(workflow) == "Running"
    assert pods(workflow) == {"a": "Succeeded", "b": "Succeeded", "c": "Running"}
    assert node(workflow, "c").started_at == START + timedelta(seconds=120)


def test_clocked_a_termination_shows_until_the_clock_moves_on() -> None:
    stage = Stage().script("main", seconds=60)
    workflow = stage.create(container())
    assert stage.look(workflow) == "Running"
    stage.cluster.terminate(*workflow.key)
    assert [stage.look(workflow), stage.look(workflow)] == ["Running", "Running"]
    stage.clock.advance(0.001)
    assert stage.look(workflow) == "Failed"


def test_clocked_the_operator_may_take_its_time() -> None:
    stage = Stage(delay=2)
    workflow = stage.create(container())
    phases = []
    for _ in range(4):
        stage.clock.advance(1)
        phases.append(stage.look(workflow))
    assert phases == ["", "Running", "Succeeded", "Succeeded"]


def test_manual_time_alone_moves_nothing() -> None:
    stage = Stage(Mode.MANUAL)
    workflow = stage.create(container())
    stage.clock.advance(1000)
    assert stage.look(workflow) == ""
    assert stage.simulation.look(workflow)
    assert pods(workflow) == {workflow.name: "Pending"}
    assert not stage.simulation.look(workflow)


def test_what_is_due_is_named_once() -> None:
    stage = Stage().script("main", seconds=60)
    workflow = stage.create(container())
    key = workflow.key
    assert stage.simulation.due_workflows() == [key]
    for _ in range(5):  # everybody who looks learns what is due next
        stage.look(workflow)
    assert stage.simulation.due_workflows() == []
    stage.clock.advance(60)
    assert stage.simulation.due_workflows() == [key]
    stage.look(workflow)
    stage.clock.advance(1000)
    assert stage.simulation.due_workflows() == []


def test_a_workflow_that_is_gone_is_due_no_more() -> None:
    stage = Stage()
    workflow = stage.create(container())
    stage.cluster.delete(*workflow.key)
    assert stage.simulation.due_workflows() == []


def test_manual_nothing_is_due() -> None:
    stage = Stage(Mode.MANUAL)
    stage.create(container())
    assert stage.simulation.due_workflows() == []


def test_a_failed_task_that_is_scripted_to_fail_once_is_retried() -> None:
    stage = Stage(Mode.INSTANT).script("main", phase="Failed", exit_code=137, times=1)
    workflow = stage.create(container(retryStrategy={"limit": "2"}))
    assert stage.look(workflow) == "Succeeded"
    assert list(pods(workflow).values()) == ["Failed", "Succeeded"]


def test_retries_wait_for_their_backoff() -> None:
    stage = Stage().script("main", phase="Failed")
    strategy = {"limit": "2", "backoff": {"duration": "10", "factor": "2"}}
    workflow = stage.create(container(retryStrategy=strategy))
    assert count_tries(stage, workflow, 10) == 1
    assert count_tries(stage, workflow, 11) == 2
    assert count_tries(stage, workflow, 31) == 2
    assert count_tries(stage, workflow, 32) == 3
    assert stage.look(workflow) == "Running"
    stage.clock.advance(1)
    assert stage.look(workflow) == "Failed"


def count_tries(stage: Stage, workflow: Workflow, seconds: int) -> int:
    """How many pods there were by so many seconds after the start."""
    stage.clock.advance((START + timedelta(seconds=seconds) - stage.clock.now()).total_seconds())
    stage.look(workflow)
    return len(pods(workflow))


@pytest.mark.parametrize("mode", [Mode.INSTANT, Mode.CLOCKED])
def test_retries_without_a_limit_come_to_rest(
    mode: Mode, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(simulation, "TRIES_PER_TASK", 20)
    stage = Stage(mode).script("main", phase="Failed")
    workflow = stage.create(container(retryStrategy={"retryPolicy": "Always"}))
    stage.look(workflow)
    stage.clock.advance(86_400)
    with caplog.at_level(logging.WARNING, logger="fake_kfp"):
        assert stage.look(workflow) == "Running"
    assert len(pods(workflow)) == 21
    stage.clock.advance(86_400)
    assert stage.look(workflow) == "Running"
    assert len(pods(workflow)) == 21


def test_a_workflow_that_was_replaced_goes_on_from_what_it_is_now() -> None:
    stage = Stage(Mode.INSTANT).script("main", phase="Failed", times=1)
    workflow = stage.create(container())
    assert stage.look(workflow) == "Failed"
    stage.simulation.forget(workflow)
    labels = {key: value for key, value in workflow.labels.items() if not key.startswith("workflows.")}
    again = {"metadata": {**workflow.metadata, "labels": labels}, "spec": workflow.spec}
    replaced = stage.cluster.replace(again)
    assert stage.look(replaced) == "Succeeded"


def test_logs_are_scripted_or_made_up() -> None:
    stage = Stage(Mode.INSTANT).script("a", log="epoch 1\n")
    workflow = stage.create(chain("main", "a", "b"), container("a"), container("b"))
    stage.look(workflow)
    assert stage.simulation.log(workflow, node(workflow, "a").id) == "epoch 1\n"
    made_up = stage.simulation.log(workflow, node(workflow, "b").id)
    assert made_up is not None
    assert made_up.startswith("fake_kfp: b ran as pod ")
    assert stage.simulation.log(workflow, workflow.name) is None  # the dag itself ran nothing
    assert stage.simulation.log(workflow, "nobody") is None
    stage.cluster.delete(*workflow.key)
    assert stage.simulation.log(workflow, node(workflow, "a").id) != "epoch 1\n", "it went with the workflow"


DURATIONS = st.sampled_from([0.0, 0.5, 1.0, 3.0, 7.0, 60.0])
SCRIPTS = st.fixed_dictionaries(
    {
        task: st.tuples(DURATIONS, st.sampled_from(["Succeeded", "Failed"]), st.integers(1, 2))
        for task in "abcd"
    }
)
GRAPHS = st.fixed_dictionaries(
    {
        "b": st.sets(st.sampled_from("a")),
        "c": st.sets(st.sampled_from("ab")),
        "d": st.sets(st.sampled_from("abc")),
    }
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "activeDeadlineSeconds": st.sampled_from([2, 5, 30]),
        "parallelism": st.integers(1, 2),
        "onExit": st.just("bye"),
    },
)
SCRIPTS_OF_ANY = st.dictionaries(
    st.sampled_from(["*", "work", "again", "bye", "t0", "s0*", "t1"]),
    st.tuples(DURATIONS, st.sampled_from(["Succeeded", "Failed"]), st.integers(1, 3)),
    max_size=4,
)
STEPS = st.lists(st.sampled_from([0.25, 0.5, 1.0, 2.0, 5.0, 30.0]), max_size=25)


def staged(mode: Mode, script: Any, graph: Any, options: Json) -> tuple[Stage, Workflow]:
    """The same dag with the same script on a stage of its own."""
    stage = Stage(mode)
    for task, (seconds, phase, times) in script.items():
        stage.script(task, seconds=seconds)
        stage.script(task, phase=phase, times=times)
    tasks = [{"name": task, "template": task, "dependencies": sorted(graph.get(task, ()))} for task in "abcd"]
    retried = {"limit": "1", "backoff": {"duration": "4"}}
    templates = [
        container(task, retryStrategy=retried) if task in "bd" else container(task) for task in "abcd"
    ]
    workflow = stage.create(
        {"name": "main", "dag": {"tasks": tasks}}, *templates, container("bye"), **options
    )
    return stage, workflow


def tree(workflow: Workflow) -> Json:
    """All that there is to see of a workflow."""
    return workflow.to_manifest()


@given(SCRIPTS, GRAPHS, OPTIONS, STEPS)
def test_one_big_step_of_the_clock_equals_many_small_ones(
    script: Any, graph: Any, options: Json, steps: list[float]
) -> None:
    stage, workflow = staged(Mode.CLOCKED, script, graph, options)
    for step in steps:
        stage.clock.advance(step)
        stage.look(workflow)
    other_stage, other = staged(Mode.CLOCKED, script, graph, options)
    other_stage.clock.advance(sum(steps))
    other_stage.look(other)
    stage.look(workflow)
    assert tree(workflow) == tree(other)


@given(SCRIPTS, GRAPHS, OPTIONS)
def test_an_instant_walk_is_a_clocked_one_to_its_end(script: Any, graph: Any, options: Json) -> None:
    stage, workflow = staged(Mode.CLOCKED, script, graph, options)
    stage.clock.advance(10_000)
    assert stage.look(workflow) in ("Succeeded", "Failed", "Error")
    instant, other = staged(Mode.INSTANT, script, graph, options)
    instant.look(other)
    assert tree(workflow) == tree(other)


def test_the_same_seed_gives_the_same_tree() -> None:
    def walked(seed: int) -> Json:
        stage = Stage(Mode.INSTANT, seed=seed)
        workflow = stage.create(chain("main", "a", "b"), container("a"), container("b"))
        stage.look(workflow)
        return tree(workflow)

    assert walked(1) == walked(1)
    assert walked(1) != walked(2)


@given(plays(), SCRIPTS_OF_ANY, STEPS)
def test_small_steps_equal_big_ones_in_workflows_of_every_kind(
    play: Play, script: Any, steps: list[float]
) -> None:
    def staged() -> tuple[Stage, Workflow]:
        stage = Stage()
        for task, (seconds, phase, times) in script.items():
            stage.script(task, seconds=seconds)
            stage.script(task, phase=phase, times=times)
        spec = copy.deepcopy(play.workflow.spec)
        return stage, stage.create(*spec.pop("templates"), **spec)

    stage, workflow = staged()
    for step in steps:
        stage.clock.advance(step)
        stage.look(workflow)
    other_stage, other = staged()
    other_stage.clock.advance(sum(steps))
    stage.look(workflow)
    other_stage.look(other)
    assert tree(workflow) == tree(other)


def test_a_look_by_hand_that_was_interrupted_ends_its_workflow_once() -> None:
    stage = Stage(Mode.MANUAL)
    workflow = stage.create(container())

    def interrupt() -> None:
        raise KeyboardInterrupt

    workflow.pace = Pace(interrupt, steps=1)
    with pytest.raises(KeyboardInterrupt), workflow.pace.working_on(workflow.key):
        stage.simulation.look(workflow)
    assert stage.simulation.look(workflow)
    assert workflow.status.phase == "Error" and "interrupted" in workflow.status.message
    assert not stage.simulation.look(workflow)


def steps(name: str, *templates: str) -> Json:
    """A template with steps one after the other."""
    return {"name": name, "steps": [[{"name": template, "template": template}] for template in templates]}


@pytest.mark.parametrize(
    "main",
    [
        chain("main", "a", "b"),
        steps("main", "a", "b"),
        {"name": "main", "dag": {"tasks": [{"name": "each", "template": "a", "withItems": ["1", "2"]}]}},
    ],
    ids=["dag", "steps", "loop"],
)
def test_what_was_walked_is_gone_once_nobody_needs_it(main: Json) -> None:
    """Without the garbage collector, which would have to look for it among all that there is."""
    stage = Stage(Mode.INSTANT)
    workflow = stage.create(main, chain("a", "c"), container("b"), container("c"))
    gc.disable()
    try:
        operator = weakref.ref(stage.drive(workflow).operator)
        tree = weakref.ref(operator().context.tree)  # type: ignore[union-attr]
        stage.simulation.forget(workflow)
        assert (operator(), tree()) == (None, None)
    finally:
        gc.enable()
    assert workflow.status.phase == "Succeeded"
