"""Fields that pipeline specs have since later releases, and what is made of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fake_kfp import FakeKfp
from fake_kfp.ir.document import read_pipeline_ir
from fake_kfp.versions import dialect_of
from tests.server.calling import rest


def spec(**changes: Any) -> dict[str, Any]:
    return {
        "pipelineInfo": {"name": "one"},
        "root": {
            "dag": {"tasks": {"a": {"taskInfo": {"name": "a"}, "componentRef": {"name": "comp-a"}}}},
            "inputDefinitions": {
                "parameters": {"text": {"parameterType": "STRING", **changes.pop("text", {})}}
            },
        },
        "components": {"comp-a": {"executorLabel": "exec-a", **changes.pop("component", {})}},
        "deploymentSpec": {
            "executors": {"exec-a": changes.pop("executor", {"container": {"image": "busybox"}})}
        },
        "schemaVersion": "2.1.0",
        "sdkVersion": "kfp-2.16.0",
    }


PASSED = {"taskConfigPassthroughs": [{"field": "RESOURCES", "applyToTask": True}]}


@pytest.mark.parametrize(
    ("since", "changes"),
    [
        ("2.15", {"component": PASSED}),
        ("2.16", {"text": {"literals": ["a", "b"]}}),
    ],
)
def test_a_field_is_known_from_its_release_on(since: str, changes: dict[str, Any]) -> None:
    text = json.dumps(spec(**changes))
    for release in ("2.14", "2.15", "2.16", "2.17"):
        ir = read_pipeline_ir(text, dialect_of(release))
        assert (ir is not None) == (release >= since), release


def run(fake: FakeKfp, value: str, document: dict[str, Any]) -> tuple[int, Any]:
    asked = {
        "display_name": "r",
        "pipeline_spec": document,
        "runtime_config": {"parameters": {"text": value}},
    }
    return rest(fake.url, "POST", "/apis/v2beta1/runs", asked)


def test_other_values_than_the_literals_are_refused() -> None:
    with FakeKfp(version="2.16") as fake:
        document = spec(text={"literals": ["a", "b"]})
        assert run(fake, "a", document)[0] == 200
        status, reply = run(fake, "c", document)
        text = (
            'input parameter "text" value string_value:"c" does not match any of the allowed literal values:'
            ' [string_value:"a" string_value:"b"]'
        )
        assert (status, reply["details"][0]["message"]) == (400, text)


@pytest.mark.parametrize(("release", "replaced"), [("2.15", False), ("2.16", True)])
def test_macros_in_the_parameters_of_v2_runs(release: str, replaced: bool) -> None:
    with FakeKfp(version=release, simulation="manual") as fake:
        made = run(fake, "x-[[RunUUID]]", spec())[1]
        detail = rest(fake.url, "GET", f"/apis/v1beta1/runs/{made['run_id']}")[1]
        manifest = detail["pipeline_runtime"]["pipeline_manifest"]
        assert (f"x-{made['run_id']}" in manifest) == replaced
