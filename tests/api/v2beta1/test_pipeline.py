import base64
import json

import pytest

from fake_kfp.deployment import Deployment
from fake_kfp.errors import Code, KfpError
from fake_kfp.options import Options
from tests.api.v2beta1.conftest import IR, URL, Call

IR_URL = "http://host/ir.yaml"


@pytest.fixture
def world(world: Deployment) -> Deployment:
    urls = {URL: world.urls[URL], IR_URL: json.dumps(IR).encode()}
    return Deployment(
        Options().with_changes({"now": "2024-01-01T00:00:00Z", "simulation": "manual", "urls": urls})
    )


def version(call: Call, pipeline_id: str, **fields: object) -> dict[str, object]:
    """A version made of the IR behind the URL."""
    asked = {"pipeline_id": pipeline_id, "package_url": {"pipeline_url": IR_URL}, **fields}
    made: dict[str, object] = call(
        "PipelineService.CreatePipelineVersion", pipeline_id=pipeline_id, pipeline_version=asked
    )
    return made


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"name": "n"}, ("n", "n")),
        ({"display_name": "d"}, ("d", "d")),
        ({"name": "n", "display_name": "d"}, ("n", "d")),
    ],
)
def test_each_of_a_pipeline_s_names_stands_in_for_the_other(
    call: Call, given: dict[str, str], shown: tuple[str, str]
) -> None:
    made = call("PipelineService.CreatePipeline", pipeline=given)
    assert (made["name"], made["display_name"]) == shown
    assert call("PipelineService.GetPipelineByName", name=shown[0]) == made


def test_a_name_is_needed_and_taken_once(call: Call) -> None:
    with pytest.raises(KfpError, match="name is required") as caught:
        call("PipelineService.CreatePipeline", pipeline={})
    assert caught.value.code is Code.INVALID_ARGUMENT
    call("PipelineService.CreatePipeline", pipeline={"name": "taken"})
    with pytest.raises(KfpError, match=r"The name TAKEN already exist. Please") as caught:
        call("PipelineService.CreatePipeline", pipeline={"name": "TAKEN"})
    assert caught.value.code is Code.ALREADY_EXISTS


def test_a_pipeline_without_versions_is_whole_in_v2_alone(call: Call, call_v1: Call) -> None:
    made = call("PipelineService.CreatePipeline", pipeline={"name": "bare"})
    assert call("PipelineService.ListPipelines") == {"pipelines": [made], "total_size": 1}
    assert call("PipelineService.ListPipelineVersions", pipeline_id=made["pipeline_id"]) == {}
    with pytest.raises(KfpError, match=r"PipelineVersion .* not found"):
        call_v1("PipelineService.GetPipelineV1", id=made["pipeline_id"])


def test_a_version_shows_its_spec(call: Call) -> None:
    pipeline = call("PipelineService.CreatePipeline", pipeline={"name": "p"})["pipeline_id"]
    made = version(call, pipeline, name="v", description="d")
    assert made == {
        "pipeline_id": pipeline,
        "pipeline_version_id": made["pipeline_version_id"],
        "name": "v",
        "display_name": "v",
        "description": "d",
        "created_at": "2024-01-01T00:00:00Z",
        "package_url": {"pipeline_url": IR_URL},
        "pipeline_spec": IR,
    }
    shown = call(
        "PipelineService.GetPipelineVersion",
        pipeline_id="any",
        pipeline_version_id=made["pipeline_version_id"],
    )
    assert shown == made


@pytest.mark.parametrize(
    ("request_fields", "reason"),
    [
        ({"pipeline_id": "p"}, "Pipeline version is nil"),
        ({"pipeline_id": "p", "pipeline_version": {}}, "Package URL is nil"),
        ({"pipeline_id": "p", "pipeline_version": {"package_url": {}}}, "Package URL is empty"),
        (
            {"pipeline_id": "p", "pipeline_version": {"package_url": {"pipeline_url": URL}}},
            "Parent pipeline id is empty",
        ),
    ],
)
def test_a_new_version_says_what_it_lacks(call: Call, request_fields: dict[str, object], reason: str) -> None:
    with pytest.raises(KfpError, match=f"Failed to create a pipeline version. {reason}$"):
        call("PipelineService.CreatePipelineVersion", **request_fields)


def test_a_pipeline_with_versions_goes_with_them_or_not_at_all(call: Call) -> None:
    pipeline = call(
        "PipelineService.CreatePipelineAndVersion",
        pipeline={"name": "p"},
        pipeline_version={"package_url": {"pipeline_url": IR_URL}},
    )["pipeline_id"]
    (first,) = call("PipelineService.ListPipelineVersions", pipeline_id=pipeline)["pipeline_versions"]
    with pytest.raises(KfpError, match=f"e.g. {first['pipeline_version_id']}.*Set cascade=true"):
        call("PipelineService.DeletePipeline", pipeline_id=pipeline)
    call("PipelineService.DeletePipeline", pipeline_id=pipeline, cascade=True)
    assert call("PipelineService.ListPipelines") == {}
    with pytest.raises(KfpError, match="not found"):
        call("PipelineService.GetPipelineVersion", pipeline_version_id=first["pipeline_version_id"])


def test_a_deleted_version_leaves_its_pipeline(call: Call) -> None:
    pipeline = call("PipelineService.CreatePipeline", pipeline={"name": "p"})["pipeline_id"]
    made = version(call, pipeline, name="v")
    call(
        "PipelineService.DeletePipelineVersion",
        pipeline_id=pipeline,
        pipeline_version_id=made["pipeline_version_id"],
    )
    assert call("PipelineService.GetPipeline", pipeline_id=pipeline)["name"] == "p"
    for missing, reason in (
        ({}, "missing pipeline version id"),
        ({"pipeline_version_id": "v"}, "missing pipeline id"),
    ):
        with pytest.raises(KfpError, match=reason):
            call("PipelineService.DeletePipelineVersion", **missing)


def test_a_workflow_of_argo_s_is_shown_as_it_is_stored(call: Call, call_v1: Call) -> None:
    made = call_v1("PipelineService.CreatePipelineV1", pipeline={"name": "p", "url": {"pipeline_url": URL}})
    (shown,) = call("PipelineService.ListPipelineVersions", pipeline_id=made["id"])["pipeline_versions"]
    assert shown["pipeline_spec"]["kind"] == "Workflow"
    assert shown["pipeline_spec"]["spec"]["entrypoint"] == "main"


def test_errors_of_lists_repeat_what_was_asked_for(call: Call) -> None:
    with pytest.raises(KfpError, match=r"options: pageToken: , pageSize: 3, sortBy: status, filter: : "):
        call("PipelineService.ListPipelines", page_size=3, sort_by="status")


def test_a_token_need_not_say_of_which_table_its_columns_are(call: Call, call_v1: Call) -> None:
    """v1beta1 joins pipelines with their versions, where such columns are ambiguous."""
    for name in "ab":
        call("PipelineService.CreatePipeline", pipeline={"name": name})
    token = json.loads(
        base64.b64decode(call("PipelineService.ListPipelines", page_size=1)["next_page_token"])
    )
    token |= {"SortByFieldPrefix": "", "KeyFieldPrefix": ""}
    bare = base64.b64encode(json.dumps(token).encode()).decode()
    (rest,) = call("PipelineService.ListPipelines", page_token=bare)["pipelines"]
    assert rest["name"] in "ab"
    with pytest.raises(KfpError, match="is ambiguous"):
        call_v1("PipelineService.ListPipelinesV1", page_token=bare)
