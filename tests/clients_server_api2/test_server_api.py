"""Every class of ``kfp-server-api`` 2.x, the generated REST client of v2beta1, as it is installed."""

from __future__ import annotations

import base64
import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import kfp_server_api
import pytest

from fake_kfp import FakeKfp
from tests.clients_server_api2.conftest import Services

URL = "https://host/flow.yaml"
IR: dict[str, Any] = {
    "pipelineInfo": {"name": "train-and-tell"},
    "schemaVersion": "2.1.0",
    "components": {
        "comp-train": {
            "executorLabel": "exec-train",
            "inputDefinitions": {"parameters": {"rate": {"parameterType": "NUMBER_DOUBLE"}}},
        }
    },
    "deploymentSpec": {"executors": {"exec-train": {"container": {"image": "trainer"}}}},
    "root": {
        "inputDefinitions": {"parameters": {"rate": {"parameterType": "NUMBER_DOUBLE", "defaultValue": 0.5}}},
        "dag": {
            "tasks": {
                "train": {
                    "componentRef": {"name": "comp-train"},
                    "inputs": {"parameters": {"rate": {"componentInputParameter": "rate"}}},
                    "taskInfo": {"name": "train"},
                }
            }
        },
    },
}
ARGO: dict[str, Any] = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Workflow",
    "metadata": {"generateName": "old-"},
    "spec": {
        "entrypoint": "main",
        "templates": [
            {
                "name": "main",
                "container": {"image": "busybox"},
                "outputs": {"artifacts": [{"name": "model", "path": "/model"}]},
            }
        ],
    },
}


knows_2_17 = pytest.mark.skipif(
    not hasattr(kfp_server_api.PipelineServiceApi, "pipeline_service_update_pipeline"),
    reason="this client does not know tags and propagation policies, which came with 2.17",
)


def predicates(operation: str, key: str, **value: Any) -> str:
    """A filter of one predicate."""
    return json.dumps({"predicates": [{"operation": operation, "key": key, **value}]})


def test_health(services: Services) -> None:
    health = services.Healthz.get_healthz()
    assert health.multi_user is False


def test_experiments(services: Services) -> None:
    api = services.Experiment
    made = api.create_experiment({"display_name": "mine", "description": "nightly"})
    assert api.get_experiment(made.experiment_id).to_dict() == made.to_dict()
    assert made.storage_state == "AVAILABLE"
    assert api.refused("create_experiment", {"display_name": "mine"}) == (409, 6)

    wanted = predicates("EQUALS", "display_name", string_value="mine")
    assert [each.experiment_id for each in api.list_experiments(filter=wanted).experiments] == [
        made.experiment_id
    ]
    page = api.list_experiments(page_size=1, sort_by="display_name desc")
    rest = api.list_experiments(page_size=1, sort_by="display_name desc", page_token=page.next_page_token)
    assert [each.display_name for each in page.experiments + rest.experiments] == ["mine", "Default"]

    api.archive_experiment(made.experiment_id)
    assert api.get_experiment(made.experiment_id).storage_state == "ARCHIVED"
    api.unarchive_experiment(made.experiment_id)
    assert api.get_experiment(made.experiment_id).storage_state == "AVAILABLE"
    api.delete_experiment(made.experiment_id)
    assert api.refused("get_experiment", made.experiment_id) == (404, 5)


