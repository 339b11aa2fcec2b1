"""Recurring runs: which runs the scheduler makes as the clock moves, and what those look like."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest

from fake_kfp.control.scripting import TaskScript
from fake_kfp.deployment import Deployment
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.jobs.requests import NewJob
from fake_kfp.services.pipelines.uploads import Upload
from fake_kfp.store.records import Job, PipelineSpec, Run, Trigger
from tests.services.conftest import MakeWorld

NOBODY = Caller()
START = 1704067200  # 2024-01-01T00:00:00Z
HOUR, DAY = 3600, 86400

MakeJob = Callable[..., Job]


@pytest.fixture
def make_job(manifest: str) -> MakeJob:
    """Makes an enabled job in a world; keyword arguments are the record's."""

    def make(world: Deployment, trigger: Trigger | None = None, **attributes: Any) -> Job:
        parameters = attributes.pop("parameters", "")
        spec = PipelineSpec(workflow_manifest=manifest, parameters=parameters)
        job = NewJob(
            name="nightly", trigger=trigger or Trigger(), spec=spec, **{"enabled": True, **attributes}
        )
        return world.services.jobs.create(job, NOBODY)

    return make


def runs_of(world: Deployment) -> list[Run]:
    return list(world.world.runs.find())


def scheduled(world: Deployment) -> list[int]:
    """For how many seconds after the start the runs were due."""
    return sorted(run.scheduled_at - START for run in runs_of(world))


def test_a_new_job_makes_no_run_before_somebody_looks(world: Deployment, make_job: MakeJob) -> None:
    make_job(world)
    assert runs_of(world) == []


def test_a_job_without_trigger_fires_once(world: Deployment, make_job: MakeJob) -> None:
    make_job(world)
    for _ in range(3):
        world.advance(HOUR)
    assert scheduled(world) == [0]


def test_an_interval_fires_each_time_it_is_over(world: Deployment, make_job: MakeJob) -> None:
    make_job(world, Trigger(interval_seconds=HOUR))
    world.advance(HOUR - 1)
    assert scheduled(world) == []
    world.advance(1)
    assert scheduled(world) == [HOUR]
    world.advance(2 * HOUR)
    assert scheduled(world) == [HOUR, 2 * HOUR, 3 * HOUR]


def test_cron_fires_at_its_times_within_its_bounds(world: Deployment, make_job: MakeJob) -> None:
    make_job(world, Trigger(cron="0 0 12 * * *", cron_start=START + DAY, cron_end=START + 4 * DAY))
    world.advance(10 * DAY)
    assert scheduled(world) == [DAY + 12 * HOUR, 2 * DAY + 12 * HOUR, 3 * DAY + 12 * HOUR]


def test_one_big_step_gives_what_many_small_ones_give(make_world: MakeWorld, make_job: MakeJob) -> None:
    shown = []
    for steps in (1, 48):
        world = make_world(simulation="clocked")
        make_job(world, Trigger(interval_seconds=HOUR))
        make_job(world, Trigger(cron="@daily"))
        for _ in range(steps):
            world.advance(2 * DAY / steps)
        shown.append([(run.created_at, run.scheduled_at) for run in runs_of(world)])
    assert shown[0] == shown[1]
    assert len(shown[0]) == 50


def test_a_run_is_made_at_the_time_it_is_due(world: Deployment, make_job: MakeJob) -> None:
    make_job(world, Trigger(interval_seconds=HOUR))
    world.advance(DAY)
    assert all(run.created_at == run.scheduled_at for run in runs_of(world))


def test_the_run_is_that_of_the_job(world: Deployment, make_job: MakeJob) -> None:
    job = make_job(world, service_account="robot")
    world.advance(1)
    (run,) = runs_of(world)
    assert (run.job_id, run.experiment_id, run.namespace) == (job.id, job.experiment_id, "kubeflow")
    assert run.name == run.workflow_name
    assert run.name.startswith(f"{job.workflow_name}-1-")
    spec = json.loads(run.workflow_runtime_manifest)["spec"]
    assert spec["serviceAccountName"] == "robot"


