"""PipelineService of v1beta1: what its messages show."""

from __future__ import annotations

from typing import Any

import pytest

from fake_kfp.deployment import Deployment
from fake_kfp.errors import Code, KfpError
from tests.api.v1beta1.conftest import URL, Call

PARAMETERS = [{"name": "p", "value": "x"}, {"name": "q"}]


@pytest.fixture
def pipeline(call: Call) -> Any:
    return call("PipelineService.CreatePipelineV1", pipeline={"name": "one", "url": {"pipelineUrl": URL}})


def owner(pipeline: Any) -> list[dict[str, Any]]:
    return [{"key": {"type": "PIPELINE", "id": pipeline["id"]}, "relationship": "OWNER"}]


def test_a_pipeline_shows_the_parameters_of_its_default_version(call: Call, pipeline: Any) -> None:
    assert pipeline["parameters"] == pipeline["default_version"]["parameters"] == PARAMETERS
    assert pipeline["default_version"]["resource_references"] == owner(pipeline)
    assert "url" not in pipeline
    assert call("PipelineService.GetPipelineV1", id=pipeline["id"]) == pipeline
    assert call("PipelineService.GetPipelineByNameV1", name="ONE", namespace="any") == pipeline
    assert call("PipelineService.ListPipelinesV1") == {"pipelines": [pipeline], "total_size": 1}


def test_a_version_shows_the_url_of_its_source_code_as_its_package(call: Call, pipeline: Any) -> None:
    version = call(
        "PipelineService.CreatePipelineVersionV1",
        version={
            "name": "two",
            "code_source_url": "http://code",
            "package_url": {"pipeline_url": URL},
            "resource_references": owner(pipeline),
        },
    )
    assert version["package_url"] == {"pipeline_url": "http://code"}
    assert call("PipelineService.GetPipelineVersionV1", version_id=version["id"]) == version


def test_a_version_that_no_pipeline_owns_is_not_made_though_nothing_is_refused(
    call: Call, pipeline: Any
) -> None:
    references = [{**owner(pipeline)[0], "relationship": "CREATOR"}]
    version = {"name": "v", "package_url": {"pipeline_url": URL}, "resource_references": references}
    assert call("PipelineService.CreatePipelineVersionV1", version=version) == {}
    listed = call("PipelineService.ListPipelineVersionsV1", resource_key={"id": pipeline["id"]})
    assert listed["total_size"] == 1


def test_a_reference_without_key_is_refused(call: Call) -> None:
    version = {"name": "v", "package_url": {"pipeline_url": URL}, "resource_references": [{}]}
    with pytest.raises(KfpError, match="without key") as caught:
        call("PipelineService.CreatePipelineVersionV1", version=version)
    assert caught.value.code is Code.INVALID_ARGUMENT


def test_without_versions_a_pipeline_is_listed_with_an_empty_default_one(call: Call, pipeline: Any) -> None:
    call("PipelineService.DeletePipelineVersionV1", version_id=pipeline["default_version"]["id"])
    (listed,) = call("PipelineService.ListPipelinesV1")["pipelines"]
    assert listed["default_version"] == {"created_at": "1970-01-01T00:00:00Z"}
    with pytest.raises(KfpError, match=f"PipelineVersion {pipeline['id']} not found"):
        call("PipelineService.GetPipelineV1", id=pipeline["id"])


def test_both_template_calls_give_the_same_text(call: Call, pipeline: Any) -> None:
    by_pipeline = call("PipelineService.GetTemplate", id=pipeline["id"])
    by_version = call(
        "PipelineService.GetPipelineVersionTemplate", version_id=pipeline["default_version"]["id"]
    )
    assert by_pipeline == by_version
    assert '"creationTimestamp":null' in by_pipeline["template"]


@pytest.mark.parametrize("rpc", ["GetPipelineV1", "DeletePipelineV1", "GetTemplate"])
def test_an_empty_id_is_an_invalid_argument(call: Call, rpc: str) -> None:
    with pytest.raises(KfpError) as caught:
        call(f"PipelineService.{rpc}")
    assert caught.value.code is Code.INVALID_ARGUMENT


def test_only_a_namespace_limits_the_list_of_pipelines(call: Call) -> None:
    with pytest.raises(KfpError, match=r"invalid resource references for pipelines: &\{Experiment x\}"):
        call("PipelineService.ListPipelinesV1", resource_reference_key={"type": "EXPERIMENT", "id": "x"})


def test_bad_list_options_are_all_named(call: Call) -> None:
    words = "due invalid list options: pageToken: , pageSize: 0, sortBy: nope, filter: :"
    with pytest.raises(KfpError, match=words):
        call("PipelineService.ListPipelinesV1", sort_by="nope")


def test_the_newest_version_is_the_default_whatever_is_set(
    world: Deployment, call: Call, pipeline: Any
) -> None:
    world.clock.advance(1)
    first = pipeline["default_version"]["id"]
    asked = {"name": "two", "package_url": {"pipeline_url": URL}, "resource_references": owner(pipeline)}
    second = call("PipelineService.CreatePipelineVersionV1", version=asked)
    reply = call(
        "PipelineService.UpdatePipelineDefaultVersionV1", pipeline_id=pipeline["id"], version_id=first
    )
    assert reply == {}
    shown = call("PipelineService.GetPipelineV1", id=pipeline["id"])
    assert shown["default_version"]["id"] == second["id"]
