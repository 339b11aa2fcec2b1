from __future__ import annotations

import json
from typing import Any

import pytest

from fake_kfp.api.v2beta1.messages import v2_class
from fake_kfp.api.v2beta1.run_messages import fill_run
from fake_kfp.deployment import Deployment
from fake_kfp.errors import Code, KfpError
from fake_kfp.options import Options
from fake_kfp.store.records import PipelineSpec, Run
from fake_kfp.versions import V2BETA1
from tests.api.v1beta1.conftest import calling
from tests.api.v2beta1.conftest import IR, MANIFEST, URL, Call

NOW = "2024-01-01T00:00:00Z"
EPOCH = "1970-01-01T00:00:00Z"
YEAR_1 = "0001-01-01T00:00:00Z"


def create(call: Call, **fields: Any) -> Any:
    return call("RunService.CreateRun", run={"display_name": "r", "pipeline_spec": IR, **fields})


def argo_run(call_v1: Call, **spec: Any) -> str:
    """A run of an Argo workflow, made through v1beta1."""
    pipeline_spec = {"workflow_manifest": MANIFEST, **spec}
    made = call_v1("RunService.CreateRunV1", run={"name": "r", "pipeline_spec": pipeline_spec})
    run_id: str = made["run"]["id"]
    return run_id


def report(call: Call, call_v1: Call, run_id: str, phase: str, **nodes: Any) -> None:
    """A report of the run's workflow as it was submitted, with this phase and these nodes."""
    runtime = call_v1("RunService.GetRunV1", run_id=run_id)["pipeline_runtime"]
    workflow = json.loads(runtime.get("workflow_manifest") or runtime["pipeline_manifest"])
    named = {key: {"id": key, "name": key, "templateName": "t", **node} for key, node in nodes.items()}
    workflow["status"] = {"phase": phase, "nodes": named}
    call("ReportService.ReportWorkflow", workflow=json.dumps(workflow))


def test_a_new_run_as_it_is_shown(call: Call) -> None:
    made = create(call, description="d", runtime_config={"parameters": {"count": 2}})
    assert made == {
        "run_id": made["run_id"],
        "experiment_id": made["experiment_id"],
        "display_name": "r",
        "description": "d",
        "storage_state": "AVAILABLE",
        "pipeline_spec": IR,
        "runtime_config": {"parameters": {"count": 2}},
        "service_account": "pipeline-runner",
        "created_at": NOW,
        "scheduled_at": NOW,
        "finished_at": EPOCH,
        "state": "PENDING",
        "state_history": [{"state": "PENDING", "update_time": NOW}],
    }
    assert call("RunService.GetRun", run_id=made["run_id"], experiment_id="not looked at") == made
    assert call("RunService.ListRuns") == {"runs": [made], "total_size": 1}


def test_a_name_is_needed(call: Call) -> None:
    with pytest.raises(KfpError, match="Run name cannot be empty") as caught:
        call("RunService.CreateRun", run={"pipeline_spec": IR})
    assert caught.value.code is Code.INTERNAL
    assert caught.value.message.startswith("CreateJob(job.ToV2())Failed to create a run")


def test_a_run_of_a_pipeline_takes_its_newest_version(call: Call, call_v1: Call) -> None:
    pipeline = call_v1(
        "PipelineService.CreatePipelineV1", pipeline={"name": "p", "url": {"pipeline_url": URL}}
    )
    reference = {
        "pipeline_id": pipeline["id"],
        "pipeline_version_id": pipeline["default_version"]["id"],
    }
    for given in ({"pipeline_id": pipeline["id"]}, {"pipeline_version_id": reference["pipeline_version_id"]}):
        made = call("RunService.CreateRun", run={"display_name": "r", "pipeline_version_reference": given})
        assert made["pipeline_version_reference"] == reference
        assert "pipeline_spec" not in made


