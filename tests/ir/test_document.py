"""Manifests of version 2: which documents count, and what is kept of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fake_kfp.errors import Code, KfpError
from fake_kfp.ir.document import PipelineIr, read_pipeline_ir
from tests.ir.compiling import Json

SPEC: Json = {
    "pipelineInfo": {"name": "p"},
    "root": {"dag": {"tasks": {"a": {"componentRef": {"name": "c"}}}}},
    "schemaVersion": "2.1.0",
}
PLATFORM: Json = {
    "platforms": {"kubernetes": {"deploymentSpec": {"executors": {"e": {"imagePullPolicy": "Always"}}}}}
}


def read(*documents: Any) -> PipelineIr | None:
    return read_pipeline_ir("\n---\n".join(map(json.dumps, documents)))


def refusal(*documents: Any) -> str:
    with pytest.raises(KfpError) as caught:
        read(*documents)
    assert caught.value.code is Code.INVALID_ARGUMENT
    return caught.value.message


@pytest.mark.parametrize(
    "documents", [(SPEC, PLATFORM), (PLATFORM, SPEC), (None, SPEC, "text", PLATFORM, [1])]
)
def test_documents_may_stand_in_any_order_among_others(documents: tuple[Any, ...]) -> None:
    assert read(*documents) == PipelineIr(SPEC, PLATFORM)


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"platforms": {}},
        {"platforms": {"vertex": {}}},
        {"platforms": {"kubernetes": {"owner": "me"}}},
        {"platforms": {"kubernetes": {}}, "owner": "me"},
        {**SPEC, "owner": "me"},
        {**SPEC, "pipelineInfo": {}},
        {"pipelineInfo": {"name": "p"}},
    ],
)
def test_documents_of_no_kind_do_not_count(other: Json) -> None:
    assert read(other) is None
    assert read(SPEC, other) == PipelineIr(SPEC)


def test_what_is_kept_is_in_the_form_of_protobuf() -> None:
    snake = {
        "pipeline_info": {"name": "p", "description": ""},
        "root": SPEC["root"],
        "schema_version": "2.1.0",
    }
    platform = {
        "platforms": {"kubernetes": {"deployment_spec": {"executors": {"e": {"a_b": 1.0}}}, "platform": ""}}
    }
    kept = read(snake, platform)
    assert kept is not None
    assert kept.spec == SPEC
    assert kept.platform == {
        "platforms": {"kubernetes": {"deploymentSpec": {"executors": {"e": {"a_b": 1}}}}}
    }
    assert kept.text() == (
        "pipelineInfo:\n  name: p\nroot:\n  dag:\n    tasks:\n      a:\n        componentRef:\n          name: c\n"
        "schemaVersion: 2.1.0\n\n---\nplatforms:\n  kubernetes:\n    deploymentSpec:\n      executors:\n        e:\n          a_b: 1\n"
    )


@pytest.mark.parametrize(
    ("documents", "words"),
    [
        ([SPEC, SPEC], "multiple pipeline specs provided: pipeline spec is invalid"),
        ([SPEC, PLATFORM, PLATFORM], "multiple platform specs provided: Platform spec is invalid"),
        (
            [{**SPEC, "schemaVersion": "2.0.0"}],
            "KFP only supports schema version 2.1.0, but the pipeline spec has version 2.0.0: pipeline spec is invalid",
        ),
        (
            [{**SPEC, "schemaVersion": ""}],
            "KFP only supports schema version 2.1.0, but the pipeline spec has version : pipeline spec is invalid",
        ),
        (
            [{**SPEC, "pipelineInfo": {"name": "P-."}}],
            "invalid v2 pipeline spec: name should consist of lower case alphanumeric characters, '-' or '.', and must start and end"
            " with an alphanumeric character: pipeline spec is invalid",
        ),
    ],
)
def test_what_is_refused(documents: list[Json], words: str) -> None:
    assert refusal(*documents) == f"InvalidInputError: {words}"


@pytest.mark.parametrize("name", ["Upper", "has space", "a/b", "-9"])
def test_one_good_letter_makes_a_name(name: str) -> None:
    kept = read({**SPEC, "pipelineInfo": {"name": name}})
    assert kept is not None
    assert kept.name == name


def test_what_is_no_yaml_is_no_pipeline() -> None:
    assert read_pipeline_ir("a: [") is None
    assert read_pipeline_ir("") is None
