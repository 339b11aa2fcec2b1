"""The SDK against a server of release 2.17, the tags that only its generated client can give included."""

from __future__ import annotations

import kfp
import kfp_server_api
import pytest

from fake_kfp import FakeKfp
from tests.clients_kfp2.test_sdk_day import predicates, refused, succeeds


@pytest.fixture(autouse=True)
def release(fake_kfp: FakeKfp) -> None:
    fake_kfp.reset(version="2.17")


def test_pipelines_are_uploaded_run_and_deleted(client: kfp.Client, package: str) -> None:
    pipeline = client.upload_pipeline(package, pipeline_name="flow", description="first")
    version = client.upload_pipeline_version(package, "v2", pipeline_name="flow")
    assert refused(client.upload_pipeline, package, pipeline_name="flow") == 409
    (listed,) = client.list_pipelines().pipelines
    assert (listed.pipeline_id, listed.display_name, listed.description) == (
        pipeline.pipeline_id,
        "flow",
        "first",
    )
    experiment = client.create_experiment("e").experiment_id
    run = client.run_pipeline(
        experiment, "r", pipeline_id=pipeline.pipeline_id, version_id=version.pipeline_version_id
    )
    assert succeeds(client, run.run_id)
    for each in client.list_pipeline_versions(pipeline.pipeline_id).pipeline_versions:
        client.delete_pipeline_version(pipeline.pipeline_id, each.pipeline_version_id)
    client.delete_pipeline(pipeline.pipeline_id)
    assert not client.list_pipelines().pipelines


@pytest.mark.skipif(
    "tags" not in kfp_server_api.V2beta1Pipeline.openapi_types, reason="this client does not know tags"
)
def test_pipelines_are_found_by_their_tags(client: kfp.Client, fake_kfp: FakeKfp, package: str) -> None:
    with kfp_server_api.ApiClient(kfp_server_api.Configuration(host=fake_kfp.url)) as api:
        uploads = kfp_server_api.PipelineUploadServiceApi(api)
        uploads.upload_pipeline(package, name="spring", tags='{"team": "a"}')
    made = client.upload_pipeline(package, pipeline_name="river")
    client._pipelines_api.pipeline_service_update_pipeline(
        made.pipeline_id, kfp_server_api.InlineObject(display_name="river", tags={"team": "b"})
    )

    def of_team(name: str) -> list[str]:
        found = client.list_pipelines(filter=predicates("EQUALS", "tags.team", string_value=name)).pipelines
        return [each.display_name for each in found or []]

    assert [of_team(name) for name in "abc"] == [["spring"], ["river"], []]
    assert client.get_pipeline(made.pipeline_id).tags == {"team": "b"}


def test_recurring_runs_fire_and_are_deleted(client: kfp.Client, fake_kfp: FakeKfp, package: str) -> None:
    fake_kfp.reset(version="2.17", simulation="clocked", now="2024-01-01T00:00:00Z")
    experiment = client.create_experiment("hourly").experiment_id
    made = client.create_recurring_run(
        experiment, "hourly", cron_expression="0 0 * * * *", pipeline_package_path=package
    )
    fake_kfp.clock.advance(hours=2, minutes=1)
    client.delete_recurring_run(made.recurring_run_id)
    assert refused(client.get_recurring_run, made.recurring_run_id) == 404
    assert [run.state for run in client.list_runs(experiment_id=experiment).runs] == ["SUCCEEDED"] * 2
