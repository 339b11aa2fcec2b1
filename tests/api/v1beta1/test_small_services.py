"""TaskService, AuthService and VisualizationService of v1beta1."""

from __future__ import annotations

from typing import Any

import pytest

from fake_kfp.deployment import Deployment
from fake_kfp.errors import Code, KfpError
from fake_kfp.options import Options
from fake_kfp.services.auth.caller import Caller
from tests.api.v1beta1.conftest import MANIFEST, Call

TASK = {
    "pipelineName": "p",
    "runId": "r",
    "mlmdExecutionID": "1",
    "fingerprint": "f",
    "created_at": "2020-01-01T00:00:00Z",
}


@pytest.fixture
def run_id(call: Call) -> str:
    spec = {"workflow_manifest": MANIFEST}
    identifier: str = call("RunService.CreateRunV1", run={"name": "r", "pipeline_spec": spec})["run"]["id"]
    return identifier


def test_a_task_that_never_ended_ended_in_1970(call: Call, run_id: str) -> None:
    task = call("TaskService.CreateTaskV1", task={**TASK, "runId": run_id})
    assert task["created_at"] == "2020-01-01T00:00:00Z"
    assert task["finished_at"] == "1970-01-01T00:00:00Z"
    assert call("TaskService.ListTasksV1") == {"tasks": [task], "total_size": 1}


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("pipelineName", "PipelineName"),
        ("runId", "RunId"),
        ("mlmdExecutionID", "MlmdExecutionID"),
        ("fingerprint", "FingerPrint"),
        ("created_at", "CreatedAt"),
    ],
)
def test_a_task_lacks_what_it_lacks_in_the_server_s_order(call: Call, field: str, name: str) -> None:
    fields = list(TASK)
    later_too = {key: value for key, value in TASK.items() if fields.index(key) < fields.index(field)}
    with pytest.raises(KfpError, match=f"Invalid task: must specify {name}$"):
        call("TaskService.CreateTaskV1", task=later_too)


def test_a_task_s_id_is_not_for_the_caller_to_choose(call: Call) -> None:
    with pytest.raises(KfpError, match="Id should not be set"):
        call("TaskService.CreateTaskV1", task={**TASK, "id": "x"})


@pytest.mark.parametrize("kind", ["NAMESPACE", "EXPERIMENT", "JOB"])
def test_keys_of_other_types_do_not_limit_the_list_of_tasks(call: Call, run_id: str, kind: str) -> None:
    call("TaskService.CreateTaskV1", task={**TASK, "runId": run_id})
    assert (
        call("TaskService.ListTasksV1", resource_reference_key={"type": kind, "id": "x"})["total_size"] == 1
    )
    assert call("TaskService.ListTasksV1", resource_reference_key={"type": "PIPELINE", "id": "x"}) == {}


def test_an_enum_number_without_name_is_asked_for_as_a_number() -> None:
    allow = [{"user": "u", "namespace": "ns", "verbs": ["9"], "resources": ["7"]}]
    api = Deployment(Options(multi_user=True, allow=allow)).api
    method = api.methods["/api.AuthService/AuthorizeV1"]
    request: Any = method.input_class(namespace="ns", resources=7, verb=9)
    api.call(method, request, Caller({"kubeflow-userid": ("u",)}))
    with pytest.raises(KfpError, match="Resource:7") as caught:
        api.call(method, request, Caller({"kubeflow-userid": ("v",)}))
    assert caught.value.code is Code.PERMISSION_DENIED


def test_a_visualization_comes_back_with_its_page() -> None:
    api = Deployment(Options()).api
    method = api.methods["/api.VisualizationService/CreateVisualizationV1"]
    request: Any = method.input_class(namespace="ns")
    request.visualization.source = "s"
    reply: Any = api.call(method, request, Caller())
    assert (reply.source, reply.arguments) == ("s", "{}")
    assert "roc_curve of s" in reply.html


def test_no_visualization_at_all_is_one_that_lacks_its_source(call: Call) -> None:
    with pytest.raises(KfpError, match="requires a Source") as caught:
        call("VisualizationService.CreateVisualizationV1", namespace="ns")
    assert caught.value.code is Code.INVALID_ARGUMENT
