"""A user's day with ``kfp-server-api`` 1.8.5, the generated REST client of v1beta1, as it is installed."""

from __future__ import annotations

import base64
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fake_kfp import FakeKfp
from tests.server.calling import container, workflow

kfp_server_api = pytest.importorskip("kfp_server_api", reason="the generated client is not installed")

MANIFEST = workflow(
    container("main", outputs={"artifacts": [{"name": "model", "path": "/model"}]}),
    arguments={"parameters": [{"name": "rate", "value": "1"}]},
)
SPEC = {"workflow_manifest": MANIFEST}


@pytest.fixture(params=["", "/pipeline", "/api/v1/namespaces/kubeflow/services/ml-pipeline:8888/proxy"])
def client(request: pytest.FixtureRequest, fake_kfp: FakeKfp) -> Iterator[Any]:
    """A client at the plain address, behind an ingress, and behind Kubernetes' service proxy."""
    with kfp_server_api.ApiClient(kfp_server_api.Configuration(host=fake_kfp.url + request.param)) as made:
        yield made


def refused(act: Any, *arguments: Any, **options: Any) -> tuple[int, int, str]:
    """HTTP status, code and text of a refusal."""
    with pytest.raises(kfp_server_api.ApiException) as caught:
        act(*arguments, **options)
    body = json.loads(caught.value.body)
    return caught.value.status, body["code"], body["message"]


def test_health(client: Any) -> None:
    assert kfp_server_api.HealthzServiceApi(client).get_healthz().multi_user is False


def test_experiments(client: Any) -> None:
    api = kfp_server_api.ExperimentServiceApi(client)
    made = api.create_experiment({"name": "mine", "description": "nightly"})
    assert api.get_experiment(made.id).to_dict() == made.to_dict()
    assert made.storage_state == "STORAGESTATE_AVAILABLE"

    wanted = json.dumps({"predicates": [{"op": "EQUALS", "key": "name", "stringValue": "mine"}]})
    assert [each.id for each in api.list_experiment(filter=wanted).experiments] == [made.id]
    page = api.list_experiment(page_size=1, sort_by="name desc")
    rest = api.list_experiment(page_size=1, sort_by="name desc", page_token=page.next_page_token)
    assert [each.name for each in page.experiments + rest.experiments] == ["mine", "Default"]

    api.archive_experiment(made.id)
    assert api.get_experiment(made.id).storage_state == "STORAGESTATE_ARCHIVED"
    api.unarchive_experiment(made.id)
    api.delete_experiment(made.id)
    status, code, text = refused(api.get_experiment, made.id)
    assert (status, code) == (404, 5)
    assert f"Experiment {made.id} not found" in text


def test_an_experiment_name_is_taken_once(client: Any) -> None:
    api = kfp_server_api.ExperimentServiceApi(client)
    api.create_experiment({"name": "mine"})
    status, code, text = refused(api.create_experiment, {"name": "mine"})
    assert (status, code) == (409, 6)
    assert "already exist" in text


def test_runs(client: Any, fake_kfp: FakeKfp) -> None:
    fake_kfp.task("main").writes(model=b"weights").fails(times=1)
    api = kfp_server_api.RunServiceApi(client)
    experiment = kfp_server_api.ExperimentServiceApi(client).create_experiment({"name": "mine"})
    owner = {"key": {"type": "EXPERIMENT", "id": experiment.id}, "relationship": "OWNER"}
    spec = {**SPEC, "parameters": [{"name": "rate", "value": "2"}]}
    run_id = api.create_run({"name": "r", "pipeline_spec": spec, "resource_references": [owner]}).run.id
    assert api.get_run(run_id).run.status == "Failed"
    api.retry_run(run_id)
    detail = api.get_run(run_id)
    assert detail.run.status == "Succeeded"
    assert detail.run.pipeline_spec.parameters[0].value == "2"

    (node_id,) = json.loads(detail.pipeline_runtime.workflow_manifest)["status"]["nodes"]
    data = base64.b64decode(api.read_artifact(run_id, node_id, "model").data)
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
        assert tar.getnames() == ["model"]

    report = {
        "metrics": [{"name": "accuracy", "node_id": node_id, "number_value": 0.93, "format": "PERCENTAGE"}]
    }
    assert api.report_run_metrics(run_id, report).results[0].status == "OK"
    assert api.get_run(run_id).run.metrics[0].number_value == 0.93

    listing = {"resource_reference_key_type": "EXPERIMENT", "resource_reference_key_id": experiment.id}
    assert [run.id for run in api.list_runs(**listing).runs] == [run_id]
    assert [run.id for run in api.list_runs(sort_by="metric:accuracy desc").runs] == [run_id]

    api.archive_run(run_id)
    assert api.get_run(run_id).run.storage_state == "STORAGESTATE_ARCHIVED"
    api.unarchive_run(run_id)
    api.delete_run(run_id)
    assert refused(api.get_run, run_id)[:2] == (404, 5)