def test_the_workflow_is_marked_as_the_controller_marks_it(world: Deployment, make_job: MakeJob) -> None:
    job = make_job(world)
    world.advance(1)
    (run,) = runs_of(world)
    metadata = json.loads(run.workflow_runtime_manifest)["metadata"]
    prefix = "scheduledworkflows.kubeflow.org"
    marks = {
        "pipeline/runid": run.id,
        f"{prefix}/isOwnedByScheduledWorkflow": "true",
        f"{prefix}/scheduledWorkflowName": job.workflow_name,
        f"{prefix}/workflowEpoch": str(START),
        f"{prefix}/workflowIndex": "1",
    }
    assert marks.items() <= metadata["labels"].items()
    (owner,) = metadata["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["uid"]) == ("ScheduledWorkflow", job.workflow_name, job.id)


def test_macros_of_the_job_s_parameters_are_filled_in_for_each_run(
    world: Deployment, make_job: MakeJob
) -> None:
    value = "[[ScheduledTime]] [[ScheduledTime.2006-01-02]] {{$.currentTime.strftime('%H')}} [[Index]] [[RunUUID]] [[Other]]"
    make_job(world, Trigger(interval_seconds=HOUR), parameters=json.dumps([{"name": "p", "value": value}]))
    world.advance(2 * HOUR)
    second = runs_of(world)[1]
    parameters = json.loads(second.workflow_runtime_manifest)["spec"]["arguments"]["parameters"]
    assert parameters[0]["value"] == f"20240101020000 2024-01-01 02 2 {second.id} [[Other]]"


def test_macros_in_defaults_of_the_manifest_stay(world: Deployment, make_job: MakeJob) -> None:
    make_job(world)
    world.advance(1)
    parameters = json.loads(runs_of(world)[0].workflow_runtime_manifest)["spec"]["arguments"]["parameters"]
    assert parameters[1] == {"name": "q", "value": "[[Index]]"}


def test_the_past_is_caught_up_with_time_by_time(world: Deployment, make_job: MakeJob) -> None:
    past = Trigger(interval_seconds=HOUR, periodic_start=START - DAY, periodic_end=START - DAY + 3 * HOUR)
    make_job(world, past)
    world.advance(0)
    assert [moment + DAY for moment in scheduled(world)] == [HOUR, 2 * HOUR, 3 * HOUR]


def test_without_catching_up_the_past_is_worth_one_run(world: Deployment, make_job: MakeJob) -> None:
    past = Trigger(interval_seconds=HOUR, periodic_start=START - DAY, periodic_end=START - DAY + 3 * HOUR)
    make_job(world, past, no_catchup=True)
    world.advance(DAY)
    assert [moment + DAY for moment in scheduled(world)] == [3 * HOUR]


def test_no_more_runs_are_live_than_allowed(make_world: MakeWorld, make_job: MakeJob) -> None:
    world = make_world(simulation="clocked")
    TaskScript(world.outcomes, "*").takes(hours=3)
    make_job(world, Trigger(interval_seconds=HOUR), max_concurrency=2)
    world.advance(12 * HOUR)
    created = [run.created_at - START for run in runs_of(world)]
    assert created[:2] == [HOUR, 2 * HOUR]
    for run in runs_of(world):
        others = [other for other in runs_of(world) if other.created_at <= run.created_at]
        live = [other for other in others if not other.finished_at or other.finished_at > run.created_at]
        assert len(live) <= 2
    assert len(created) > 4
    assert scheduled(world) == [HOUR * number for number in range(1, len(created) + 1)]


def test_a_disabled_job_does_not_fire_and_catches_up_when_enabled(
    world: Deployment, make_job: MakeJob
) -> None:
    job = make_job(world, Trigger(interval_seconds=HOUR), enabled=False)
    world.advance(2 * HOUR)
    assert runs_of(world) == []
    world.services.jobs.enable(job.id, NOBODY)
    world.advance(0)
    assert scheduled(world) == [HOUR, 2 * HOUR]
    world.services.jobs.disable(job.id, NOBODY)
    world.advance(DAY)
    assert len(runs_of(world)) == 2


def test_an_archived_experiment_s_jobs_fire_no_more(world: Deployment, make_job: MakeJob) -> None:
    job = make_job(world, Trigger(interval_seconds=HOUR))
    world.advance(HOUR)
    world.services.experiments.archive(job.experiment_id, NOBODY)
    world.advance(0)
    assert job.conditions == "DISABLED"
    world.advance(DAY)
    assert len(runs_of(world)) == 1


def test_a_deleted_job_fires_no_more_and_its_runs_stay(world: Deployment, make_job: MakeJob) -> None:
    job = make_job(world, Trigger(interval_seconds=HOUR))
    world.advance(HOUR)
    world.services.jobs.delete(job.id, NOBODY)
    world.advance(DAY)
    assert len(runs_of(world)) == 1


def test_the_manifest_is_that_of_the_job_s_making_though_its_version_is_gone(
    world: Deployment, manifest: str
) -> None:
    pipeline, version = world.services.uploads.pipeline(Upload("p.yaml", manifest.encode()), NOBODY)
    spec = PipelineSpec(pipeline_version_id=version.id)
    job = NewJob(name="j", enabled=True, trigger=Trigger(interval_seconds=HOUR), spec=spec)
    world.services.jobs.create(job, NOBODY)
    world.services.pipeline_versions.delete(pipeline.id, version.id, NOBODY)
    world.advance(HOUR)
    assert len(runs_of(world)) == 1


def test_a_job_that_names_no_version_takes_the_newest_each_time(world: Deployment, manifest: str) -> None:
    pipeline, first = world.services.uploads.pipeline(Upload("p.yaml", manifest.encode()), NOBODY)
    job = NewJob(
        name="j",
        enabled=True,
        trigger=Trigger(interval_seconds=HOUR),
        spec=PipelineSpec(pipeline_id=pipeline.id),
    )
    world.services.jobs.create(job, NOBODY)
    world.advance(HOUR)
    second = world.services.uploads.version(
        Upload("q.yaml", manifest.encode(), pipeline_id=pipeline.id), NOBODY
    )
    world.advance(HOUR)
    assert [run.spec.pipeline_version_id for run in runs_of(world)] == [first.id, second.id]


def test_in_a_manual_simulation_nothing_fires(make_world: MakeWorld, make_job: MakeJob) -> None:
    world = make_world(simulation="manual")
    job = make_job(world, Trigger(interval_seconds=1))
    world.advance(DAY)
    assert runs_of(world) == []
    assert job.conditions == "STATUS_UNSPECIFIED"


@pytest.mark.parametrize(
    ("trigger", "enabled", "status"),
    [
        (Trigger(interval_seconds=HOUR), True, "ENABLED"),
        (Trigger(interval_seconds=HOUR), False, "DISABLED"),
        (Trigger(), False, "ENABLED"),  # a scheduled workflow without trigger is Running, then Succeeded
    ],
)
def test_a_look_later_the_job_has_a_status(
    world: Deployment, make_job: MakeJob, trigger: Trigger, enabled: bool, status: str
) -> None:
    job = make_job(world, trigger, enabled=enabled)
    assert job.conditions == "STATUS_UNSPECIFIED"
    world.advance(0)
    assert job.conditions == status


def test_a_job_whose_due_times_are_without_end_does_not_hang_a_look(
    make_world: MakeWorld, make_job: MakeJob
) -> None:
    world = make_world(runs_per_look=50)
    make_job(world, Trigger(interval_seconds=1, periodic_start=0))
    for looks in (1, 2, 3):
        world.advance(0)
        assert len(runs_of(world)) == 50 * looks


@pytest.mark.parametrize(("steps", "least"), [(2, 90), (100, 2)])
def test_others_are_let_in_after_so_many_steps(
    make_world: MakeWorld, make_job: MakeJob, steps: int, least: int
) -> None:
    world = make_world(slice_steps=steps)
    pauses = []
    world.services.scheduler.pause = lambda: pauses.append(len(runs_of(world)))
    make_job(world, Trigger(interval_seconds=HOUR), max_concurrency=10)
    world.advance(50 * HOUR)
    assert len(runs_of(world)) == 50
    assert least <= len(pauses) <= 1.2 * least


def test_the_workflow_s_own_id_in_a_manifest_is_the_run_s(world: Deployment, manifest: str) -> None:
    spec = PipelineSpec(workflow_manifest=manifest.replace('"x"', '"{{workflow.uid}}"'))
    world.services.jobs.create(NewJob(name="j", enabled=True, spec=spec), NOBODY)
    world.advance(1)
    (run,) = runs_of(world)
    parameters = json.loads(run.workflow_runtime_manifest)["spec"]["arguments"]["parameters"]
    assert parameters[0]["value"] == run.id


def test_enabling_a_job_again_and_again_changes_nothing(world: Deployment, make_job: MakeJob) -> None:
    job = make_job(world, Trigger(interval_seconds=HOUR))
    for _ in range(5):
        world.advance(HOUR / 2)
        world.services.jobs.enable(job.id, NOBODY)
    world.advance(HOUR / 2)
    assert scheduled(world) == [HOUR, 2 * HOUR, 3 * HOUR]


def test_what_was_taken_back_is_due_in_the_same_order_again(make_world: MakeWorld, make_job: MakeJob) -> None:
    made = []
    for taken_back in (False, True):
        world = make_world()
        jobs = [make_job(world, Trigger(interval_seconds=HOUR)) for _ in range(3)]
        world.advance(0)
        world.clock.advance(2 * HOUR)
        changes, scheduler = world.world.changes, world.services.scheduler
        changes.keep()
        if taken_back:
            before = deepcopy(scheduler.state())
            with suppress(KeyboardInterrupt), changes.lasting():
                world.services.jobs.enable(jobs[1].id, NOBODY)
                scheduler.fire_due()
                assert scheduler.next_due() == START + 3 * HOUR
                raise KeyboardInterrupt
            changes.take_back()
            assert scheduler.state() == before
        scheduler.fire_due()
        made.append([(run.id, run.job_id, run.scheduled_at) for run in runs_of(world)])
    assert len(made[0]) == 6
    assert made[0] == made[1]