@pytest.mark.parametrize(
    "source", [{}, {"pipeline_version_reference": {}}, {"pipeline_version_id": "not looked at"}]
)
def test_a_source_is_needed(call: Call, source: Any) -> None:
    with pytest.raises(KfpError, match="empty pipeline spec manifest") as caught:
        call("RunService.CreateRun", run={"display_name": "r", **source})
    assert caught.value.code is Code.INTERNAL


def test_what_a_client_may_say_of_a_new_run(call: Call) -> None:
    history = [{"state": "PAUSED", "update_time": EPOCH[:-1] + ".5Z"}, {"state": 99, "update_time": NOW}]
    made = create(
        call,
        run_id="mine",
        storage_state="ARCHIVED",
        state="SUCCEEDED",
        state_history=history,
        scheduled_at=NOW,
        finished_at=NOW,
    )
    assert (made["run_id"], made["storage_state"], made["state"]) == ("mine", "ARCHIVED", "PENDING")
    assert made["finished_at"] == NOW
    shown = [{"state": "PAUSED"}, {"update_time": NOW}, {"state": "PENDING", "update_time": NOW}]
    assert made["state_history"] == shown
    assert call("RunService.GetRun", run_id="MINE")["state_history"] == shown


def test_tasks_and_errors_that_a_request_carries_are_shown_once(call: Call) -> None:
    task = {
        "run_id": "any",
        "task_id": "t",
        "display_name": "d",
        "execution_id": "7",
        "state": "RUNNING",
        "pod_name": "dropped",
        "inputs": {"a": {"artifact_ids": ["1"]}},
        "child_tasks": [{"task_id": "c"}, {"pod_name": "p"}, {}],
        "state_history": [{"state": "RUNNING", "error": {"code": 3, "message": "m"}}],
    }
    made = create(
        call,
        run_details={"task_details": [task], "pipeline_context_id": "5"},
        state_history=[{"state": "RUNNING", "error": {"code": 3, "message": "m"}}],
    )
    (shown,) = made["run_details"]["task_details"]
    assert shown == {
        "run_id": "any",
        "task_id": "t",
        "display_name": "d",
        "create_time": EPOCH,
        "start_time": EPOCH,
        "end_time": EPOCH,
        "state": "RUNNING",
        "execution_id": "7",
        "inputs": {"a": {"artifact_ids": ["1"]}},
        "state_history": [{"state": "RUNNING", "error": {"code": 3, "message": "m"}}],
        "child_tasks": [{"pod_name": "c"}, {"pod_name": "p"}, {"pod_name": ""}],
    }
    assert [entry.get("error") for entry in made["state_history"]] == [{"code": 3, "message": "m"}, None]
    later = call("RunService.GetRun", run_id=made["run_id"])
    assert "run_details" not in later
    assert "pipeline_context_id" not in made["run_details"]
    assert [entry.get("error") for entry in later["state_history"]] == [None, None]


def test_a_full_name_in_the_spec_fills_in_what_the_request_leaves_out(call: Call, call_v1: Call) -> None:
    pipeline = call_v1(
        "PipelineService.CreatePipelineV1", pipeline={"name": "p", "url": {"pipeline_url": URL}}
    )
    experiment = call("ExperimentService.CreateExperiment", experiment={"display_name": "e"})["experiment_id"]
    name = f"/Experiment/{experiment}/pipelines/{pipeline['id']}/run/named/odd"
    made = create(call, pipeline_spec={"PipelineInfo": {"Name": name}})
    assert (made["experiment_id"], made["run_id"]) == (experiment, "named")
    assert made["pipeline_version_reference"]["pipeline_id"] == pipeline["id"]


@pytest.mark.parametrize("info", ["text", {"Name": 1}])
def test_a_full_name_that_is_no_text_kills_the_real_server(call: Call, info: Any) -> None:
    with pytest.raises(KfpError, match=r"fake_kfp: a PipelineInfo.Name that is no text"):
        create(call, pipeline_spec={"PipelineInfo": info})


def test_a_run_of_v1_as_v2_shows_it(call: Call, call_v1: Call) -> None:
    run_id = argo_run(call_v1, parameters=[{"name": "p", "value": "y"}])
    shown = call("RunService.GetRun", run_id=run_id)
    assert shown["pipeline_spec"]["kind"] == "Workflow"
    assert shown["runtime_config"] == {"parameters": {"p": "y"}}