def test_runs(services: Services, fake_kfp: FakeKfp) -> None:
    fake_kfp.task("train").fails(times=1)
    api = services.Run
    experiment_id = services.Experiment.create_experiment({"display_name": "mine"}).experiment_id
    made = api.create_run(
        {
            "display_name": "r",
            "experiment_id": experiment_id,
            "pipeline_spec": IR,
            "runtime_config": {"parameters": {"rate": 0.25}},
        }
    )
    assert (made.state, made.storage_state) == ("PENDING", "AVAILABLE")
    assert made.pipeline_spec == IR
    run_id = made.run_id
    assert api.get_run(run_id).state == "FAILED"
    api.retry_run(run_id)
    run = api.get_run(run_id)
    assert run.state == "SUCCEEDED"
    assert run.runtime_config.parameters == {"rate": 0.25}
    assert [each.state for each in run.state_history][-1] == "SUCCEEDED"
    assert {"train", "train-driver", "executor"} <= {
        each.display_name for each in run.run_details.task_details
    }

    assert [each.run_id for each in api.list_runs(experiment_id=experiment_id).runs] == [run_id]
    wanted = predicates("EQUALS", "state", string_value="SUCCEEDED")
    assert [each.run_id for each in api.list_runs(filter=wanted, sort_by="created_at desc").runs] == [run_id]
    assert api.refused("list_runs", sort_by="beauty") == (400, 3)

    api.archive_run(run_id)
    assert api.get_run(run_id).storage_state == "ARCHIVED"
    api.unarchive_run(run_id)
    api.delete_run(run_id)
    assert api.refused("get_run", run_id) == (404, 5)


def test_a_run_that_is_terminated(services: Services) -> None:
    run_id = services.Run.create_run({"display_name": "r", "pipeline_spec": IR}).run_id
    services.Run.terminate_run(run_id)
    assert [services.Run.get_run(run_id).state for _ in range(2)] == ["CANCELING", "FAILED"]
    assert services.Run.refused("terminate_run", run_id) == (400, 3)


@pytest.mark.parametrize("parameters", [{"speed": 2}, {"rate": "fast"}, {"rate": None}])
def test_runs_with_bad_parameters_are_refused(services: Services, parameters: dict[str, Any]) -> None:
    run = {"display_name": "r", "pipeline_spec": IR, "runtime_config": {"parameters": parameters}}
    assert services.Run.refused("create_run", run) == (400, 3)


