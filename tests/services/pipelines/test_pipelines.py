"""Pipelines, their versions and uploads: names, defaults, what is refused in which order."""

from __future__ import annotations

import json

import pytest

from fake_kfp.deployment import Deployment
from fake_kfp.errors import Code, KfpError
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.pipelines.creation import validate_v2_name
from fake_kfp.services.pipelines.uploads import Upload, UploadRefused
from fake_kfp.store.lists.listing import list_options
from fake_kfp.store.lists.schemas import PIPELINE_VERSIONS, PIPELINES
from fake_kfp.store.records import Pipeline, PipelineVersion
from tests.services.conftest import MakeWorld

NOBODY = Caller()
ALICE = Caller({"kubeflow-userid": ("alice",)})
RIGHTS = {
    "multi_user": True,
    "allow": [{"user": "alice", "namespace": "alice-ns", "verbs": ["*"], "resources": ["*"]}],
}
URL = "http://host/dir/p.yaml"


def upload(world: Deployment, manifest: str, **query: str) -> tuple[Pipeline, PipelineVersion]:
    return world.services.uploads.pipeline(Upload("p.yaml", manifest.encode(), **query), NOBODY)


def upload_version(world: Deployment, manifest: str, pipeline: Pipeline, **query: str) -> PipelineVersion:
    world.advance(1)
    return world.services.uploads.version(
        Upload("v.yaml", manifest.encode(), pipeline_id=pipeline.id, **query), NOBODY
    )


@pytest.mark.parametrize(
    ("query", "name"),
    [({}, "p.yaml"), ({"display_name": "shown"}, "shown"), ({"name": "own", "display_name": "shown"}, "own")],
)
def test_an_upload_is_called_by_the_query_or_else_like_its_file(
    world: Deployment, manifest: str, query: dict[str, str], name: str
) -> None:
    pipeline, version = upload(world, manifest, description="about", **query)
    assert (pipeline.name, version.name) == (name, name)
    assert (pipeline.description, version.description) == ("about", "about")
    assert json.loads(version.parameters) == [
        {"name": "p", "value": "x"},
        {"name": "q", "value": "[[Index]]"},
    ]


def test_names_are_unique_without_regard_to_case(world: Deployment, manifest: str) -> None:
    pipeline, _ = upload(world, manifest, name="one")
    with pytest.raises(UploadRefused, match="The name ONE already exists") as refused:
        upload(world, manifest, name="ONE")
    assert (refused.value.status, refused.value.declared) == (409, True)
    with pytest.raises(UploadRefused, match=r"The name One already exist\. Specify a new name") as refused:
        upload_version(world, manifest, pipeline, name="One")
    assert refused.value.status == 409


@pytest.mark.parametrize("text", ["junk", "a: b: c", "{}", "apiVersion: v1\nkind: Pod", "\x00"])
def test_what_is_no_manifest_is_the_server_s_fault_and_makes_nothing(world: Deployment, text: str) -> None:
    with pytest.raises(UploadRefused) as refused:
        upload(world, text)
    assert refused.value.status == 500
    assert refused.value.message == refused.value.details
    assert refused.value.message.endswith(
        "InvalidInputError: unknown template format: pipeline spec is invalid"
    )
    assert len(world.world.pipelines) == 0


def test_a_file_of_no_known_kind_is_refused_before_anything_else(make_world: MakeWorld) -> None:
    world = make_world(**RIGHTS)
    with pytest.raises(UploadRefused, match="Unexpected pipeline file format") as refused:
        world.services.uploads.pipeline(Upload("p.txt", b"text", namespace="alice-ns"), NOBODY)
    assert (refused.value.status, refused.value.declared) == (400, False)


def test_a_missing_form_tells_its_reason_last_and_in_the_details_first(world: Deployment) -> None:
    refused = world.services.uploads.no_pipeline_file("http: no such file")
    assert refused.message == "Failed to read pipeline from file: http: no such file"
    assert refused.details == "http: no such file\nFailed to read pipeline from file"


