"""A strict fake passes nothing over and makes nothing up."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from fake_kfp import FakeKfp
from tests.server.calling import call, container, workflow

V1 = "/api.RunService/CreateRunV1"
V2 = "/kubeflow.pipelines.backend.api.v2beta1.RunService/CreateRun"


def create(fake: FakeKfp, manifest: str) -> str:
    run = {"name": "r", "pipeline_spec": {"workflow_manifest": manifest}}
    return str(call(fake.channel(), V1, run=run).run.id)


UNMODELLED = {
    "spec.podGC": workflow(podGC={"strategy": "OnPodSuccess"}),
    "spec.artifactGC": workflow(artifactGC={"strategy": "OnWorkflowDeletion"}),
    "spec.synchronization": workflow(synchronization={"mutex": {"name": "m"}}),
    "spec.templates[0].synchronization": workflow(
        container("main", synchronization={"mutex": {"name": "m"}})
    ),
    "spec.templates[0].outputs.artifacts[0].artifactGC": workflow(
        container(
            "main",
            outputs={"artifacts": [{"name": "a", "path": "/a", "artifactGC": {"strategy": "Never"}}]},
        )
    ),
}


@pytest.mark.parametrize("path", UNMODELLED)
def test_a_run_that_asks_for_what_is_not_modelled_is_refused(path: str) -> None:
    fake = FakeKfp(strict=True)
    with pytest.raises(grpc.RpcError) as caught:
        create(fake, UNMODELLED[path])
    error: Any = caught.value
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED
    assert f": fake_kfp: {path} (" in error.details()
    assert len(fake.runs) == 0


@pytest.mark.parametrize("path", UNMODELLED)
def test_who_is_not_strict_passes_it_over(path: str) -> None:
    fake = FakeKfp()
    assert create(fake, UNMODELLED[path])


def test_a_recurring_run_is_refused_as_its_runs_would_be() -> None:
    job: dict[str, Any] = {
        "name": "j",
        "max_concurrency": 1,
        "trigger": {"periodic_schedule": {"interval_second": 60}},
        "pipeline_spec": {"workflow_manifest": UNMODELLED["spec.podGC"]},
    }
    with pytest.raises(grpc.RpcError, match=r"spec\.podGC"):
        call(FakeKfp(strict=True).channel(), "/api.JobService/CreateJob", job=job)


WRITES = workflow(container("main", outputs={"parameters": [{"name": "p", "valueFrom": {"path": "/p"}}]}))


def test_an_output_that_nobody_scripted_is_an_error_of_its_task() -> None:
    fake = FakeKfp(strict=True)
    run = create(fake, WRITES)
    assert fake.wait(run).status == "Failed"
    assert "nobody said what 'p' of 'main' is" in fake.runs.one().task("main").message
    assert fake.runs.one().task("main").phase == "Error"


def test_a_scripted_one_is_none() -> None:
    fake = FakeKfp(strict=True)
    fake.task("main").outputs(p="1")
    assert fake.wait(create(fake, WRITES)).status == "Succeeded"


def test_a_task_that_fails_owes_no_outputs() -> None:
    fake = FakeKfp(strict=True)
    fake.task("main").fails(exit_code=3)
    assert fake.wait(create(fake, WRITES)).status == "Failed"


def pipeline() -> dict[str, Any]:
    """A pipeline of kfp 2 whose one task gives a number."""
    executor = {"container": {"image": "python", "command": ["sh"]}}
    return {
        "schemaVersion": "2.1.0",
        "sdkVersion": "kfp-2.14.0",
        "pipelineInfo": {"name": "p"},
        "root": {
            "dag": {
                "tasks": {"train": {"componentRef": {"name": "comp-train"}, "taskInfo": {"name": "train"}}}
            }
        },
        "components": {
            "comp-train": {
                "executorLabel": "exec-train",
                "outputDefinitions": {"parameters": {"Output": {"parameterType": "NUMBER_DOUBLE"}}},
            }
        },
        "deploymentSpec": {"executors": {"exec-train": executor}},
    }


@pytest.mark.parametrize(("scripted", "state"), [(False, "FAILED"), (True, "SUCCEEDED")])
def test_pipelines_of_v2_are_held_to_it_too(scripted: bool, state: str) -> None:
    fake = FakeKfp(strict=True)
    if scripted:
        fake.task("train").outputs(Output=0.5)
    run = call(fake.channel(), V2, run={"display_name": "r", "pipeline_spec": pipeline()})
    seen = fake.wait(run.run_id)
    assert seen.state == state
    told = [each for each in seen.nodes if "nobody said what 'Output' of 'train' is" in each.message]
    assert bool(told) is not scripted


def test_a_picture_that_is_none_is_not_drawn() -> None:
    asked: dict[str, Any] = {
        "namespace": "",
        "visualization": {"type": "ROC_CURVE", "source": "s", "arguments": "{}"},
    }
    path = "/api.VisualizationService/CreateVisualizationV1"
    assert call(FakeKfp().channel(), path, **asked).html
    with pytest.raises(grpc.RpcError, match="drawing a visualization is not modelled"):
        call(FakeKfp(strict=True).channel(), path, **asked)
