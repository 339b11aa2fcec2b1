"""A day with stubs that protoc generated, beside the fake in one process."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import grpc
import pytest

from fake_kfp import FakeKfp
from fake_kfp.api import descriptors
from tests.server.calling import workflow

MANIFEST = workflow(arguments={"parameters": [{"name": "rate", "value": "1"}]})


@pytest.fixture
def runs(generated: SimpleNamespace, channel: grpc.Channel) -> Any:
    return generated.run_pb2_grpc.RunServiceStub(channel)


@pytest.fixture
def experiments(generated: SimpleNamespace, channel: grpc.Channel) -> Any:
    return generated.experiment_pb2_grpc.ExperimentServiceStub(channel)


@pytest.fixture
def create(generated: SimpleNamespace, runs: Any) -> Any:
    """Creates a run."""

    def created(name: str, **fields: Any) -> Any:
        run = {"name": name, "pipeline_spec": {"workflow_manifest": MANIFEST}, **fields}
        return runs.CreateRunV1(generated.run_pb2.CreateRunRequest(run=run))

    return created


def test_the_users_messages_stand_beside_the_fakes_own(generated: SimpleNamespace, fake_kfp: FakeKfp) -> None:
    mine, theirs = descriptors.message_class("api.Run"), generated.run_pb2.Run
    assert mine is not theirs
    assert mine.DESCRIPTOR.full_name == theirs.DESCRIPTOR.full_name == "api.Run"
    assert mine(name="x").SerializeToString() == theirs(name="x").SerializeToString()


def test_the_life_of_a_run(generated: SimpleNamespace, runs: Any, create: Any) -> None:
    messages = generated.run_pb2
    created = create(
        "first", pipeline_spec={"workflow_manifest": MANIFEST, "parameters": [{"name": "rate", "value": "2"}]}
    )
    assert created.run.status == "Pending"
    run_id = created.run.id
    detail = runs.GetRunV1(messages.GetRunRequest(run_id=run_id))
    assert detail.run.status == "Succeeded"
    assert [(each.name, each.value) for each in detail.run.pipeline_spec.parameters] == [("rate", "2")]
    assert detail.pipeline_runtime.workflow_manifest

    runs.ArchiveRunV1(messages.ArchiveRunRequest(id=run_id))
    archived = runs.GetRunV1(messages.GetRunRequest(run_id=run_id)).run
    assert archived.storage_state == messages.Run.STORAGESTATE_ARCHIVED
    runs.UnarchiveRunV1(messages.UnarchiveRunRequest(id=run_id))
    runs.DeleteRunV1(messages.DeleteRunRequest(id=run_id))
    with pytest.raises(grpc.RpcError) as refused:
        runs.GetRunV1(messages.GetRunRequest(run_id=run_id))
    error: Any = refused.value
    assert error.code() is grpc.StatusCode.NOT_FOUND
    assert f"Run {run_id} not found" in error.details()


def test_pages_of_runs(generated: SimpleNamespace, runs: Any, create: Any) -> None:
    for name in ("c", "a", "d", "b"):
        create(name)
    names, token = [], ""
    while True:
        request = generated.run_pb2.ListRunsRequest(page_size=3, page_token=token, sort_by="name desc")
        page = runs.ListRunsV1(request)
        assert page.total_size == 4
        names += [run.name for run in page.runs]
        token = page.next_page_token
        if not token:
            break
    assert names == ["d", "c", "b", "a"]


def test_runs_of_an_experiment(generated: SimpleNamespace, runs: Any, create: Any, experiments: Any) -> None:
    references, made = generated.resource_reference_pb2, generated.experiment_pb2
    experiment = experiments.CreateExperimentV1(made.CreateExperimentRequest(experiment={"name": "mine"}))
    key = references.ResourceKey(type=references.EXPERIMENT, id=experiment.id)
    owner = references.ResourceReference(key=key, relationship=references.OWNER)
    create("inside", resource_references=[owner])
    create("outside")
    page = runs.ListRunsV1(generated.run_pb2.ListRunsRequest(resource_reference_key=key))
    assert [run.name for run in page.runs] == ["inside"]
    assert page.runs[0].resource_references[0].key == key


def test_the_life_of_an_experiment(generated: SimpleNamespace, experiments: Any) -> None:
    messages = generated.experiment_pb2
    made = experiments.CreateExperimentV1(messages.CreateExperimentRequest(experiment={"name": "mine"}))
    assert experiments.GetExperimentV1(messages.GetExperimentRequest(id=made.id)) == made
    listed = experiments.ListExperimentsV1(messages.ListExperimentsRequest(sort_by="name"))
    assert [each.name for each in listed.experiments] == ["Default", "mine"]
    experiments.ArchiveExperimentV1(messages.ArchiveExperimentRequest(id=made.id))
    archived = experiments.GetExperimentV1(messages.GetExperimentRequest(id=made.id))
    assert archived.storage_state == messages.Experiment.STORAGESTATE_ARCHIVED
    experiments.UnarchiveExperimentV1(messages.UnarchiveExperimentRequest(id=made.id))
    experiments.DeleteExperimentV1(messages.DeleteExperimentRequest(id=made.id))
    with pytest.raises(grpc.RpcError):
        experiments.GetExperimentV1(messages.GetExperimentRequest(id=made.id))


def test_reports_and_artifacts(generated: SimpleNamespace, runs: Any, create: Any, fake_kfp: FakeKfp) -> None:
    messages = generated.run_pb2
    run_id = create("first").run.id
    metric = {"name": "accuracy", "node_id": "n", "number_value": 0.9}
    report = messages.ReportRunMetricsRequest(run_id=run_id, metrics=[metric])
    result = messages.ReportRunMetricsResponse.ReportRunMetricResult
    assert [each.status for each in runs.ReportRunMetricsV1(report).results] == [result.OK]
    assert [each.status for each in runs.ReportRunMetricsV1(report).results] == [result.DUPLICATE_REPORTING]
    with pytest.raises(grpc.RpcError) as refused:
        runs.ReadArtifactV1(messages.ReadArtifactRequest(run_id=run_id, node_id="n", artifact_name="a"))
    assert isinstance(refused.value, grpc.Call)
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND


def test_terminating_and_retrying(generated: SimpleNamespace, runs: Any, create: Any) -> None:
    messages = generated.run_pb2
    run_id = create("first").run.id
    runs.TerminateRunV1(messages.TerminateRunRequest(run_id=run_id))
    seen = [runs.GetRunV1(messages.GetRunRequest(run_id=run_id)).run.status for _ in range(2)]
    assert seen == ["Terminating", "Failed"]
    runs.RetryRunV1(messages.RetryRunRequest(run_id=run_id))
    assert runs.GetRunV1(messages.GetRunRequest(run_id=run_id)).run.status in ("Succeeded", "Failed")


def test_pipelines_and_jobs(generated: SimpleNamespace, channel: grpc.Channel, fake_kfp: FakeKfp) -> None:
    fake_kfp.urls["http://host/p.yaml"] = MANIFEST.encode()
    pipelines = generated.pipeline_pb2_grpc.PipelineServiceStub(channel)
    request = generated.pipeline_pb2.CreatePipelineRequest(
        pipeline={"name": "flow", "url": {"pipeline_url": "http://host/p.yaml"}}
    )
    pipeline = pipelines.CreatePipelineV1(request)
    assert [each.name for each in pipeline.parameters] == ["rate"]
    assert pipelines.GetPipelineV1(generated.pipeline_pb2.GetPipelineRequest(id=pipeline.id)) == pipeline

    jobs = generated.job_pb2_grpc.JobServiceStub(channel)
    trigger = {"periodic_schedule": {"interval_second": 60}}
    job = {
        "name": "j",
        "max_concurrency": 1,
        "trigger": trigger,
        "pipeline_spec": {"pipeline_id": pipeline.id},
    }
    made = jobs.CreateJob(generated.job_pb2.CreateJobRequest(job=job))
    assert jobs.ListJobs(generated.job_pb2.ListJobsRequest()).jobs[0].id == made.id


def test_tasks(generated: SimpleNamespace, channel: grpc.Channel, create: Any) -> None:
    tasks, messages = generated.task_pb2_grpc.TaskServiceStub(channel), generated.task_pb2
    run_id = create("first").run.id
    task = {
        "pipelineName": "namespace/ns/pipeline/flow",
        "runId": run_id,
        "mlmdExecutionID": "1",
        "fingerprint": "f",
        "created_at": {"seconds": 1704067200},
    }
    made = tasks.CreateTaskV1(messages.CreateTaskRequest(task=task))
    assert [each.id for each in tasks.ListTasksV1(messages.ListTasksRequest()).tasks] == [made.id]


def test_stubs_of_before_2_0_work_too(generated: SimpleNamespace, channel: grpc.Channel) -> None:
    """What protoc made of the interface of those days differed in the paths alone."""
    messages = generated.run_pb2
    create: Any = channel.unary_unary(
        "/api.RunService/CreateRun",
        messages.CreateRunRequest.SerializeToString,
        messages.RunDetail.FromString,
    )
    list_experiment: Any = channel.unary_unary(
        "/api.ExperimentService/ListExperiment",
        generated.experiment_pb2.ListExperimentsRequest.SerializeToString,
        generated.experiment_pb2.ListExperimentsResponse.FromString,
    )
    run = {"name": "old", "pipeline_spec": {"workflow_manifest": MANIFEST}}
    assert create(messages.CreateRunRequest(run=run)).run.name == "old"
    assert list_experiment(generated.experiment_pb2.ListExperimentsRequest()).total_size == 1


def test_calls_without_waiting(generated: SimpleNamespace, runs: Any, create: Any) -> None:
    messages = generated.run_pb2
    run_id = create("first").run.id
    futures = [runs.GetRunV1.future(messages.GetRunRequest(run_id=run_id)) for _ in range(5)]
    assert {future.result(timeout=120).run.id for future in futures} == {run_id}
    reply, call = runs.GetRunV1.with_call(messages.GetRunRequest(run_id=run_id), timeout=120)
    assert (reply.run.id, call.code()) == (run_id, grpc.StatusCode.OK)
