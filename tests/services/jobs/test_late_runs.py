"""Runs that are made when somebody looks, beside a world in which each is made at once: nobody can tell which is which."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields, replace
from random import Random  # noqa: TID251 -- which calls are made is no business of the world's
from typing import Any

import pytest

from fake_kfp.control.scripting import TaskScript
from fake_kfp.deployment import Deployment, DeploymentState
from fake_kfp.errors import KfpError
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.jobs.requests import NewJob
from fake_kfp.services.runs.requests import NewRun
from fake_kfp.store.lists.options import ListOptions
from fake_kfp.store.lists.schemas import RUNS, TASKS
from fake_kfp.store.plain import Writer
from fake_kfp.store.records import PipelineSpec, Run, Trigger
from tests.services.conftest import MakeWorld

NOBODY = Caller()
HOUR = 3600


def workflow(*tasks: str, **spec: Any) -> str:
    """A dag of containers in a row; the first one writes a parameter that the others take."""
    templates: list[dict[str, Any]] = [
        {
            "name": "first",
            "container": {"image": "i", "command": ["c", "{{workflow.parameters.p}}"]},
            "outputs": {"parameters": [{"name": "o", "valueFrom": {"path": "/o"}}]},
        },
        {
            "name": "next",
            "inputs": {"parameters": [{"name": "i"}]},
            "container": {"image": "i", "command": ["c", "{{inputs.parameters.i}}"]},
        },
    ]
    dag: list[dict[str, Any]] = [{"name": "first", "template": "first"}]
    for before, name in zip(["first", *tasks], tasks, strict=False):
        value = "{{tasks.first.outputs.parameters.o}}"
        arguments = {"parameters": [{"name": "i", "value": value}]}
        dag.append({"name": name, "template": "next", "dependencies": [before], "arguments": arguments})
    parameters = [{"name": "p", "value": "x"}, {"name": "q", "value": "y"}]
    head = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"generateName": "one-"}}
    return json.dumps(
        {
            **head,
            "spec": {
                "entrypoint": "dag",
                "arguments": {"parameters": parameters},
                "templates": [*templates, {"name": "dag", "dag": {"tasks": dag}}],
                **spec,
            },
        }
    )


def add_job(world: Deployment, manifest: str, seconds: int = HOUR, **attributes: Any) -> str:
    parameters = attributes.pop("parameters", "")
    spec = PipelineSpec(workflow_manifest=manifest, parameters=parameters)
    trigger = Trigger(interval_seconds=seconds)
    job = NewJob(
        name="nightly", trigger=trigger, spec=spec, **{"enabled": True, "max_concurrency": 3, **attributes}
    )
    return world.services.jobs.create(job, NOBODY).id


def late(world: Deployment) -> int:
    """How many runs are not made yet."""
    return len(world.services.late_runs._late)


def make_pair(make_world: MakeWorld, simulation: str, **options: Any) -> tuple[Deployment, Deployment]:
    """Two worlds, the second of which makes every run at once."""
    lazy, eager = (make_world(simulation=simulation, **options) for _ in range(2))
    eager.services.late_runs.said = lambda: None
    return lazy, eager


def whole(world: Deployment) -> Any:
    """All that a world holds; of what is due only what still holds counts, and once."""
    with world.visit(step=False):
        state = world.state()
    due = set(state.simulation.due)
    writer = Writer()
    rest = replace(
        state,
        simulation=replace(state.simulation, due=[]),
        cluster=replace(state.cluster, expiries=[]),
    )
    return with_texts(writer.write(DeploymentState, rest), writer.texts), due, set(state.cluster.expiries)


def with_texts(plain: Any, texts: list[str]) -> Any:
    """Plain data with its long texts in their places: those are numbered as they come."""
    if isinstance(plain, list):
        return [with_texts(each, texts) for each in plain]
    if not isinstance(plain, dict):
        return plain
    if plain.keys() == {"text"}:
        return texts[plain["text"]]
    return {key: with_texts(value, texts) for key, value in plain.items()}


def shown(run: Run) -> tuple[Any, ...]:
    return tuple([getattr(run, field.name) for field in fields(Run)])


def picked(world: Deployment, chance: Random) -> Run:
    runs = sorted(world.world.runs, key=lambda run: run.id)
    return chance.choice(runs)


def get(world: Deployment, chance: Random) -> Any:
    return shown(world.services.runs.get(picked(world, chance).id, NOBODY))


def page(world: Deployment, chance: Random) -> Any:
    column = chance.choice(["CreatedAtInSec", "DisplayName", "State", "FinishedAtInSec", "StorageState"])
    options = ListOptions(RUNS, 5, sort_field=column, descending=chance.random() < 0.5)
    found = world.services.runs.list(options, "", "", NOBODY)
    return found.total_size, [shown(run) for run in found.records]


def act(name: str) -> Callable[[Deployment, Random], Any]:
    return lambda world, chance: getattr(world.services.runs, name)(picked(world, chance).id, NOBODY)


def tasks_of(world: Deployment, chance: Random) -> Any:
    return list(world.services.tasks.of_run(world.services.runs.get(picked(world, chance).id, NOBODY)))


def all_tasks(world: Deployment, chance: Random) -> Any:
    return world.services.tasks.list(ListOptions(TASKS, 5)).records


def say(world: Deployment, chance: Random) -> None:
    task = TaskScript(world.outcomes, chance.choice(["*", "first", "second"]))
    kind = chance.randrange(4)
    if kind == 0:
        task.takes(seconds=chance.choice([1, 30, 5000]))
    elif kind == 1:
        task.fails()
    elif kind == 2:
        task.fails(times=2)
    else:
        world.outcomes.clear()


def switch(world: Deployment, chance: Random) -> None:
    job = chance.choice(sorted(world.world.jobs, key=lambda job: job.id))
    getattr(world.services.jobs, chance.choice(["enable", "disable", "enable"]))(job.id, NOBODY)


def look(world: Deployment, chance: Random) -> Any:
    with world.visit(step=False):
        run = picked(world, chance)
        return run.state, run.finished_at


def log(world: Deployment, chance: Random) -> Any:
    run = world.services.runs.get(picked(world, chance).id, NOBODY)
    manifest = json.loads(run.workflow_runtime_manifest)
    nodes = sorted(manifest["status"].get("nodes") or ())
    return [world.lifecycle.log(run, node) for node in nodes]


def new_run(world: Deployment, chance: Random) -> Any:
    spec = PipelineSpec(workflow_manifest=workflow())
    return shown(world.services.runs.create(NewRun(name="by hand", spec=spec), NOBODY))


ACTS: tuple[Callable[[Deployment, Random], Any], ...] = (
    *(get, page, page, tasks_of, all_tasks, say, switch, look, log, new_run),
    *map(act, ["archive", "unarchive", "delete", "terminate", "retry"]),
)


def answer(what: Callable[[Deployment, Random], Any], world: Deployment, chance: Random) -> Any:
    with world.visit():
        try:
            return what(world, chance)
        except KfpError as error:
            return error.code, error.message


@pytest.mark.parametrize("simulation", ["instant", "clocked"])
@pytest.mark.parametrize("seed", range(2))
def test_nobody_can_tell_a_run_that_is_made_late(make_world: MakeWorld, simulation: str, seed: int) -> None:
    worlds = make_pair(make_world, simulation)
    macros = json.dumps([{"name": "p", "value": "[[ScheduledTime]] [[Index]]"}])
    for world in worlds:
        with world.visit():
            add_job(world, workflow("second"))
            add_job(world, workflow(), 700, parameters=macros, max_concurrency=1)
            add_job(world, workflow(activeDeadlineSeconds=20), 900, no_catchup=True)
            world.advance(6 * HOUR)
    most = late(worlds[0])
    order = Random(seed)
    for number in range(30):
        if order.random() < 0.3:
            hours = order.choice([0.1, 1, 4])
            for world in worlds:
                with world.visit():
                    world.advance(hours * HOUR)
            most = max(most, late(worlds[0]))
            continue
        what = order.choice(ACTS)
        lazy, eager = (answer(what, world, Random(number)) for world in worlds)
        assert lazy == eager, what
    assert most > 10
    assert late(worlds[1]) == 0
    assert whole(worlds[0]) == whole(worlds[1])


def one_world(make_world: MakeWorld, manifest: str, simulation: str = "clocked") -> Deployment:
    """With a job that has made enough runs to know how long they take, and another day's."""
    world = make_world(simulation=simulation)
    with world.visit():
        add_job(world, manifest)
        for _ in range(2):
            world.advance(12 * HOUR)
    return world


