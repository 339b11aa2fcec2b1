"""JobService of v1beta1: what its messages mean and show."""

from __future__ import annotations

from typing import Any

import pytest

from fake_kfp.api.descriptors import message_class
from fake_kfp.api.v1beta1.job_messages import fill_job
from fake_kfp.deployment import Deployment
from fake_kfp.errors import Code, KfpError
from fake_kfp.store.records import Job
from tests.api.v1beta1.conftest import MANIFEST, URL, Call


def create(call: Call, **job: Any) -> Any:
    asked = {"name": "j", "max_concurrency": 1, "pipeline_spec": {"workflow_manifest": MANIFEST}, **job}
    return call("JobService.CreateJob", job=asked)


def test_a_new_job_shows_where_it_belongs_and_no_status_yet(call: Call, world: Deployment) -> None:
    job = create(call, description="d", no_catchup=True)
    assert (job["status"], job["service_account"]) == ("STATUS_UNSPECIFIED", "pipeline-runner")
    assert job["created_at"] == job["updated_at"] == "2024-01-01T00:00:00Z"
    assert [reference["key"] for reference in job["resource_references"]] == [
        {"type": "NAMESPACE", "id": "kubeflow"},
        {"type": "EXPERIMENT", "id": world.world.default_experiment_id},
    ]
    assert job["no_catchup"] is True
    assert "enabled" not in job
    assert call("JobService.GetJob", id=job["id"]) == job


def test_a_pipeline_is_shown_with_the_version_that_was_pinned(call: Call) -> None:
    pipeline = call("PipelineService.CreatePipelineV1", pipeline={"name": "p", "url": {"pipelineUrl": URL}})
    job = create(call, pipeline_spec={"pipeline_id": pipeline["id"]})
    version = pipeline["default_version"]
    assert job["pipeline_spec"]["pipeline_name"] == version["name"]
    assert job["resource_references"][2:] == [
        {"key": {"type": "PIPELINE", "id": pipeline["id"]}, "relationship": "CREATOR"},
        {"key": {"type": "PIPELINE_VERSION", "id": version["id"]}, "relationship": "CREATOR"},
    ]


@pytest.mark.parametrize(
    "trigger",
    [
        {"cron_schedule": {"cron": "@daily", "start_time": "2024-01-01T00:00:00Z"}},
        {"periodic_schedule": {"interval_second": "60", "end_time": "1970-01-01T00:00:00Z"}},
    ],
)
def test_a_trigger_comes_back_as_it_was_sent(call: Call, trigger: dict[str, Any]) -> None:
    assert create(call, trigger=trigger)["trigger"] == trigger


def test_times_of_a_trigger_lose_parts_of_seconds(call: Call) -> None:
    schedule = {"cron": "@daily", "start_time": "2024-01-01T00:00:00.9Z"}
    shown = create(call, trigger={"cron_schedule": schedule})["trigger"]["cron_schedule"]
    assert shown["start_time"] == "2024-01-01T00:00:00Z"


def test_an_empty_trigger_is_none(call: Call) -> None:
    assert "trigger" not in create(call, trigger={})


@pytest.mark.parametrize(
    ("fields", "enabled"),
    [
        ({"enabled": True, "mode": "DISABLED"}, True),
        ({"mode": "ENABLED"}, True),
        ({"mode": "DISABLED"}, False),
        ({}, False),
        ({"enabled": True, "mode": 7}, True),
    ],
)
def test_enabled_beats_the_mode(call: Call, fields: dict[str, Any], enabled: bool) -> None:
    assert create(call, **fields).get("enabled", False) is enabled


@pytest.mark.parametrize(
    ("fields", "code", "words"),
    [
        ({"name": "", "mode": 7}, Code.INTERNAL, "Job name cannot be empty"),
        ({"mode": 7, "max_concurrency": 0}, Code.INTERNAL, "Recurring run's mode is invalid: 7"),
        (
            {"max_concurrency": 0, "trigger": {"cron_schedule": {"cron": "x"}}},
            Code.INVALID_ARGUMENT,
            "Received 0",
        ),
        (
            {"trigger": {"cron_schedule": {"cron": "x"}}, "pipeline_spec": {"pipeline_id": "nope"}},
            Code.INVALID_ARGUMENT,
            "cron",
        ),
        ({"pipeline_spec": {"pipeline_id": "nope"}}, Code.NOT_FOUND, "Pipeline nope not found"),
    ],
)
def test_the_first_of_several_faults_is_told(
    call: Call, fields: dict[str, Any], code: Code, words: str
) -> None:
    with pytest.raises(KfpError, match=words) as caught:
        create(call, **fields)
    assert caught.value.code is code


def test_the_name_may_stand_in_the_pipeline_spec(call: Call) -> None:
    spec = {"workflow_manifest": MANIFEST, "pipeline_name": "other"}
    assert create(call, name="", pipeline_spec=spec)["name"] == "other"


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("Enabled", "ENABLED"),
        ("Succeeded", "ENABLED"),
        ("DISABLED", "DISABLED"),
        ("Error", "STATUS_UNSPECIFIED"),
    ],
)
def test_status_words_of_scheduled_workflows_come_to_three(stored: str, shown: str) -> None:
    message = message_class("api.Job")()
    fill_job(message, Job(id="j", name="j", conditions=stored))
    assert message.status == shown


def test_deleting_speaks_of_disabling_as_the_real_server_does(call: Call) -> None:
    with pytest.raises(
        KfpError, match=r"^Failed to disable a recurring run: Failed to delete recurring run nope"
    ):
        call("JobService.DeleteJob", id="nope")


def test_a_list_shows_what_single_calls_show(call: Call) -> None:
    jobs = [create(call, name=name) for name in ("a", "b")]
    assert call("JobService.ListJobs", sort_by="name") == {"jobs": jobs, "total_size": 2}
    assert call("JobService.ListJobs", resource_reference_key={"type": "JOB", "id": "x"})["total_size"] == 2
