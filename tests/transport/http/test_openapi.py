from __future__ import annotations

import json
from typing import Any
from urllib.request import urlopen

import pytest

from fake_kfp import FakeKfp
from fake_kfp.api import descriptors
from fake_kfp.transport.http.places.openapi import document
from fake_kfp.versions import V2BETA1, dialect_of


def references(value: Any) -> set[str]:
    """The names of the schemas that a part of the document refers to."""
    if isinstance(value, dict):
        own = {value["$ref"].rpartition("/")[2]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


UNSERVED = {f"{V2BETA1}.AuthService.Authorize", f"{V2BETA1}.VisualizationService.CreateVisualizationV1"}
"""What the interface of v2beta1 has a place for, and no server registers."""


@pytest.mark.parametrize("version", [None, "2.15", "2.17"])
def test_every_rpc_that_is_served_on_the_rest_side_has_an_operation(version: str | None) -> None:
    dialect = dialect_of(version)
    paths = document(dialect)["paths"]
    operations = {operation["operationId"] for path in paths.values() for operation in path.values()}
    methods = [
        method for method in descriptors.methods().values() if method.rules and dialect.has(method.name)
    ]
    placed = {method.name[1:].replace("/", ".") for method in methods}
    assert operations == placed - UNSERVED
    assert placed > UNSERVED


def test_fields_of_messages_may_stand_in_a_path() -> None:
    update = document(dialect_of("2.17"))["paths"]["/apis/v2beta1/pipelines/{pipeline.pipeline_id}"]["patch"]
    assert [each["name"] for each in update["parameters"] if each["in"] == "path"] == ["pipeline.pipeline_id"]


def test_every_reference_has_a_schema() -> None:
    schemas = set(document()["components"]["schemas"])
    assert references(document()) <= schemas


def test_path_body_and_query_share_a_request_between_them() -> None:
    report = document()["paths"]["/apis/v1beta1/runs/{run_id}:reportMetrics"]["post"]
    assert [(each["name"], each["in"]) for each in report["parameters"]] == [("run_id", "path")]
    assert report["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/api.ReportRunMetricsRequest"
    }
    listed = document()["paths"]["/apis/v1beta1/runs"]["get"]["parameters"]
    assert {"resource_reference_key.type", "page_size", "filter"} <= {each["name"] for each in listed}


def test_repeated_fields_are_arrays_and_maps_are_objects() -> None:
    schemas = document()["components"]["schemas"]
    run = {"$ref": "#/components/schemas/api.Run"}
    assert schemas["api.ListRunsResponse"]["properties"]["runs"] == {"type": "array", "items": run}
    assert schemas["api.Run"]["properties"]["name"] == {"type": "string"}
    parameters = schemas["api.PipelineSpec.RuntimeConfig"]["properties"]["parameters"]
    assert parameters == {"type": "object", "additionalProperties": {}}
    assert schemas[f"{V2BETA1}.PipelineTaskExecutorDetail"]["properties"]["failed_main_jobs"] == {
        "type": "array",
        "items": {"type": "string"},
    }


def test_the_server_serves_it() -> None:
    with FakeKfp() as server, urlopen(f"{server.url}/_fake_kfp/openapi.json") as reply:
        assert json.load(reply)["openapi"].startswith("3.")


@pytest.mark.parametrize(
    ("release", "tagged", "deletes_by"),
    [("2.14", False, []), ("2.16", False, ["propagation_policy"]), ("2.17", True, ["propagation_policy"])],
)
def test_fields_are_those_of_the_release(release: str, tagged: bool, deletes_by: list[str]) -> None:
    described = document(dialect_of(release))
    schemas = described["components"]["schemas"]
    assert ("tags" in schemas[f"{V2BETA1}.Pipeline"]["properties"]) == tagged
    assert (f"{V2BETA1}.PluginOutput" in schemas) == tagged
    delete = described["paths"]["/apis/v2beta1/recurringruns/{recurring_run_id}"]["delete"]
    assert [each["name"] for each in delete["parameters"] if each["in"] == "query"] == deletes_by