def test_a_run_that_is_terminated(client: Any) -> None:
    api = kfp_server_api.RunServiceApi(client)
    run_id = api.create_run({"name": "r", "pipeline_spec": SPEC}).run.id
    api.terminate_run(run_id)
    assert [api.get_run(run_id).run.status for _ in range(2)] == ["Terminating", "Failed"]
    assert refused(api.terminate_run, run_id)[1] == 3


def test_a_run_with_an_unknown_parameter_is_refused(client: Any) -> None:
    api = kfp_server_api.RunServiceApi(client)
    spec = {**SPEC, "parameters": [{"name": "speed", "value": "2"}]}
    status, code, text = refused(api.create_run, {"name": "r", "pipeline_spec": spec})
    assert (status, code) == (400, 3)
    assert text.endswith("Unrecognized input parameter: speed")


def zipped(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def tarred(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("flow.json", MANIFEST.encode()),
        ("flow.yaml", MANIFEST.encode()),
        ("flow.zip", zipped("pipeline.yaml", MANIFEST.encode())),
        ("flow.tar.gz", tarred("pipeline.yaml", MANIFEST.encode())),
    ],
)
def test_uploads(client: Any, tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    uploads = kfp_server_api.PipelineUploadServiceApi(client)
    made = uploads.upload_pipeline(str(path), name="flow", description="mine")
    assert (made.name, made.description) == ("flow", "mine")
    assert [(each.name, each.value) for each in made.parameters] == [("rate", "1")]
    version = uploads.upload_pipeline_version(str(path), name="v2", pipelineid=made.id)
    assert version.name == "v2"


def test_pipelines_and_versions(client: Any, fake_kfp: FakeKfp) -> None:
    fake_kfp.urls["http://host/flow.yaml"] = MANIFEST.encode()
    api = kfp_server_api.PipelineServiceApi(client)
    made = api.create_pipeline({"name": "flow", "url": {"pipeline_url": "http://host/flow.yaml"}})
    assert api.get_pipeline(made.id).name == "flow"
    assert "Workflow" in api.get_template(made.id).template

    key = {"key": {"type": "PIPELINE", "id": made.id}, "relationship": "OWNER"}
    body = {"name": "v2", "code_source_url": "", "package_url": {"pipeline_url": "http://host/flow.yaml"}}
    version = api.create_pipeline_version({**body, "resource_references": [key]})
    assert api.get_pipeline_version(version.id).name == "v2"
    assert "Workflow" in api.get_pipeline_version_template(version.id).template
    listing = {"resource_key_type": "PIPELINE", "resource_key_id": made.id}
    assert {each.name for each in api.list_pipeline_versions(**listing).versions} == {"flow", "v2"}
    api.update_pipeline_default_version(made.id, version.id)

    runs = kfp_server_api.RunServiceApi(client)
    reference = {"key": {"type": "PIPELINE_VERSION", "id": version.id}, "relationship": "CREATOR"}
    run = runs.create_run({"name": "r", "resource_references": [reference]}).run
    assert runs.get_run(run.id).run.status == "Succeeded"

    for each in api.list_pipeline_versions(**listing).versions:
        api.delete_pipeline_version(each.id)
    api.delete_pipeline(made.id)
    assert api.list_pipelines().pipelines is None


def test_jobs(client: Any, fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(simulation="clocked", now="2024-01-01T00:00:00Z")
    api = kfp_server_api.JobServiceApi(client)
    schedule = {"cron_schedule": {"cron": "0 0 * * * *"}}
    job = {
        "name": "hourly",
        "enabled": True,
        "max_concurrency": "1",
        "trigger": schedule,
        "pipeline_spec": SPEC,
    }
    made = api.create_job(job)
    assert [each.id for each in api.list_jobs(sort_by="name").jobs] == [made.id]
    fake_kfp.clock.advance(hours=2)
    assert len(fake_kfp.runs) == 2
    api.disable_job(made.id)
    assert not api.get_job(made.id).enabled
    fake_kfp.clock.advance(hours=2)
    assert len(fake_kfp.runs) == 2
    api.enable_job(made.id)
    assert api.get_job(made.id).enabled
    api.delete_job(made.id)
    assert refused(api.get_job, made.id)[:2] == (404, 5)
