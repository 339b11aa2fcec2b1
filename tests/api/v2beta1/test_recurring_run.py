from __future__ import annotations

import json
from typing import Any

import pytest

from fake_kfp.deployment import Deployment
from fake_kfp.errors import Code, KfpError
from fake_kfp.options import Options
from fake_kfp.versions import V2BETA1
from tests.api.v1beta1.conftest import calling
from tests.api.v2beta1.conftest import IR, MANIFEST, URL, Call

NOW = "2024-01-01T00:00:00Z"
HOURLY = {"periodic_schedule": {"interval_second": "3600"}}
PIPELINES = {URL: MANIFEST.encode(), "http://host/ir.json": json.dumps(IR).encode()}


def create(call: Call, **fields: Any) -> Any:
    asked = {"display_name": "j", "max_concurrency": "1", "pipeline_spec": IR, **fields}
    return call("RecurringRunService.CreateRecurringRun", recurring_run=asked)


@pytest.fixture
def lively() -> Deployment:
    """A world in which recurring runs fire."""
    options = {"now": NOW, "simulation": "instant", "urls": PIPELINES}
    return Deployment(Options().with_changes(options))


def test_a_new_recurring_run_as_it_is_shown(call: Call) -> None:
    made = create(
        call, description="d", mode="ENABLE", trigger=HOURLY, no_catchup=True, service_account="lost"
    )
    assert made == {
        "recurring_run_id": made["recurring_run_id"],
        "experiment_id": made["experiment_id"],
        "namespace": "kubeflow",
        "display_name": "j",
        "description": "d",
        "pipeline_spec": IR,
        "service_account": "pipeline-runner",
        "max_concurrency": "1",
        "trigger": HOURLY,
        "mode": "ENABLE",
        "status": "ENABLED",
        "no_catchup": True,
        "created_at": NOW,
        "updated_at": NOW,
    }
    assert call("RecurringRunService.GetRecurringRun", recurring_run_id=made["recurring_run_id"]) == made
    assert call("RecurringRunService.ListRecurringRuns") == {"recurringRuns": [made], "total_size": 1}


def test_without_mode_and_trigger_it_is_disabled_and_shows_an_empty_one(call: Call) -> None:
    made = create(call)
    assert (made["mode"], made["status"], made["trigger"]) == ("DISABLE", "DISABLED", {})


@pytest.mark.parametrize(
    ("wrong", "reason", "code"),
    [
        ({"display_name": ""}, "Recurring run's name cannot be empty", Code.INTERNAL),
        ({"mode": 3}, "Recurring run's mode is invalid: 3", Code.INTERNAL),
        ({"max_concurrency": "11"}, "Max concurrency .* Received 11", Code.INVALID_ARGUMENT),
        ({"trigger": {"cron_schedule": {"cron": "x"}}}, "Schedule cron is not", Code.INVALID_ARGUMENT),
    ],
)
def test_what_is_wrong_with_a_request_is_told(call: Call, wrong: Any, reason: str, code: Code) -> None:
    with pytest.raises(KfpError, match=f"^Failed to create a recurring run due to.*{reason}") as caught:
        create(call, **wrong)
    assert caught.value.code is code


def test_a_source_is_needed(call: Call) -> None:
    with pytest.raises(KfpError, match="empty pipeline ID") as caught:
        call(
            "RecurringRunService.CreateRecurringRun",
            recurring_run={"display_name": "j", "max_concurrency": "1"},
        )
    assert (caught.value.code, caught.value.detail_code) == (Code.INTERNAL, Code.UNKNOWN)


def test_enabled_disabled_and_deleted(call: Call) -> None:
    identifier = create(call)["recurring_run_id"]
    for verb, status in (("Enable", "ENABLED"), ("Disable", "DISABLED")):
        call(f"RecurringRunService.{verb}RecurringRun", recurring_run_id=identifier)
        shown = call("RecurringRunService.GetRecurringRun", recurring_run_id=identifier)
        assert shown["status"] == status
    call("RecurringRunService.DeleteRecurringRun", recurring_run_id=identifier)
    with pytest.raises(KfpError, match=r"^Failed to disable a recurring run: "):
        call("RecurringRunService.DeleteRecurringRun", recurring_run_id=identifier)


