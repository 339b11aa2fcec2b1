import json
from typing import Any

import pytest

from fake_kfp.deployment import Deployment
from fake_kfp.errors import Code, KfpError
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.runs.artifacts import artifact_key
from fake_kfp.services.runs.requests import NewRun
from fake_kfp.store.records import PipelineSpec, Run


def manifest_with(*artifacts: dict[str, Any]) -> str:
    return json.dumps({"status": {"nodes": {"n": {"id": "n", "outputs": {"artifacts": list(artifacts)}}}}})


def add_run(world: Deployment, *artifacts: dict[str, Any]) -> None:
    world.world.runs.insert(Run("r", "r", workflow_runtime_manifest=manifest_with(*artifacts)))


def read(world: Deployment, name: str = "out", node_id: str = "n", run_id: str = "r") -> bytes:
    return world.services.artifacts.read(run_id, node_id, name)


def refusal(world: Deployment, **given: str) -> KfpError:
    with pytest.raises(KfpError) as caught:
        read(world, **given)
    return caught.value


STORED = {"name": "out", "s3": {"key": "some/key"}}


def test_an_artifact_is_read_from_where_the_manifest_says(world: Deployment) -> None:
    add_run(world, STORED)
    world.world.objects.put("some/key", b"content")
    assert read(world) == b"content"


def test_a_missing_object_is_the_servers_fault(world: Deployment) -> None:
    add_run(world, STORED)
    assert refusal(world).message == "InternalServerError: Failed to get file some/key: object not found"


@pytest.mark.parametrize("given", [{"name": "OUT"}, {"node_id": "m"}, {"name": ""}])
def test_what_the_manifest_does_not_know_is_not_found(world: Deployment, given: dict[str, str]) -> None:
    add_run(world, STORED)
    error = refusal(world, **given)
    place = f"runs/r/nodes/{given.get('node_id', 'n')}/artifacts/{given.get('name', 'out')}"
    assert error.detail == f"artifact {place} not found"


def test_an_unknown_run_is_not_found(world: Deployment) -> None:
    assert refusal(world, run_id="nope").message == "ResourceNotFoundError: Run nope not found"


def test_v2_runs_keep_no_such_manifest(world: Deployment) -> None:
    world.world.runs.insert(Run("r", "r"))
    assert refusal(world).code is Code.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("artifacts", "key"),
    [
        ([{"name": "out", "s3": {"key": "1"}}, {"name": "out", "s3": {"key": "2"}}], "2"),
        ([{"name": "out", "s3": {"key": "1"}}, {"name": "out", "s3": {"key": ""}}], "1"),
        ([{"name": "out", "gcs": {"key": "1"}}], ""),
        ([{"name": "out"}], ""),
    ],
)
def test_the_last_s3_key_of_a_name_counts(artifacts: list[dict[str, Any]], key: str) -> None:
    assert artifact_key(manifest_with(*artifacts), "n", "out") == key


def test_a_pods_log_can_be_read_once_it_ran(world: Deployment, manifest: str) -> None:
    asked = NewRun("r", spec=PipelineSpec(workflow_manifest=manifest))
    run = world.services.runs.create(asked, Caller())
    assert run.workflow_name in world.services.logs.read(run.id, run.workflow_name)


def test_the_log_of_a_pod_that_never_was(world: Deployment, manifest: str) -> None:
    asked = NewRun("r", spec=PipelineSpec(workflow_manifest=manifest))
    run = world.services.runs.create(asked, Caller())
    with pytest.raises(KfpError) as caught:
        world.services.logs.read(run.id, "nope")
    assert caught.value.code is Code.ABORTED
    assert caught.value.message.endswith('due to error opening log stream: pods "nope" not found')


def test_the_log_of_an_unknown_run(world: Deployment) -> None:
    with pytest.raises(KfpError) as caught:
        world.services.logs.read("nope", "n")
    assert caught.value.message == (
        "BadRequestError: Failed to read logs for run nope due to run fetching error: "
        "Failed to fetch run nope: ResourceNotFoundError: Run nope not found"
    )
