"""A user's day with ``kfp.Client`` of 1.8: every call that the SDK offers, unmodified, against the fake."""

from __future__ import annotations

import json
from functools import partial

import kfp
import kfp_server_api
import pytest

from fake_kfp import FakeKfp


def test_client_reads_health(client: kfp.Client) -> None:
    assert client.get_kfp_healthz().multi_user is None or client.get_kfp_healthz().multi_user is False


def test_experiments_are_made_found_and_archived(client: kfp.Client) -> None:
    made = client.create_experiment("training", description="nightly runs")
    assert client.create_experiment("training").id == made.id
    assert client.get_experiment(experiment_name="training").id == made.id
    assert {each.name for each in client.list_experiments().experiments} == {"Default", "training"}

    client.archive_experiment(made.id)
    assert client.get_experiment(made.id).storage_state == "STORAGESTATE_ARCHIVED"
    client.experiments.unarchive_experiment(made.id)
    assert client.get_experiment(made.id).storage_state == "STORAGESTATE_AVAILABLE"
    client.delete_experiment(made.id)
    with pytest.raises(kfp_server_api.ApiException) as refused:
        client.get_experiment(made.id)
    assert refused.value.status == 404


def test_pipelines_and_versions(client: kfp.Client, package: str) -> None:
    pipeline = client.upload_pipeline(package, pipeline_name="flow", description="first")
    assert client.get_pipeline_id("flow") == pipeline.id
    assert client.get_pipeline(pipeline.id).parameters[0].name == "greeting"

    version = client.upload_pipeline_version(package, pipeline_version_name="v2", pipeline_id=pipeline.id)
    names = [each.name for each in client.list_pipeline_versions(pipeline.id).versions]
    assert sorted(names) == ["flow", "v2"]
    assert [each.id for each in client.list_pipelines().pipelines] == [pipeline.id]

    client.delete_pipeline_version(version.id)
    client.delete_pipeline_version(pipeline.default_version.id)
    client.delete_pipeline(pipeline.id)
    assert not client.list_pipelines().pipelines


def test_pages_filters_and_orders(client: kfp.Client, package: str) -> None:
    experiment = client.create_experiment("many")
    for name in ("c", "a", "b"):
        client.run_pipeline(experiment.id, name, package)

    page = client.list_runs(page_size=2, sort_by="name desc", experiment_id=experiment.id)
    rest = client.list_runs(
        page_token=page.next_page_token, page_size=2, sort_by="name desc", experiment_id=experiment.id
    )
    assert [run.name for run in page.runs + rest.runs] == ["c", "b", "a"]
    assert page.total_size == 3

    wanted = json.dumps({"predicates": [{"op": 1, "key": "name", "stringValue": "b"}]})
    assert [run.name for run in client.list_runs(filter=wanted).runs] == ["b"]


def test_all_other_lists_have_pages_filters_and_orders_too(client: kfp.Client, package: str) -> None:
    experiment = client.create_experiment("jobs")
    pipeline = client.upload_pipeline(package, pipeline_name="flow")
    for name in ("b", "c", "a"):
        client.create_experiment(name)
        client.upload_pipeline(package, pipeline_name=name)
        client.upload_pipeline_version(package, pipeline_version_name=name, pipeline_id=pipeline.id)
        client.create_recurring_run(
            experiment.id, name, cron_expression="0 0 * * * *", pipeline_package_path=package, enabled=False
        )
    lists = {
        "experiments": client.list_experiments,
        "pipelines": client.list_pipelines,
        "versions": partial(  # the SDK's own face has no filter here
            client.pipelines.list_pipeline_versions, resource_key_type="PIPELINE", resource_key_id=pipeline.id
        ),
        "jobs": client.list_recurring_runs,
    }
    for kind, listed in lists.items():
        pages = [listed(page_size=2, sort_by="name desc")]
        while pages[-1].next_page_token:
            pages.append(listed(page_token=pages[-1].next_page_token, page_size=2, sort_by="name desc"))
        names = [each.name for page in pages for each in getattr(page, kind)]
        assert names == sorted(names, key=str.lower, reverse=True)
        assert {"a", "b", "c"} <= set(names)

        wanted = json.dumps(
            {"predicates": [{"op": "IN", "key": "name", "stringValues": {"values": ["a", "c"]}}]}
        )
        found = listed(filter=wanted, sort_by="name")
        assert [each.name for each in getattr(found, kind)] == ["a", "c"]
        assert found.total_size == 2


