"""Recurring runs: what is checked of a new one, what it keeps, switching it on and off."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fake_kfp.deployment import Deployment
from fake_kfp.errors import Code, KfpError
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.jobs.creation import check_schedule, generated_name
from fake_kfp.services.jobs.requests import NewJob
from fake_kfp.services.pipelines.uploads import Upload
from fake_kfp.store.lists.listing import list_options
from fake_kfp.store.lists.schemas import JOBS
from fake_kfp.store.records import PipelineSpec, Trigger
from tests.services.conftest import MakeWorld

NOBODY = Caller()
ALICE = Caller({"kubeflow-userid": ("alice",)})


def asked(manifest: str, name: str = "j", **attributes: Any) -> NewJob:
    return NewJob(name=name, spec=PipelineSpec(workflow_manifest=manifest), **attributes)


@pytest.mark.parametrize(
    ("max_concurrency", "trigger", "words"),
    [
        (0, Trigger(), "at least 1 and at most 10. Received 0"),
        (11, Trigger(cron="junk"), "at least 1 and at most 10. Received 11"),
        (1, Trigger(cron=""), "Error: Empty spec string"),
        (1, Trigger(interval_seconds=0), "Found invalid period schedule interval 0"),
    ],
)
def test_numbers_and_times_are_checked_in_order(max_concurrency: int, trigger: Trigger, words: str) -> None:
    with pytest.raises(KfpError, match=words) as caught:
        check_schedule(max_concurrency, trigger)
    assert caught.value.code is Code.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("name", "generated"),
    [("My Job!", "myjob"), ("###", "job-"), ("a" * 30, "a" * 25), ("ünder_score-1", "nderscore-1")],
)
def test_the_scheduled_workflow_is_named_after_the_job(name: str, generated: str) -> None:
    assert generated_name(name) == generated


def test_a_new_job_belongs_to_the_default_experiment_and_the_server_s_namespace(
    world: Deployment, manifest: str
) -> None:
    job = world.services.jobs.create(asked(manifest), NOBODY)
    assert job.experiment_id == world.world.default_experiment_id
    assert (job.namespace, job.service_account) == ("kubeflow", "pipeline-runner")
    assert job.spec.workflow_manifest == manifest
    assert job.created_at == job.updated_at == world.clock.seconds()


def test_a_pipeline_alone_means_its_version_of_now(world: Deployment, manifest: str) -> None:
    pipeline, version = world.services.uploads.pipeline(Upload("p.yaml", manifest.encode()), NOBODY)
    spec = world.services.jobs.pinned(PipelineSpec(pipeline_id=pipeline.id))
    assert spec.pipeline_version_id == version.id


def test_a_manifest_is_not_pinned_to_a_version(world: Deployment, manifest: str) -> None:
    spec = PipelineSpec(pipeline_id="nope", workflow_manifest=manifest)
    assert world.services.jobs.pinned(spec) == spec


def test_a_job_that_names_nothing_to_run_is_refused_without_a_code_of_kfp(world: Deployment) -> None:
    with pytest.raises(KfpError) as caught:
        world.services.jobs.create(NewJob("j", PipelineSpec()), NOBODY)
    assert caught.value.as_seen().message == "Internal error: Cannot create a job with an empty pipeline ID"


def test_parameters_must_be_the_workflow_s(world: Deployment, manifest: str) -> None:
    parameters = json.dumps([{"name": "nope", "value": "1"}])
    job = NewJob("j", PipelineSpec(workflow_manifest=manifest, parameters=parameters))
    with pytest.raises(KfpError, match="Unrecognized input parameter: nope"):
        world.services.jobs.create(job, NOBODY)


def test_two_jobs_may_have_one_name(world: Deployment, manifest: str) -> None:
    first, second = (world.services.jobs.create(asked(manifest), NOBODY) for _ in range(2))
    assert first.id != second.id
    assert first.workflow_name != second.workflow_name


def test_switching_changes_the_time_of_update_only_when_it_changes_something(
    world: Deployment, manifest: str
) -> None:
    job = world.services.jobs.create(asked(manifest), NOBODY)
    world.clock.advance(10)
    world.services.jobs.disable(job.id, NOBODY)
    assert job.updated_at == job.created_at
    world.services.jobs.enable(job.id, NOBODY)
    assert (job.enabled, job.updated_at) == (True, job.created_at + 10)


@pytest.mark.parametrize("call", ["get", "enable", "disable", "delete"])
def test_an_unknown_job_is_not_found(world: Deployment, call: str) -> None:
    with pytest.raises(KfpError, match="ResourceNotFoundError: Job nope not found"):
        getattr(world.services.jobs, call)("nope", NOBODY)


def test_a_list_is_of_one_experiment_or_of_all(world: Deployment, manifest: str) -> None:
    other = world.services.experiments.create("other", "", "", NOBODY)
    first = world.services.jobs.create(asked(manifest), NOBODY)
    second = world.services.jobs.create(asked(manifest, experiment_id=other.id), NOBODY)
    options = list_options(JOBS)
    assert world.services.jobs.list(options, "", other.id, NOBODY).records == [second]
    everything = world.services.jobs.list(options, "whatever", "", NOBODY).records
    assert sorted(job.id for job in everything) == sorted([first.id, second.id])
    with pytest.raises(KfpError, match="Experiment nope not found"):
        world.services.jobs.list(options, "", "nope", NOBODY)


def test_in_multi_user_mode_a_job_needs_an_experiment_and_the_right_there(
    make_world: MakeWorld, manifest: str
) -> None:
    allow = [{"user": "alice", "namespace": "alice-ns", "verbs": ["*"], "resources": ["experiments"]}]
    world = make_world(multi_user=True, allow=allow)
    experiment = world.services.experiments.create("e", "", "alice-ns", ALICE)
    with pytest.raises(KfpError, match="Experiment id can not be empty in multi-user mode"):
        world.services.jobs.create(asked(manifest, namespace="alice-ns"), ALICE)
    with pytest.raises(KfpError, match=r"Verb:create,.*Resource:jobs,Subresource:,Name:j,") as caught:
        world.services.jobs.create(asked(manifest, experiment_id=experiment.id), ALICE)
    assert caught.value.code is Code.PERMISSION_DENIED