def test_a_run_of_v2_as_v1_shows_it(call: Call, call_v1: Call) -> None:
    made = create(call, runtime_config={"parameters": {"count": 2}})
    shown = call_v1("RunService.GetRunV1", run_id=made["run_id"])
    spec = shown["run"]["pipeline_spec"]
    assert spec["pipeline_manifest"].startswith("components:\n  comp-say:\n")
    assert spec["runtime_config"] == {"parameters": {"count": 2}}
    assert shown["run"]["status"] == "Pending"
    assert list(shown["pipeline_runtime"]) == ["pipeline_manifest"]


def test_each_report_of_a_new_state_becomes_history(call: Call, call_v1: Call, world: Deployment) -> None:
    run_id = create(call)["run_id"]
    for phase in ("Running", "Running", "Odd"):
        world.clock.advance(1)
        report(call, call_v1, run_id, phase)
    shown = call("RunService.GetRun", run_id=run_id)
    assert "state" not in shown
    assert [entry.get("state") for entry in shown["state_history"]] == ["PENDING", "RUNNING", None]


def test_every_node_that_was_ever_reported_is_a_task(call: Call, call_v1: Call, world: Deployment) -> None:
    run_id = argo_run(call_v1)
    started = {"startedAt": "2024-01-01T00:00:05Z", "displayName": "shown"}
    report(call, call_v1, run_id, "Running", a={"phase": "Pending", "children": ["b"], **started}, b={})
    world.clock.advance(1)
    report(call, call_v1, run_id, "Running", a={"phase": "Running"})
    tasks = {task.get("display_name", ""): task for task in _tasks(call, run_id)}
    assert tasks["shown"] == {
        "run_id": run_id,
        "task_id": tasks["shown"]["task_id"],
        "display_name": "shown",
        "create_time": NOW,
        "start_time": YEAR_1,
        "end_time": YEAR_1,
        "state": "RUNNING",
        "state_history": [
            {"state": "PENDING", "update_time": NOW},
            {"state": "RUNNING", "update_time": "2024-01-01T00:00:01Z"},
        ],
        "child_tasks": [{"pod_name": "b"}],
    }
    assert tasks[""]["state_history"] == [{"update_time": NOW}]


def test_what_a_launcher_records_is_a_task_too(call: Call, call_v1: Call) -> None:
    run_id = create(call)["run_id"]
    task = {
        "pipelineName": "p",
        "runId": run_id,
        "mlmdExecutionID": "12",
        "fingerprint": "f",
        "created_at": NOW,
    }
    made = call_v1("TaskService.CreateTaskV1", task=task)
    (shown,) = _tasks(call, run_id)
    assert shown == {
        "run_id": run_id,
        "task_id": made["id"],
        "create_time": NOW,
        "start_time": NOW,
        "end_time": EPOCH,
        "execution_id": "12",
    }


def _tasks(call: Call, run_id: str) -> Any:
    return call("RunService.GetRun", run_id=run_id)["run_details"]["task_details"]


def test_a_terminated_run_is_canceling_without_a_trace_in_its_history(call: Call) -> None:
    run_id = create(call)["run_id"]
    call("RunService.TerminateRun", run_id=run_id)
    shown = call("RunService.GetRun", run_id=run_id)
    assert shown["state"] == "CANCELING"
    assert [entry["state"] for entry in shown["state_history"]] == ["PENDING"]
    with pytest.raises(KfpError, match=r"^Failed to terminate a run: .*Row not found") as caught:
        call("RunService.TerminateRun", run_id=run_id)
    assert caught.value.code is Code.INVALID_ARGUMENT