def test_runs_from_every_source(client: kfp.Client, package: str) -> None:
    experiment = client.create_experiment("sources")
    pipeline = client.upload_pipeline(package, pipeline_name="flow")
    by_id = client.run_pipeline(experiment.id, "by id", pipeline_id=pipeline.id, params={"greeting": "hi"})
    by_version = client.run_pipeline(experiment.id, "by version", version_id=pipeline.default_version.id)
    by_package = client.create_run_from_pipeline_package(package, {"greeting": "hi"}, run_name="by package")

    for run_id in (by_id.id, by_version.id, by_package.run_id):
        assert client.wait_for_run_completion(run_id, timeout=60).run.status == "Succeeded"
    assert client.get_run(by_id.id).run.pipeline_spec.parameters[0].value == "hi"
    with pytest.raises(kfp_server_api.ApiException) as refused:
        client.run_pipeline(experiment.id, "unknown parameter", package, params={"nope": "1"})
    assert refused.value.status == 400


def test_the_life_of_a_run(client: kfp.Client, fake_kfp: FakeKfp, package: str) -> None:
    fake_kfp.task("second").fails(times=1)
    run_id = client.create_run_from_pipeline_package(package, {}, run_name="a run").run_id
    assert client.wait_for_run_completion(run_id, timeout=60).run.status == "Failed"

    client.runs.retry_run(run_id)
    assert client.wait_for_run_completion(run_id, timeout=60).run.status == "Succeeded"
    client.runs.archive_run(run_id)
    assert client.get_run(run_id).run.storage_state == "STORAGESTATE_ARCHIVED"
    client.runs.unarchive_run(run_id)
    client.runs.delete_run(run_id)
    with pytest.raises(kfp_server_api.ApiException) as refused:
        client.get_run(run_id)
    assert refused.value.status == 404


def test_a_run_can_be_terminated_right_after_its_creation(client: kfp.Client, package: str) -> None:
    run_id = client.create_run_from_pipeline_package(package, {}).run_id

    client.runs.terminate_run(run_id)

    assert client.wait_for_run_completion(run_id, timeout=60).run.status == "Failed"


@pytest.mark.parametrize(
    "schedule", [{"cron_expression": "0 0 * * * *"}, {"interval_second": 3600}], ids=["cron", "interval"]
)
def test_recurring_runs_fire_as_the_clock_moves(
    client: kfp.Client, fake_kfp: FakeKfp, package: str, schedule: dict
) -> None:
    fake_kfp.reset(simulation="clocked", now="2024-01-01T00:00:00Z")
    experiment = client.create_experiment("hourly")
    job = client.create_recurring_run(experiment.id, "hourly", pipeline_package_path=package, **schedule)
    assert [each.id for each in client.list_recurring_runs().jobs] == [job.id]
    assert client.get_recurring_run(job.id).enabled

    fake_kfp.clock.advance(hours=3, minutes=1)
    runs = client.list_runs(experiment_id=experiment.id).runs
    assert len(runs) == 3
    assert {
        reference.key.id
        for run in runs
        for reference in run.resource_references
        if reference.key.type == "JOB"
    } == {job.id}

    client.disable_job(job.id)
    fake_kfp.clock.advance(hours=3)
    assert len(client.list_runs(experiment_id=experiment.id).runs) == 3
    client.delete_job(job.id)
    assert not client.list_recurring_runs().jobs