def test_a_job_of_argo_s_has_no_source_in_v2(call: Call, call_v1: Call) -> None:
    job = {
        "name": "j",
        "max_concurrency": "1",
        "pipeline_spec": {"workflow_manifest": MANIFEST, "parameters": [{"name": "p", "value": "y"}]},
    }
    made = call_v1("JobService.CreateJob", job=job)
    shown = call("RecurringRunService.GetRecurringRun", recurring_run_id=made["id"])
    assert "pipeline_spec" not in shown
    assert shown["runtime_config"] == {"parameters": {"p": "y"}}


def test_a_reported_one_without_trigger_shows_none(call: Call) -> None:
    made = create(call)
    schedule = {
        "kind": "ScheduledWorkflow",
        "apiVersion": "kubeflow.org/v2beta1",
        "metadata": {"name": "s", "namespace": "kubeflow", "uid": made["recurring_run_id"]},
        "spec": {"enabled": True},
    }
    call("ReportService.ReportScheduledWorkflow", scheduled_workflow=json.dumps(schedule))
    shown = call("RecurringRunService.GetRecurringRun", recurring_run_id=made["recurring_run_id"])
    assert "trigger" not in shown
    assert (shown["mode"], shown["status"]) == ("ENABLE", "ENABLED")


def test_once_the_agent_has_reported_one_without_trigger_it_shows_none(lively: Deployment) -> None:
    call = calling(lively, V2BETA1)
    made = create(call)
    assert made["trigger"] == {}
    assert "trigger" not in call(
        "RecurringRunService.GetRecurringRun", recurring_run_id=made["recurring_run_id"]
    )


def test_those_of_v2_pipelines_fire(lively: Deployment) -> None:
    call, call_v1 = calling(lively, V2BETA1), calling(lively, "api")
    runtime_config = {"parameters": {"count": 2}}
    made = create(call, mode="ENABLE", trigger=HOURLY, runtime_config=runtime_config)
    lively.advance(2 * 3600)
    first, second = call("RunService.ListRuns")["runs"]
    assert {first["state"], second["state"]} == {"SUCCEEDED"}
    assert first["recurring_run_id"] == made["recurring_run_id"]
    assert (first["pipeline_spec"], first["runtime_config"]) == (IR, runtime_config)
    assert "service_account" not in first
    runtime = call_v1("RunService.GetRunV1", run_id=first["run_id"])["pipeline_runtime"]
    workflow = json.loads(runtime["workflow_manifest"])
    assert "{{workflow.uid}}" not in runtime["workflow_manifest"]
    driver = workflow["spec"]["templates"][0]["container"]["args"]
    assert driver[driver.index("--run_id") + 1] == first["run_id"]
    assert driver[driver.index("--run_display_name") + 1] == ""


def test_one_that_names_no_version_takes_the_newest_each_time(lively: Deployment) -> None:
    call = calling(lively, V2BETA1)
    url = {"package_url": {"pipeline_url": "http://host/ir.json"}}
    pipeline = call("PipelineService.CreatePipelineAndVersion", pipeline={"name": "p"}, pipeline_version=url)
    reference = {"pipeline_version_reference": {"pipeline_id": pipeline["pipeline_id"]}}
    made = create(
        call, mode="ENABLE", trigger=HOURLY, pipeline_spec=None, **reference, service_account="mine"
    )
    assert made["pipeline_version_reference"] == {"pipeline_id": pipeline["pipeline_id"]}
    assert made["service_account"] == "mine"
    lively.advance(3600)
    version = {"name": "v2", "pipeline_id": pipeline["pipeline_id"], **url}
    newest = call(
        "PipelineService.CreatePipelineVersion",
        pipeline_id=pipeline["pipeline_id"],
        pipeline_version=version,
    )
    lively.advance(3600)
    runs = call("RunService.ListRuns", sort_by="created_at")["runs"]
    versions = [run["pipeline_version_reference"]["pipeline_version_id"] for run in runs]
    assert versions[0] != versions[1] == newest["pipeline_version_id"]
    assert runs[0]["service_account"] == "mine"
