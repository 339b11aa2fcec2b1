"""Pipelines and their versions, as they are uploaded over REST."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from hypothesis import strategies as st

from fake_kfp import strategies
from fake_kfp.conformance.errors import expect, expect_equal
from fake_kfp.conformance.rules.rule import REST, rule
from fake_kfp.conformance.server.dialects import PIPELINE_KIND, RUN, V1BETA1, VERSION, Dialect
from fake_kfp.conformance.server.doors import as_json
from fake_kfp.conformance.server.plainest import MANIFEST, PIPELINE
from fake_kfp.conformance.server.subject import Subject, Workspace, filter_text

Json = dict[str, Any]
_BOUNDARY = "conformance-boundary"


def upload(own: Workspace, path: str, text: str, kind: str, **query: str) -> str:
    """Uploads a manifest; gives the id of what came of it. Raises ContractError where it is refused."""
    rest, dialect = own.subject.rest, own.subject.dialect
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
    if own.subject.namespace and kind == PIPELINE_KIND:
        query["namespace"] = own.subject.namespace
    own.subject.calls[f"upload:{kind}"] += 1
    address = f"{dialect.path}/pipelines/{path}?{urlencode(query)}"
    status, body = rest.exchange("POST", address, "\r\n".join(lines).encode(), headers)
    expect_equal(status, 200, f"the status of an upload, which says {body[:300]!r}")
    id: str = json.loads(body)[dialect.kinds[kind].id]
    own.made(kind, id)
    return id


def versions_of(own: Workspace, pipeline: str) -> list[str]:
    """The ids of a pipeline's versions, all of which are noted: they have to go before it can."""
    dialect = own.subject.dialect
    request: Json = {"resource_key": {"type": "PIPELINE", "id": pipeline}}
    request = request if dialect is V1BETA1 else {"pipeline_id": pipeline}
    reply = own.subject.must(dialect.rpc("List", VERSION), {"page_size": 100, **request})
    return [dialect.id_of(VERSION, version) for version in dialect.listed(VERSION, reply)]


def _uploads(dialect: Dialect) -> st.SearchStrategy[tuple[Json, str, int]]:
    content = strategies.workflows() if dialect is V1BETA1 else strategies.pipelines(max_tasks=2, max_depth=1)
    return st.tuples(content, strategies.names(8), st.integers(0, 3))


@rule(_uploads, needs=(REST,))
def uploaded_pipelines_are_read_back(subject: Subject, example: tuple[Json, str, int]) -> None:
    """A pipeline is read as it was uploaded: name, parameters, template; its newest version is what it shows."""
    content, name, versions = example
    with Workspace(subject) as own:
        name = f"{own.tag}-{name}".strip()
        pipeline = upload(own, "upload", json.dumps(content), PIPELINE_KIND, name=name)
        made = versions_of(own, pipeline)
        expect_equal(len(made), 1, "the number of versions of a new pipeline")
        own.made(VERSION, made[0])
        subject.second()
        for number in range(versions):
            query = {"name": f"v{number}", "pipelineid": pipeline}
            made.append(upload(own, "upload_version", json.dumps(content), VERSION, **query))
            subject.second()
        expect_equal(sorted(versions_of(own, pipeline)), sorted(made), "the versions of a pipeline")
        _check_name(subject, name, pipeline)
        (_check_v1 if subject.dialect is V1BETA1 else _check_v2)(subject, content, pipeline, made)


def _check_name(subject: Subject, name: str, pipeline: str) -> None:
    dialect = subject.dialect
    expect_equal(subject.get(PIPELINE_KIND, pipeline).name, name, "the name of a pipeline")
    found = filter_text({"predicates": [{"op": "EQUALS", "key": "name", "string_value": name}]}, dialect)
    listed = dialect.listed(
        PIPELINE_KIND, subject.must(dialect.rpc("List", PIPELINE_KIND), {"filter": found})
    )
    expect_equal(
        [dialect.id_of(PIPELINE_KIND, each) for each in listed], [pipeline], "the pipelines of this name"
    )


def _check_v1(subject: Subject, workflow: Json, pipeline: str, versions: list[str]) -> None:
    read = subject.get(PIPELINE_KIND, pipeline)
    asked = workflow["spec"].get("arguments", {}).get("parameters", [])
    shown = [(each.name, each.value) for each in read.parameters]
    expect_equal(shown, [(p["name"], p["value"]) for p in asked], "its parameters")
    expect(read.default_version.id in versions, "a pipeline shows a version that it does not have")
    for id in versions:
        template = json.loads(subject.must("GetPipelineVersionTemplate", {"version_id": id}).template)
        for part in ("entrypoint", "templates"):
            expect_equal(_named(template, part), _named(workflow, part), f"the {part} of a template")


def _named(workflow: Json, part: str) -> Any:
    value = workflow["spec"][part]
    return [each["name"] for each in value] if isinstance(value, list) else value


def _check_v2(subject: Subject, content: Json, pipeline: str, versions: list[str]) -> None:
    for id in versions:
        version = subject.must("GetPipelineVersion", {"pipeline_id": pipeline, "pipeline_version_id": id})
        expect_equal(version.pipeline_id, pipeline, "the pipeline of a version")
        spec = as_json(version)["pipeline_spec"]
        expect_equal(spec["pipelineInfo"], content["pipelineInfo"], "what a version says of its pipeline")
        for part in ("components", "root"):
            expect_equal(
                _without_nothing(spec[part]), _without_nothing(content[part]), f"the {part} of a version"
            )


def _without_nothing(value: Any) -> Any:
    """What is stored of a pipeline leaves out what is empty (of constants nothing is left out)."""
    if isinstance(value, list):
        return [_without_nothing(item) for item in value]
    if not isinstance(value, dict) or "constant" in value:
        return value
    kept = {key: item if key == "defaultValue" else _without_nothing(item) for key, item in value.items()}
    return {
        key: item
        for key, item in kept.items()
        if key == "defaultValue" or item not in ("", [], {}, None, False, 0)
    }


@rule(strategies.names(6), needs=(REST,))
def runs_of_pipelines_show_their_origin(subject: Subject, name: str) -> None:
    """A run made from a pipeline takes its newest version, and says which; a pipeline with versions can't be deleted."""
    dialect = subject.dialect
    with Workspace(subject) as own:
        text = MANIFEST if dialect is V1BETA1 else json.dumps(PIPELINE)
        pipeline = upload(own, "upload", text, PIPELINE_KIND, name=f"{own.tag}-{name}".strip())
        versions = versions_of(own, pipeline)
        own.made(VERSION, versions[0])
        source = "pipeline_spec" if dialect is V1BETA1 else "pipeline_version_reference"
        asked = {key: value for key, value in own.run().items() if key != "pipeline_spec"}
        run = own.create(RUN, asked | {source: {"pipeline_id": pipeline}})
        expect_equal([dialect.version_of(run)], versions, "the pipeline version that a run refers to")
        seen = subject.get(RUN, dialect.id_of(RUN, run))
        expect_equal(
            [dialect.version_of(seen)], versions, "the pipeline version that a run refers to when it is read"
        )
        if dialect is V1BETA1:
            manifest = json.loads(run.pipeline_spec.workflow_manifest)
            expect_equal(manifest["spec"]["entrypoint"], "main", "its entrypoint")
        subject.refuses("Delete", PIPELINE_KIND, pipeline, "INVALID_ARGUMENT")


RULES = (uploaded_pipelines_are_read_back, runs_of_pipelines_show_their_origin)