def test_a_retry_begins_a_new_history(call: Call, call_v1: Call) -> None:
    run_id = argo_run(call_v1)
    with pytest.raises(KfpError, match="must be Failed/Error to retry"):
        call("RunService.RetryRun", run_id=run_id)
    report(call, call_v1, run_id, "Failed", a={"phase": "Failed", "type": "Pod"})
    before = _tasks(call, run_id)
    call("RunService.RetryRun", run_id=run_id)
    shown = call("RunService.GetRun", run_id=run_id)
    assert shown["state_history"] == [{"state": "RUNNING", "update_time": NOW}]
    assert shown["finished_at"] == EPOCH
    assert shown["run_details"]["task_details"] == before


def test_a_run_that_nobody_looked_at_cannot_be_retried(call: Call) -> None:
    run_id = create(call)["run_id"]
    with pytest.raises(KfpError, match="Workflow manifest cannot be empty") as caught:
        call("RunService.RetryRun", run_id=run_id)
    assert caught.value.code is Code.ABORTED


def test_archived_unarchived_and_deleted(call: Call) -> None:
    run_id = create(call)["run_id"]
    call("RunService.ArchiveRun", run_id=run_id)
    assert call("RunService.GetRun", run_id=run_id)["storage_state"] == "ARCHIVED"
    call("RunService.UnarchiveRun", run_id=run_id)
    assert call("RunService.GetRun", run_id=run_id)["storage_state"] == "AVAILABLE"
    call("RunService.DeleteRun", run_id=run_id)
    with pytest.raises(KfpError, match=f"^Failed to get a run: .*Run {run_id} not found"):
        call("RunService.GetRun", run_id=run_id)


def test_artifacts_are_read_of_argo_s_runs_alone(call: Call, call_v1: Call) -> None:
    asked = {"node_id": "n", "artifact_name": "a"}
    ir_run = create(call)["run_id"]
    with pytest.raises(KfpError, match="v2 IR spec is not supported") as caught:
        call("RunService.ReadArtifact", run_id=ir_run, **asked)
    assert caught.value.message.startswith(
        f'failed to read artifact \'run_id:"{ir_run}" node_id:"n" artifact_name:"a"\': '
    )
    with pytest.raises(KfpError, match=r"artifact runs/.*/nodes/n/artifacts/a not found"):
        call("RunService.ReadArtifact", run_id=argo_run(call_v1), **asked)


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [("", "Invalid input error: Failed to parse the pipeline source"), ("[1]", "syntax")],
)
def test_a_run_whose_manifest_cannot_be_shown_says_why(manifest: str, reason: str) -> None:
    message: Any = v2_class("Run")()
    fill_run(message, Run(id="r", name="n", experiment_id="e", spec=PipelineSpec(pipeline_manifest=manifest)))
    assert [field.name for field, _ in message.ListFields()] == ["experiment_id", "run_id", "error"]
    assert "due to missing pipeline source" in message.error.message
    assert reason in message.error.message


def test_lists_are_filtered_by_both_versions_words(call: Call, call_v1: Call) -> None:
    run_id = create(call)["run_id"]
    call("RunService.TerminateRun", run_id=run_id)
    create(call)
    for key, word in (("state", "canceling"), ("status", "Terminating"), ("id", run_id), ("run_id", run_id)):
        text = json.dumps({"predicates": [{"operation": "EQUALS", "key": key, "string_value": word}]})
        (found,) = call("RunService.ListRuns", filter=text)["runs"]
        assert found["run_id"] == run_id


def test_a_simulated_run_tells_its_whole_story() -> None:
    lively = Deployment(Options().with_changes({"now": NOW, "simulation": "instant"}))
    call = calling(lively, V2BETA1)
    shown = call("RunService.GetRun", run_id=create(call)["run_id"])
    history = shown["state_history"]
    assert [entry["state"] for entry in history] == ["PENDING", "RUNNING", "SUCCEEDED"]
    assert sorted(history, key=lambda entry: entry["update_time"]) == history
    tasks = shown["run_details"]["task_details"]
    assert {task["state"] for task in tasks} == {"SUCCEEDED"}
    names = {task["display_name"] for task in tasks}
    assert len(names) == len(tasks) == 6
    assert names > {"root-driver", "root", "say-driver", "say", "executor"}