def test_most_runs_that_nobody_looks_at_are_not_made(make_world: MakeWorld) -> None:
    world = one_world(make_world, workflow("second"))
    assert len(world.world.runs) == 24
    assert late(world) > 15


def test_others_are_let_in_while_many_are_made(make_world: MakeWorld) -> None:
    world = make_world(slice_steps=100)
    add_job(world, workflow("second"))
    world.advance(100 * HOUR)
    pauses = []
    world.services.late_runs.pause = lambda: pauses.append(late(world))
    made = late(world)
    world.services.late_runs.make_all()
    assert made > 90
    assert pauses == [made - done for done in range(5, made + 1, 5)]


def test_a_look_makes_the_run_that_it_looks_at(make_world: MakeWorld) -> None:
    world = one_world(make_world, workflow("second"))
    before = late(world)
    run = world.services.runs.get(next(iter(world.services.late_runs._late)), NOBODY)
    assert run.state == "SUCCEEDED"
    assert late(world) == before - 1


def change_parameter(world: Deployment, job_id: str, value: str) -> None:
    """As the controller reports it after somebody has changed the schedule in the cluster."""
    job = world.world.jobs.get(job_id)
    assert job is not None
    spec = {
        "enabled": True,
        "maxConcurrency": job.max_concurrency,
        "trigger": {"periodicSchedule": {"intervalSecond": job.trigger.interval_seconds}},
        "workflow": {"parameters": [{"name": "p", "value": value}]},
    }
    head = {"kind": "ScheduledWorkflow", "apiVersion": "kubeflow.org/v1beta1"}
    metadata = {"name": job.workflow_name, "namespace": job.namespace, "uid": job_id}
    world.services.reports.report_scheduled_workflow(
        json.dumps({**head, "metadata": metadata, "spec": spec}), NOBODY
    )