@pytest.mark.skipif(
    not hasattr(kfp_server_api, "V2beta1ReadArtifactResponse"), reason="artifacts are no RPC since 2.15"
)
def test_artifacts_are_read(services: Services, fake_kfp: FakeKfp) -> None:
    fake_kfp.task("main").writes(model=b"weights")
    run_id = services.Run.create_run({"display_name": "r", "pipeline_spec": ARGO}).run_id
    assert services.Run.get_run(run_id).state == "SUCCEEDED"
    (node,) = fake_kfp.runs.one().nodes
    data = base64.b64decode(services.Run.read_artifact(run_id, node.id, "model").data)
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
        assert tar.getnames() == ["model"]


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
        ("flow.json", json.dumps(IR).encode()),
        ("flow.yaml", json.dumps(IR).encode()),
        ("flow.zip", zipped("pipeline.yaml", json.dumps(IR).encode())),
        ("flow.tar.gz", tarred("pipeline.yaml", json.dumps(IR).encode())),
        ("old.yaml", json.dumps(ARGO).encode()),
    ],
)
def test_uploads(services: Services, tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    made = services.PipelineUpload.upload_pipeline(str(path), name="flow", description="mine")
    assert (made.display_name, made.description) == ("flow", "mine")
    version = services.PipelineUpload.upload_pipeline_version(
        str(path), name="v2", pipelineid=made.pipeline_id
    )
    assert (version.display_name, version.pipeline_id) == ("v2", made.pipeline_id)
    read = services.Pipeline.get_pipeline_version(made.pipeline_id, version.pipeline_version_id)
    assert read.to_dict() == version.to_dict()
    assert services.PipelineUpload.refused("upload_pipeline", str(path), name="flow")[0] == 409


def test_pipelines_and_versions(services: Services, fake_kfp: FakeKfp) -> None:
    fake_kfp.urls[URL] = json.dumps(IR).encode()
    api = services.Pipeline
    made = api.create_pipeline({"display_name": "flow", "description": "mine"})
    assert api.get_pipeline(made.pipeline_id).to_dict() == made.to_dict()
    assert api.get_pipeline_by_name("flow").pipeline_id == made.pipeline_id
    url = {"pipeline_url": URL}
    body = {"display_name": "v1", "pipeline_id": made.pipeline_id, "package_url": url}
    version = api.create_pipeline_version(made.pipeline_id, body)
    ids = made.pipeline_id, version.pipeline_version_id
    assert api.get_pipeline_version(*ids).pipeline_spec["pipelineInfo"] == {"name": "train-and-tell"}
    assert [each.display_name for each in api.list_pipeline_versions(made.pipeline_id).pipeline_versions] == [
        "v1"
    ]

    both = {
        "pipeline": {"display_name": "two"},
        "pipeline_version": {"display_name": "v", "package_url": url},
    }
    two = api.create_pipeline_and_version(both)
    assert len(api.list_pipeline_versions(two.pipeline_id).pipeline_versions) == 1
    names = [each.display_name for each in api.list_pipelines(sort_by="display_name").pipelines]
    assert names == ["flow", "two"]

    reference = {"pipeline_id": ids[0], "pipeline_version_id": ids[1]}
    run = services.Run.create_run({"display_name": "r", "pipeline_version_reference": reference})
    assert services.Run.get_run(run.run_id).state == "SUCCEEDED"

    assert api.refused("delete_pipeline", made.pipeline_id) == (400, 3)
    api.delete_pipeline_version(*ids)
    assert api.refused("get_pipeline_version", *ids) == (404, 5)
    api.delete_pipeline(made.pipeline_id)
    assert api.refused("get_pipeline", made.pipeline_id) == (404, 5)


@knows_2_17
def test_pipelines_bear_tags_and_are_updated(services: Services, fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(version="2.17")
    api = services.Pipeline
    made = api.create_pipeline({"display_name": "flow", "tags": {"team": "a"}})
    assert api.get_pipeline(made.pipeline_id).tags == {"team": "a"}
    api.update_pipeline(made.pipeline_id, {"display_name": "river", "tags": {"team": "b"}})
    assert api.get_pipeline(made.pipeline_id).tags == {"team": "b"}
    found = api.list_pipelines(filter=predicates("EQUALS", "tags.team", string_value="b")).pipelines
    assert [each.display_name for each in found] == ["river"]


@knows_2_17
def test_uploads_bear_tags_and_versions_are_updated(
    services: Services, fake_kfp: FakeKfp, tmp_path: Path
) -> None:
    fake_kfp.reset(version="2.17")
    path = tmp_path / "flow.json"
    path.write_text(json.dumps(IR))
    uploads, api = services.PipelineUpload, services.Pipeline
    made = uploads.upload_pipeline(str(path), name="flow", tags='{"team": "a"}')
    assert api.get_pipeline(made.pipeline_id).tags == {"team": "a"}
    version = uploads.upload_pipeline_version(
        str(path), name="v2", pipelineid=made.pipeline_id, tags='{"stage": "trial"}'
    )
    ids = made.pipeline_id, version.pipeline_version_id
    assert api.get_pipeline_version(*ids).tags == {"stage": "trial"}

    api.update_pipeline_version(*ids, {"display_name": "two", "tags": {"stage": "released"}})
    updated = api.get_pipeline_version(*ids)
    assert (updated.display_name, updated.name, updated.tags) == ("two", "v2", {"stage": "released"})

    def tagged(stage: str) -> list[str]:
        spec = predicates("EQUALS", "tags.stage", string_value=stage)
        found = api.list_pipeline_versions(made.pipeline_id, filter=spec).pipeline_versions
        return [each.display_name for each in found or []]

    assert (tagged("released"), tagged("trial")) == (["two"], [])
    assert uploads.refused("upload_pipeline", str(path), name="other", tags="team=a")[0] == 400


@pytest.mark.parametrize(
    "trigger",
    [
        {"cron_schedule": {"cron": "0 0 * * * *"}},
        {"periodic_schedule": {"interval_second": "3600"}},
    ],
    ids=["cron", "periodic"],
)
def test_recurring_runs(services: Services, fake_kfp: FakeKfp, trigger: dict[str, Any]) -> None:
    fake_kfp.reset(simulation="clocked", now="2024-01-01T00:00:00Z")
    api = services.RecurringRun
    made = api.create_recurring_run(
        {
            "display_name": "hourly",
            "mode": "ENABLE",
            "max_concurrency": "1",
            "trigger": trigger,
            "pipeline_spec": IR,
            "runtime_config": {"parameters": {"rate": 0.25}},
        }
    )
    recurring_run_id = made.recurring_run_id
    (listed,) = api.list_recurring_runs(sort_by="display_name").recurring_runs
    assert listed.to_dict() == api.get_recurring_run(recurring_run_id).to_dict()
    fake_kfp.clock.advance(hours=2, minutes=1)
    runs = services.Run.list_runs().runs
    assert [run.recurring_run_id for run in runs] == [recurring_run_id] * 2
    api.disable_recurring_run(recurring_run_id)
    assert api.get_recurring_run(recurring_run_id).status == "DISABLED"
    fake_kfp.clock.advance(hours=2)
    assert len(fake_kfp.runs) == 2
    api.enable_recurring_run(recurring_run_id)
    assert api.get_recurring_run(recurring_run_id).status == "ENABLED"
    api.delete_recurring_run(recurring_run_id)
    assert api.refused("get_recurring_run", recurring_run_id) == (404, 5)


@knows_2_17
@pytest.mark.parametrize("policy", ["FOREGROUND", "BACKGROUND", "ORPHAN"])
def test_recurring_runs_are_deleted_with_a_propagation_policy(
    services: Services, fake_kfp: FakeKfp, policy: str
) -> None:
    fake_kfp.reset(version="2.17", simulation="clocked", now="2024-01-01T00:00:00Z")
    api = services.RecurringRun
    made = api.create_recurring_run(
        {
            "display_name": "hourly",
            "mode": "ENABLE",
            "max_concurrency": "1",
            "trigger": {"cron_schedule": {"cron": "0 0 * * * *"}},
            "pipeline_spec": IR,
        }
    )
    fake_kfp.clock.advance(hours=1, minutes=1)
    assert api.refused("delete_recurring_run", made.recurring_run_id, propagation_policy="SOON") == (400, 3)
    api.delete_recurring_run(made.recurring_run_id, propagation_policy=policy)
    assert api.refused("get_recurring_run", made.recurring_run_id) == (404, 5)
    assert len(services.Run.list_runs().runs) == 1


def test_reports(services: Services, fake_kfp: FakeKfp) -> None:
    """What the persistence agent says of a workflow is what the run shows from then on."""
    fake_kfp.reset(simulation="manual")
    run_id = services.Run.create_run({"display_name": "r", "pipeline_spec": IR}).run_id
    report = {
        "metadata": {"name": "w", "namespace": "kubeflow", "uid": "u", "labels": {"pipeline/runid": run_id}},
        "status": {"phase": "Running"},
    }
    services.Report.report_workflow(json.dumps(report))
    run = services.Run.get_run(run_id)
    assert [each.state for each in run.state_history] == ["PENDING", "RUNNING"]
    assert services.Report.refused("report_workflow", json.dumps({"metadata": {}})) == (400, 3)

    trigger = {"cron_schedule": {"cron": "0 0 * * * *"}}
    made = services.RecurringRun.create_recurring_run(
        {
            "display_name": "j",
            "mode": "ENABLE",
            "max_concurrency": "1",
            "trigger": trigger,
            "pipeline_spec": IR,
        }
    )
    schedule = {
        "metadata": {"name": "renamed", "namespace": "kubeflow", "uid": made.recurring_run_id},
        "spec": {"enabled": False, "trigger": {"cronSchedule": {"cron": "1 1 1 * * *"}}},
    }
    services.Report.report_scheduled_workflow(json.dumps(schedule))
    reported = services.RecurringRun.get_recurring_run(made.recurring_run_id)
    assert reported.trigger.cron_schedule.cron == "1 1 1 * * *"


def test_what_the_server_does_not_serve_is_not_found(services: Services) -> None:
    """These are in the interface, but KFP registers neither of them."""
    assert services.Auth.refused("authorize")[0] == 404
    assert services.Visualization.refused("create_visualization_v1", "ns", {"type": "TABLE"})[0] == 404
