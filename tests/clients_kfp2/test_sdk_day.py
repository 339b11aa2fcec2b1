"""A user's day with ``kfp.Client`` of 2.x: every call that the SDK offers, unmodified, against the fake."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import kfp
import kfp_server_api
import pytest

from fake_kfp import FakeKfp
from tests.clients_kfp2 import pipelines


def predicates(operation: str, key: str, **value: Any) -> str:
    """A filter of one predicate."""
    return json.dumps({"predicates": [{"operation": operation, "key": key, **value}]})


def refused(act: Callable[..., Any], *arguments: Any, **options: Any) -> int:
    """The HTTP status of a refusal."""
    with pytest.raises(kfp_server_api.ApiException) as caught:
        act(*arguments, **options)
    return caught.value.status


def succeeds(client: kfp.Client, run_id: str) -> bool:
    return client.wait_for_run_completion(run_id, timeout=60).state == "SUCCEEDED"


def test_client_reads_health(client: kfp.Client) -> None:
    assert client.get_kfp_healthz().multi_user is False


def test_experiments_are_made_found_and_archived(client: kfp.Client) -> None:
    made = client.create_experiment("training", description="nightly runs")
    assert client.create_experiment("training").experiment_id == made.experiment_id
    found = client.get_experiment(experiment_name="training")
    assert (found.experiment_id, found.description) == (made.experiment_id, "nightly runs")
    assert {each.display_name for each in client.list_experiments().experiments} == {"Default", "training"}

    client.archive_experiment(made.experiment_id)
    assert client.get_experiment(made.experiment_id).storage_state == "ARCHIVED"
    client.unarchive_experiment(made.experiment_id)
    assert client.get_experiment(made.experiment_id).storage_state == "AVAILABLE"
    client.delete_experiment(made.experiment_id)
    assert refused(client.get_experiment, made.experiment_id) == 404
    with pytest.raises(ValueError, match="No experiment is found with name training"):
        client.get_experiment(experiment_name="training")


def test_pipelines_and_versions(client: kfp.Client, package: str) -> None:
    pipeline = client.upload_pipeline(package, pipeline_name="flow", description="first")
    assert client.get_pipeline_id("flow") == pipeline.pipeline_id
    assert client.get_pipeline_id("ebb") is None
    assert client.get_pipeline(pipeline.pipeline_id).description == "first"
    assert refused(client.upload_pipeline, package, pipeline_name="flow") == 409

    version = client.upload_pipeline_version(package, "v2", pipeline_name="flow", description="second")
    assert version.pipeline_id == pipeline.pipeline_id
    read = client.get_pipeline_version(pipeline.pipeline_id, version.pipeline_version_id)
    assert (read.display_name, read.description) == ("v2", "second")
    assert read.pipeline_spec["pipelineInfo"]["name"] == "sequential"
    versions = client.list_pipeline_versions(pipeline.pipeline_id).pipeline_versions
    assert sorted(each.display_name for each in versions) == ["flow", "v2"]
    assert [each.pipeline_id for each in client.list_pipelines().pipelines] == [pipeline.pipeline_id]

    assert refused(client.delete_pipeline, pipeline.pipeline_id) == 400, "there are versions yet"
    for each in versions:
        client.delete_pipeline_version(pipeline.pipeline_id, each.pipeline_version_id)
    client.delete_pipeline(pipeline.pipeline_id)
    assert not client.list_pipelines().pipelines


@pytest.mark.skipif(
    not hasattr(kfp.Client, "upload_pipeline_from_pipeline_func"), reason="this kfp uploads packages only"
)
def test_functions_are_uploaded_too(client: kfp.Client) -> None:
    pipeline = client.upload_pipeline_from_pipeline_func(pipelines.sequential)
    assert pipeline.display_name == "sequential"
    version = client.upload_pipeline_version_from_pipeline_func(
        pipelines.parallel, "v2", pipeline_id=pipeline.pipeline_id
    )
    run = client.run_pipeline(
        client.create_experiment("mine").experiment_id,
        "of the second version",
        pipeline_id=pipeline.pipeline_id,
        version_id=version.pipeline_version_id,
    )
    assert succeeds(client, run.run_id)


def test_all_lists_have_pages_filters_and_orders(client: kfp.Client, package: str) -> None:
    experiment = client.create_experiment("lists")
    pipeline = client.upload_pipeline(package, pipeline_name="flow")
    for name in ("b", "c", "a"):
        client.create_experiment(name)
        client.upload_pipeline(package, pipeline_name=name)
        client.upload_pipeline_version(package, name, pipeline_id=pipeline.pipeline_id)
        client.run_pipeline(experiment.experiment_id, name, package)
        client.create_recurring_run(
            experiment.experiment_id,
            name,
            cron_expression="0 0 * * * *",
            pipeline_package_path=package,
            enabled=False,
        )
    lists = {
        "experiments": client.list_experiments,
        "pipelines": client.list_pipelines,
        "pipeline_versions": partial(client.list_pipeline_versions, pipeline.pipeline_id),
        "runs": partial(client.list_runs, experiment_id=experiment.experiment_id),
        "recurring_runs": client.list_recurring_runs,
    }
    for kind, listed in lists.items():
        pages = [listed(page_size=2, sort_by="display_name desc")]
        while pages[-1].next_page_token:
            pages.append(
                listed(page_token=pages[-1].next_page_token, page_size=2, sort_by="display_name desc")
            )
        names = [each.display_name for page in pages for each in getattr(page, kind)]
        assert names == sorted(names, key=str.lower, reverse=True), kind
        assert {"a", "b", "c"} <= set(names)
        assert {page.total_size for page in pages} == {len(names)}

        found = listed(
            filter=predicates("IN", "display_name", stringValues={"values": ["a", "c"]}),
            sort_by="display_name",
        )
        assert [each.display_name for each in getattr(found, kind)] == ["a", "c"]
        assert found.total_size == 2
        assert refused(listed, sort_by="beauty") == 400


def test_runs_are_found_by_their_state(client: kfp.Client, fake_kfp: FakeKfp, package: str) -> None:
    fake_kfp.task("echo-2", run="bad").fails()
    good, bad = (
        client.create_run_from_pipeline_package(package, run_name=name, enable_caching=False).run_id
        for name in ("good", "bad")
    )
    for state, run_id in (("SUCCEEDED", good), ("FAILED", bad)):
        found = client.list_runs(filter=predicates("EQUALS", "state", stringValue=state)).runs
        assert [run.run_id for run in found] == [run_id]


def test_runs_from_every_source(client: kfp.Client, fake_kfp: FakeKfp, package: str) -> None:
    experiment = client.create_experiment("sources").experiment_id
    pipeline = client.upload_pipeline(package, pipeline_name="flow").pipeline_id
    version = client.list_pipeline_versions(pipeline).pipeline_versions[0].pipeline_version_id
    arguments = {"greeting": "hi"}
    by_version = client.run_pipeline(
        experiment, "by version", pipeline_id=pipeline, version_id=version, params=arguments
    )
    by_path = client.run_pipeline(experiment, "by path", package, params=arguments, pipeline_root="gs://root")
    by_package = client.create_run_from_pipeline_package(
        package, arguments, run_name="by package", experiment_id=experiment, enable_caching=False
    )
    by_function = client.create_run_from_pipeline_func(
        pipelines.sequential, arguments, run_name="by function", experiment_name="sources"
    )

    for run_id in (by_version.run_id, by_path.run_id, by_package.run_id, by_function.run_id):
        assert succeeds(client, run_id)
        assert client.get_run(run_id).runtime_config.parameters == arguments
        assert fake_kfp.runs.one(id=run_id).task("echo").inputs["text"] == "hi"
    runs = client.list_runs(experiment_id=experiment).runs
    assert {run.display_name for run in runs} == {"by version", "by path", "by package", "by function"}
    assert client.get_run(by_version.run_id).pipeline_version_reference.pipeline_version_id == version
    assert client.get_run(by_path.run_id).runtime_config.pipeline_root == "gs://root"
    assert by_function.wait_for_run_completion(timeout=60).state == "SUCCEEDED"


def test_wrong_runs_are_refused(client: kfp.Client, package: str) -> None:
    experiment = client.create_experiment("wrong").experiment_id
    for arguments in ({"nope": "1"}, {"greeting": 1}):
        assert refused(client.run_pipeline, experiment, "wrong", package, params=arguments) == 400
    nobody = {"pipeline_id": "nobody", "version_id": "nobody"}
    assert refused(client.run_pipeline, experiment, "wrong", **nobody) == 500
    assert refused(client.run_pipeline, "nowhere", "wrong", package) == 404


def test_the_life_of_a_run(client: kfp.Client, fake_kfp: FakeKfp, package: str) -> None:
    fake_kfp.task("echo-2").fails(times=1)
    run_id = client.create_run_from_pipeline_package(package, run_name="a run").run_id
    failed = client.wait_for_run_completion(run_id, timeout=60)
    assert failed.state == "FAILED"
    assert [each.state for each in failed.state_history] == ["PENDING", "RUNNING", "FAILED"]
    tasks = {each.display_name: each.state for each in failed.run_details.task_details}
    assert (tasks["echo"], tasks["echo-2"]) == ("SUCCEEDED", "FAILED")

    retry = getattr(client.runs, "run_service_retry_run", None) or client.runs.retry_run
    retry(run_id)
    assert succeeds(client, run_id)
    client.archive_run(run_id)
    assert client.get_run(run_id).storage_state == "ARCHIVED"
    client.unarchive_run(run_id)
    assert client.get_run(run_id).storage_state == "AVAILABLE"
    client.delete_run(run_id)
    assert refused(client.get_run, run_id) == 404


def test_a_run_can_be_terminated_right_after_its_creation(client: kfp.Client, package: str) -> None:
    run_id = client.create_run_from_pipeline_package(package).run_id

    client.terminate_run(run_id)

    assert client.get_run(run_id).state == "CANCELING"
    assert client.wait_for_run_completion(run_id, timeout=60).state == "FAILED"
    assert refused(client.terminate_run, run_id) == 400


@pytest.mark.parametrize(
    "schedule", [{"cron_expression": "0 0 * * * *"}, {"interval_second": 3600}], ids=["cron", "interval"]
)
def test_recurring_runs_fire_as_the_clock_moves(
    client: kfp.Client, fake_kfp: FakeKfp, package: str, schedule: dict
) -> None:
    fake_kfp.reset(simulation="clocked", now="2024-01-01T00:00:00Z")
    experiment = client.create_experiment("hourly").experiment_id
    made = client.create_recurring_run(
        experiment, "hourly", pipeline_package_path=package, params={"greeting": "hi"}, **schedule
    )
    recurring_run_id = made.recurring_run_id
    assert [each.recurring_run_id for each in client.list_recurring_runs().recurring_runs] == [
        recurring_run_id
    ]
    assert client.get_recurring_run(recurring_run_id).status == "ENABLED"

    fake_kfp.clock.advance(hours=3, minutes=1)
    runs = client.list_runs(experiment_id=experiment).runs
    assert len(runs) == 3
    assert {run.recurring_run_id for run in runs} == {recurring_run_id}
    assert {run.state for run in runs} == {"SUCCEEDED"}
    assert {run.runtime_config.parameters["greeting"] for run in runs} == {"hi"}

    client.disable_recurring_run(recurring_run_id)
    assert client.get_recurring_run(recurring_run_id).status == "DISABLED"
    fake_kfp.clock.advance(hours=3)
    assert len(client.list_runs(experiment_id=experiment).runs) == 3
    client.enable_recurring_run(recurring_run_id)
    assert client.get_recurring_run(recurring_run_id).status == "ENABLED"
    client.delete_recurring_run(recurring_run_id)
    assert not client.list_recurring_runs().recurring_runs
    assert refused(client.get_recurring_run, recurring_run_id) == 404


def test_recurring_runs_of_versions(client: kfp.Client, fake_kfp: FakeKfp, package: str) -> None:
    fake_kfp.reset(simulation="clocked", now="2024-01-01T00:00:00Z")
    experiment = client.create_experiment("daily").experiment_id
    pipeline = client.upload_pipeline(package, pipeline_name="flow").pipeline_id
    version = client.list_pipeline_versions(pipeline).pipeline_versions[0].pipeline_version_id
    client.create_recurring_run(
        experiment,
        "daily",
        cron_expression="0 0 9 * * *",
        start_time="2024-01-02T00:00:00Z",
        end_time="2024-01-05T00:00:00Z",
        pipeline_id=pipeline,
        version_id=version,
        no_catchup=True,
    )
    for _ in range(7):
        fake_kfp.clock.advance(days=1)
    runs = client.list_runs(experiment_id=experiment, sort_by="created_at").runs
    assert [run.created_at.day for run in runs] == [2, 3, 4]
    assert {run.pipeline_version_reference.pipeline_version_id for run in runs} == {version}


@pytest.mark.filterwarnings("error::FutureWarning")
def test_the_clients_own_warnings_are_kept_from_tests_that_fail_on_warnings(client: kfp.Client) -> None:
    assert client.list_runs().runs is None