def test_a_run_from_before_a_job_was_changed_tells_nothing_of_those_after(make_world: MakeWorld) -> None:
    manifest = json.loads(workflow("second"))
    manifest["spec"]["templates"][-1]["dag"]["tasks"][-1]["when"] = "{{workflow.parameters.p}} == 30"
    worlds = make_pair(make_world, "clocked")
    for world in worlds:
        with world.visit():
            job_id = add_job(world, json.dumps(manifest), max_concurrency=2)
            for hours in (12, 11):
                world.advance(hours * HOUR)
            change_parameter(world, job_id, "[[Index]]")
            TaskScript(world.outcomes, "second").takes(seconds=3 * HOUR)
            world.advance(24 * HOUR)
    assert late(worlds[0]) > 0
    assert whole(worlds[0]) == whole(worlds[1])


class BrokenOff(BaseException):
    """As a signal's handler raises it in the middle of something."""


@pytest.mark.parametrize("simulation", ["instant", "clocked"])
@pytest.mark.parametrize("place", ["made", "written", "walked", "recorded"])
def test_a_run_whose_making_is_broken_off_is_not_made(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, simulation: str, place: str
) -> None:
    worlds = [one_world(make_world, workflow("second"), simulation) for _ in range(2)]
    before = late(worlds[0])
    run_id = next(iter(worlds[0].services.late_runs._seen))

    def broken_off(*arguments: Any, **more: Any) -> None:
        raise BrokenOff

    inside = worlds[0]
    owner, name = {
        "made": (inside.cluster, "adopt"),
        "written": (inside.services.reports, "complete"),
        "walked": (inside.simulation, "catch_up"),
        "recorded": (inside.services.reports, "record_workflow"),
    }[place]
    with monkeypatch.context() as patched, suppress(BrokenOff), inside.visit():
        patched.setattr(owner, name, broken_off)
        inside.services.runs.get(run_id, NOBODY)
    assert late(inside) == before > 15
    looks = (get, page, tasks_of, log)
    answers = [[answer(what, world, Random(1)) for what in looks] for world in worlds]
    assert answers[0] == answers[1]
    assert worlds[0].services.runs.get(run_id, NOBODY).state == "SUCCEEDED"


@pytest.mark.parametrize(
    "attributes",
    [
        {
            "memoize": {
                "key": "{{workflow.parameters.p}}",
                "maxAge": "1h",
                "cache": {"configMap": {"name": "c"}},
            }
        },
        {"container": {"image": "i", "args": ["{{workflow.name}}"]}},
        {"container": {"image": "i", "args": ["{{=workflow.parameters.p}}"]}},
    ],
)
def test_runs_that_may_come_out_otherwise_are_made_at_once(
    make_world: MakeWorld, attributes: dict[str, Any]
) -> None:
    template = {"name": "only", "container": {"image": "i", "command": ["c"]}, **attributes}
    manifest = json.loads(workflow())
    manifest["spec"].update(entrypoint="only", templates=[template])
    assert late(one_world(make_world, json.dumps(manifest))) == 0


@pytest.mark.parametrize(
    ("say_it", "are_alike"),
    [
        (lambda task: task("*").takes(seconds=9), True),
        (lambda task: task("first").fails(), True),
        (lambda task: task("first").fails(times=1000), False),
        (lambda task: task("fir*").fails(), False),
        (lambda task: task("first", run="nightly*").fails(), False),
    ],
)
def test_scripts_may_tell_runs_apart(
    make_world: MakeWorld, say_it: Callable[[Callable[..., TaskScript]], None], are_alike: bool
) -> None:
    world = make_world(simulation="clocked")
    say_it(lambda *names, **more: TaskScript(world.outcomes, *names, **more))
    add_job(world, workflow())
    for _ in range(2):
        world.advance(12 * HOUR)
    assert (late(world) > 0) == are_alike
