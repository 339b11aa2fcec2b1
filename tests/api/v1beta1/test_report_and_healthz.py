import json
from typing import Any

from fake_kfp.deployment import Deployment
from fake_kfp.options import Options
from fake_kfp.services.auth.caller import Caller
from fake_kfp.store.records import Job, Run
from tests.api.v1beta1.conftest import Call


def test_a_reported_workflow_updates_its_run(call: Call, world: Deployment) -> None:
    world.world.runs.insert(Run("r", "r"))
    metadata = {"name": "w", "namespace": "ns", "uid": "u", "labels": {"pipeline/runid": "r"}}
    workflow = json.dumps({"metadata": metadata, "status": {"phase": "Running"}})
    assert call("ReportService.ReportWorkflowV1", workflow=workflow) == {}
    assert call("RunService.GetRunV1", run_id="r")["run"]["status"] == "Running"


def test_a_reported_schedule_updates_its_job(call: Call, world: Deployment) -> None:
    job = Job("j", "j")
    world.world.jobs.insert(job)
    schedule = json.dumps(
        {"metadata": {"name": "s", "namespace": "ns", "uid": "j"}, "spec": {"enabled": True}}
    )
    assert call("ReportService.ReportScheduledWorkflowV1", scheduled_workflow=schedule) == {}
    assert job.enabled


def test_healthz_says_which_mode_it_is(call: Call) -> None:
    assert call("HealthzService.GetHealthz") == {}
    multi_user = Deployment(Options().with_changes({"multi_user": True}))
    method = multi_user.api.methods["/api.HealthzService/GetHealthz"]
    reply: Any = multi_user.api.call(method, method.input_class(), Caller())
    assert reply.multi_user