@pytest.mark.parametrize(
    ("pipeline_id", "words"), [("", "error reading pipeline id"), ("nope", "Pipeline nope not found")]
)
def test_a_version_needs_a_pipeline(world: Deployment, manifest: str, pipeline_id: str, words: str) -> None:
    with pytest.raises(UploadRefused, match=words) as refused:
        world.services.uploads.version(Upload("v.yaml", manifest.encode(), pipeline_id=pipeline_id), NOBODY)
    assert refused.value.status == 400


def test_the_newest_version_is_the_latest(world: Deployment, manifest: str) -> None:
    pipeline, first = upload(world, manifest)
    second = upload_version(world, manifest, pipeline)
    assert world.services.pipelines.latest_version(pipeline.id, NOBODY).id == second.id
    world.services.pipeline_versions.delete(pipeline.id, second.id, NOBODY)
    assert world.services.pipelines.latest_version(pipeline.id, NOBODY).id == first.id


def test_a_pipeline_can_be_deleted_only_without_versions(world: Deployment, manifest: str) -> None:
    pipeline, version = upload(world, manifest)
    with pytest.raises(KfpError, match=rf"existing pipeline versions \(e.g. {version.id}\)"):
        world.services.pipelines.delete(pipeline.id, NOBODY)
    world.services.pipeline_versions.delete(pipeline.id, version.id, NOBODY)
    assert world.services.pipelines.default_versions([pipeline]) == [None]
    world.services.pipelines.delete(pipeline.id, NOBODY)
    with pytest.raises(KfpError, match=f"Pipeline {pipeline.id} not found"):
        world.services.pipelines.get(pipeline.id, NOBODY)


def test_a_template_comes_back_marshalled_anew(world: Deployment, manifest: str) -> None:
    pipeline, version = upload(world, manifest)
    text = world.services.pipelines.latest_template(pipeline.id)
    assert json.loads(text)["metadata"] == {"generateName": "one-", "creationTimestamp": None}
    assert world.services.pipeline_versions.template(version.id, NOBODY) == text


def test_a_pipeline_is_made_from_what_is_registered_behind_its_url(
    make_world: MakeWorld, manifest: str
) -> None:
    world = make_world(urls={URL: manifest.encode()})
    asked = Pipeline(id="", name="", description="d")
    pipeline, version = world.services.pipelines.create_from_url(asked, URL, NOBODY)
    assert (pipeline.name, version.package_url) == ("p.yaml", URL)
    more = PipelineVersion(
        id="", pipeline_id=pipeline.id, name="v2", package_url=URL, code_source_url="http://code"
    )
    made = world.services.pipeline_versions.create_from_url(more, NOBODY)
    assert (made.pipeline_id, made.code_source_url) == (pipeline.id, "http://code")


def test_nothing_is_fetched_behind_other_urls(world: Deployment) -> None:
    with pytest.raises(KfpError) as caught:
        world.services.pipelines.create_from_url(Pipeline(id="", name="x"), URL, NOBODY)
    assert caught.value.code is Code.UNIMPLEMENTED


def test_a_name_without_namespace_is_searched_everywhere_and_the_newest_version_wins(
    make_world: MakeWorld, manifest: str
) -> None:
    world = make_world(**RIGHTS)
    shared, _ = upload(world, manifest, name="both")
    world.advance(1)
    own = Upload("p.yaml", manifest.encode(), name="both", namespace="alice-ns")
    private, _ = world.services.uploads.pipeline(own, ALICE)
    assert world.services.pipelines.newest_with_version("both", "")[0].id == private.id
    upload_version(world, manifest, shared)
    assert world.services.pipelines.newest_with_version("BOTH", "")[0].id == shared.id


