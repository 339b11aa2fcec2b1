"""Pipelines and their versions, as they are uploaded over REST."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from hypothesis import strategies as st

from fake_kfp import strategies
from fake_kfp.conformance.errors import expect, expect_equal
from fake_kfp.conformance.rules.rule import REST, rule
from fake_kfp.conformance.server.subject import Subject, Workspace

Json = dict[str, Any]
_BOUNDARY = "conformance-boundary"


def upload(own: Workspace, path: str, text: str, kind: str, **query: str) -> Json:
    """Uploads a manifest; gives the reply. Raises ContractError where it is refused."""
    rest = own.subject.rest
    assert rest is not None, "a rule that uploads needs REST"
    lines = [
        f"--{_BOUNDARY}",
        'Content-Disposition: form-data; name="uploadfile"; filename="pipeline.yaml"',
        "",
        text,
        f"--{_BOUNDARY}--",
        "",
    ]
    headers = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
    if own.subject.namespace and kind == "pipeline":
        query["namespace"] = own.subject.namespace
    own.subject.calls[f"upload:{kind}"] += 1
    status, body = rest.exchange(
        "POST", f"/apis/v1beta1/pipelines/{path}?{urlencode(query)}", "\r\n".join(lines).encode(), headers
    )
    expect_equal(status, 200, f"the status of an upload, which says {body[:300]!r}")
    record: Json = json.loads(body)
    own.made(kind, record["id"])
    return record


@rule(st.tuples(strategies.workflows(), strategies.names(8), st.integers(0, 3)), needs=(REST,))
def uploaded_pipelines_are_read_back(subject: Subject, example: tuple[Json, str, int]) -> None:
    """A pipeline is read as it was uploaded: name, parameters, template; its newest version is what it shows."""
    workflow, name, versions = example
    with Workspace(subject) as own:
        name = f"{own.tag}-{name}".strip()
        pipeline = upload(own, "upload", json.dumps(workflow), "pipeline", name=name)["id"]
        first = subject.must("GetPipelineV1", {"id": pipeline}).default_version.id
        own.made("version", first)
        subject.second()
        made = [first]
        for number in range(versions):
            query = {"name": f"v{number}", "pipelineid": pipeline}
            made.append(upload(own, "upload_version", json.dumps(workflow), "version", **query)["id"])
            subject.second()
        _check(subject, workflow, name, pipeline, made)


def _check(subject: Subject, workflow: Json, name: str, pipeline: str, versions: list[str]) -> None:
    read = subject.must("GetPipelineV1", {"id": pipeline})
    expect_equal(read.name, name, "the name of a pipeline")
    asked = workflow["spec"].get("arguments", {}).get("parameters", [])
    expect_equal(
        [(each.name, each.value) for each in read.parameters],
        [(p["name"], p["value"]) for p in asked],
        "its parameters",
    )
    expect(read.default_version.id in versions, "a pipeline shows a version that it does not have")
    by_name = {"predicates": [{"op": "EQUALS", "key": "name", "string_value": name}]}
    if "%" not in name and "+" not in name:
        listed = subject.must("ListPipelinesV1", {"filter": json.dumps(by_name)}).pipelines
        expect_equal([each.id for each in listed], [pipeline], "the pipelines of this name")
    key = {"resource_key": {"type": "PIPELINE", "id": pipeline}, "page_size": 100}
    found = [each.id for each in subject.must("ListPipelineVersionsV1", key).versions]
    expect_equal(sorted(found), sorted(versions), "the versions of a pipeline")
    for id in versions:
        template = json.loads(subject.must("GetPipelineVersionTemplate", {"version_id": id}).template)
        expect_equal(
            template["spec"]["entrypoint"], workflow["spec"]["entrypoint"], "the entrypoint of a template"
        )
        names = [each["name"] for each in template["spec"]["templates"]]
        expect_equal(
            names, [each["name"] for each in workflow["spec"]["templates"]], "the templates of a template"
        )


@rule(strategies.names(6), needs=(REST,))
def runs_of_pipelines_show_their_origin(subject: Subject, name: str) -> None:
    """A run made from a pipeline takes its newest version, and says which; a pipeline with versions can't be deleted."""
    with Workspace(subject) as own:
        manifest = own.run()["pipeline_spec"]["workflow_manifest"]
        pipeline = upload(own, "upload", manifest, "pipeline", name=f"{own.tag}-{name}".strip())["id"]
        version = subject.must("GetPipelineV1", {"id": pipeline}).default_version.id
        own.made("version", version)
        run = own.create_run(own.run(pipeline_spec={"pipeline_id": pipeline})).run
        origin = [each.key.id for each in run.resource_references if each.key.type == 4]
        expect_equal(origin, [version], "the pipeline version that a run refers to")
        expect_equal(
            json.loads(run.pipeline_spec.workflow_manifest)["spec"]["entrypoint"], "main", "its entrypoint"
        )
        subject.refused("DeletePipelineV1", {"id": pipeline}, "INVALID_ARGUMENT")


RULES = (uploaded_pipelines_are_read_back, runs_of_pipelines_show_their_origin)