def test_lists_show_the_shared_ones_or_those_of_a_namespace(make_world: MakeWorld, manifest: str) -> None:
    world = make_world(**RIGHTS)
    shared, _ = upload(world, manifest, name="shared")
    own = Upload("p.yaml", manifest.encode(), name="own", namespace="alice-ns")
    private, _ = world.services.uploads.pipeline(own, ALICE)
    options = list_options(PIPELINES)
    assert world.services.pipelines.list(options, "", NOBODY).records == [shared]
    assert world.services.pipelines.list(options, "alice-ns", ALICE).records == [private]
    assert world.services.pipelines.list(options, "-", NOBODY).records == []
    with pytest.raises(KfpError) as caught:
        world.services.pipelines.list(options, "alice-ns", NOBODY)
    assert caught.value.code is Code.UNAUTHENTICATED


def test_a_refused_upload_is_a_bad_request(make_world: MakeWorld, manifest: str) -> None:
    world = make_world(**RIGHTS)
    for namespace in ("bob-ns", "-"):
        with pytest.raises(UploadRefused, match="Authorization Failure: PermissionDenied") as refused:
            world.services.uploads.pipeline(Upload("p.yaml", manifest.encode(), namespace=namespace), ALICE)
        assert (refused.value.status, refused.value.declared) == (400, False)


@pytest.mark.parametrize("name", ["a", "0-x", "a" * 128])
def test_names_that_ml_metadata_takes(name: str) -> None:
    validate_v2_name(name)


@pytest.mark.parametrize(
    ("name", "words"),
    [("", "cannot be empty"), ("a" * 129, "128 characters"), ("Upper", "lowercase"), ("-a", "start with")],
)
def test_names_that_ml_metadata_refuses(name: str, words: str) -> None:
    with pytest.raises(KfpError, match=words):
        validate_v2_name(name)


def test_texts_that_do_not_fit_the_database_are_the_server_s_fault(world: Deployment, manifest: str) -> None:
    with pytest.raises(UploadRefused, match="Data too long for column 'DisplayName' at row 1") as refused:
        upload(world, manifest, name="x" * 256)
    assert refused.value.status == 500
    with pytest.raises(
        UploadRefused, match=r"Incorrect string value: .* column `mlpipeline`.`pipeline_versions`.`Para"
    ):
        upload(world, manifest.replace("[[Index]]", "\N{GRINNING FACE}"))
    assert len(world.world.pipelines) == 0


def test_an_empty_template_is_looked_for_among_old_objects(world: Deployment, manifest: str) -> None:
    pipeline, _ = upload(world, manifest, name="p")
    with pytest.raises(UploadRefused) as refused:
        world.services.uploads.version(Upload("v.yaml", b"", pipeline_id=pipeline.id), NOBODY)
    message = refused.value.message
    assert message.startswith(
        "Failed to create a pipeline version: Failed to create a pipeline version as template is broken:"
        " Failed to read a file from OS with pipeline_id: InternalServerError:"
        f" Failed to get file pipelines/{pipeline.id}: object not found:"
    )
    assert message.endswith("pipeline_spec_uri: InternalServerError: Failed to get file : object not found")


def test_versions_belong_to_a_pipeline_that_has_to_be_named(world: Deployment, manifest: str) -> None:
    """Not even with the id of nothing, which would be that of every version without a pipeline."""
    upload(world, manifest, name="one")
    versions = world.services.pipeline_versions
    with pytest.raises(KfpError, match="Pipeline id cannot be empty") as refused:
        versions.list(list_options(PIPELINE_VERSIONS), "", NOBODY)
    assert refused.value.code == Code.INVALID_ARGUMENT
    asked = PipelineVersion(id="", pipeline_id="", name="v", package_url=URL)
    with pytest.raises(KfpError, match="due empty parent pipeline id") as refused:
        versions.create_from_url(asked, NOBODY)
    assert refused.value.code == Code.INVALID_ARGUMENT
