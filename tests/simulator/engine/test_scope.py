"""What tasks and steps may refer to, and what it stands for."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from fake_kfp.golang.errors import GoError
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.engine.stops import TemplateError
from fake_kfp.simulator.engine.variables.scope import (
    Layers,
    Scope,
    input_variables,
    node_variables,
    output_variables,
    resolve_artifact,
    resolve_artifacts,
    resolve_parameter,
)

Json = dict[str, Any]
MODEL = {"name": "model", "path": "/m", "s3": {"bucket": "b", "key": "dir/k"}}
SCOPE: dict[str, object] = {
    "tasks.a.outputs.artifacts.model": MODEL,
    "tasks.a.outputs.parameters.n": "7",
    "inputs.parameters.sub": "x/y",
}
FROM = "{{tasks.a.outputs.artifacts.model}}"


def test_the_first_layer_that_has_a_text_counts_and_artifacts_are_no_texts() -> None:
    layers = Layers({"a": MODEL, "b": "1"}, {"a": "2", "b": "3", "c": "4"})
    assert dict(layers) == {"b": "1", "a": "2", "c": "4"}
    assert "d" not in layers


def test_a_scope_asks_for_what_others_give_only_once_and_only_when_it_is_named() -> None:
    asked: list[str] = []

    def provide(name: str) -> dict[str, object]:
        asked.append(name)
        return {f"tasks.{name}.status": "Succeeded"}

    scope = Scope("tasks", {"inputs.parameters.p": "1"}, provide, lambda: ["a", "b"])
    assert scope["inputs.parameters.p"] == "1"
    assert "steps.a.status" not in scope
    assert asked == []
    assert scope["tasks.a.status"] == scope["tasks.a.status"] == "Succeeded"
    assert "tasks.a.outputs.result" not in scope
    assert asked == ["a"]
    assert list(scope) == ["tasks.a.status", "tasks.b.status", "inputs.parameters.p"]


def test_what_is_added_goes_before_what_others_give_and_not_into_a_copy() -> None:
    scope = Scope("tasks", {}, lambda name: {f"tasks.{name}.status": "Failed"}, lambda: ["a"])
    copied = scope.copy()
    scope.add({"tasks.a.status": "Succeeded"})
    assert (scope["tasks.a.status"], copied["tasks.a.status"]) == ("Succeeded", "Failed")


def test_inputs_of_a_template_are_variables() -> None:
    inputs = {"parameters": [{"name": "p", "value": 5}, {"name": "q"}], "artifacts": [MODEL]}
    assert input_variables({"inputs": inputs}) == {
        "inputs.parameters.p": "5",
        "inputs.parameters.q": "",
        "inputs.artifacts.model": MODEL,
    }


def test_a_node_offers_what_is_known_of_it() -> None:
    start = datetime(2024, 1, 1, tzinfo=timezone.utc)
    node = Node("W-1", "W.a", "a", "Pod", "Running", start)
    assert node_variables("tasks.a", node) == {
        "tasks.a.id": "W-1",
        "tasks.a.startedAt": "2024-01-01T00:00:00Z",
        "tasks.a.status": "Running",
    }


@pytest.mark.parametrize("prefix", ["tasks.a", "workflow"])
def test_only_the_workflow_has_neither_result_nor_exit_code(prefix: str) -> None:
    outputs = {
        "result": "r",
        "exitCode": "0",
        "parameters": [{"name": "p", "value": 1}, {"name": "q"}],
        "artifacts": [MODEL],
    }
    own = {} if prefix == "workflow" else {f"{prefix}.outputs.result": "r", f"{prefix}.exitCode": "0"}
    assert output_variables(prefix, outputs) == {
        **own,
        f"{prefix}.outputs.parameters.p": "1",
        f"{prefix}.outputs.artifacts.model": MODEL,
    }


def test_a_parameter_that_asks_for_nothing_is_empty() -> None:
    assert resolve_parameter({}, SCOPE) == ""
    assert resolve_parameter({"parameter": "{{tasks.a.outputs.parameters.n}}"}, SCOPE) == "7"
    assert resolve_parameter({"expression": "tasks.a.outputs.parameters.n + '!'"}, SCOPE) == "7!"


@pytest.mark.parametrize(
    "reference",
    [
        {"from": FROM},
        {"fromExpression": "true ? tasks.a.outputs.artifacts.model : tasks.a.outputs.artifacts.model"},
    ],
    ids=["from", "expression"],
)
def test_an_artifact_is_found_by_name_or_expression(reference: Json) -> None:
    assert resolve_artifact({"name": "x", **reference}, SCOPE) == MODEL


@pytest.mark.parametrize(
    ("reference", "come_from", "expression"),
    [
        ({"from": "{{tasks.a.outputs.parameters.n}}"}, "{{tasks.a.outputs.parameters.n}}", ""),
        ({"fromExpression": "tasks.a.outputs.parameters.n"}, "", "tasks.a.outputs.parameters.n"),
        ({"fromExpression": "{'name': 'made'}"}, "", "{'name': 'made'}"),
    ],
    ids=["parameter", "text", "map"],
)
def test_what_is_no_artifact_is_refused_with_all_that_was_asked(
    reference: Json, come_from: str, expression: str
) -> None:
    with pytest.raises(TemplateError) as raised:
        resolve_artifact({"name": "x", "optional": True, **reference}, SCOPE)
    text = raised.value.text
    assert text.startswith(
        f"Variable {{{{&Artifact{{Name:x,Path:,Mode:nil,From:{come_from},ArtifactLocation:"
    )
    assert text.endswith(
        f"FromExpression:{expression},ArtifactGC:nil,Deleted:false,}}}}}} is not an artifact"
    )


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("s3", "key"),
        ("gcs", "key"),
        ("oss", "key"),
        ("azure", "blob"),
        ("hdfs", "path"),
        ("artifactory", "url"),
        ("http", "url"),
    ],
)
def test_a_subpath_goes_behind_the_key_of_where_the_artifact_lies(kind: str, key: str) -> None:
    scope = {**SCOPE, "tasks.a.outputs.artifacts.model": {"name": "model", kind: {key: "dir"}}}
    asked = {"name": "x", "from": FROM, "subPath": "{{inputs.parameters.sub}}"}
    assert resolve_artifact(asked, scope) == {"name": "model", kind: {key: "dir/x/y"}}


def test_arguments_take_what_their_artifacts_refer_to_under_their_own_names() -> None:
    own = {"name": "own", "raw": {"data": "d"}}
    arguments = {"parameters": [{"name": "p"}], "artifacts": [{"name": "x", "from": FROM}, own]}
    resolved = resolve_artifacts(arguments, SCOPE, in_dag=True)
    assert resolved == {"parameters": [{"name": "p"}], "artifacts": [{**MODEL, "name": "x"}, own]}


def test_dags_leave_expressions_alone() -> None:
    artifact = {"name": "x", "fromExpression": "tasks.a.outputs.artifacts.model"}
    arguments = {"artifacts": [artifact]}
    assert resolve_artifacts(arguments, SCOPE, in_dag=True) == arguments
    assert resolve_artifacts(arguments, SCOPE, in_dag=False) == {"artifacts": [{**MODEL, "name": "x"}]}


def test_an_optional_artifact_that_is_not_there_stays_as_it_is() -> None:
    gone = {"name": "x", "from": "{{tasks.b.outputs.artifacts.y}}"}
    with pytest.raises((TemplateError, GoError)):
        resolve_artifacts({"artifacts": [gone]}, SCOPE, in_dag=True)
    optional = {"artifacts": [{**gone, "optional": True}]}
    assert resolve_artifacts(optional, SCOPE, in_dag=True) == optional


def test_an_optional_artifact_that_refers_to_something_else_is_an_error_in_dags_only() -> None:
    optional = {"artifacts": [{"name": "x", "from": "{{tasks.a.outputs.parameters.n}}", "optional": True}]}
    assert resolve_artifacts(optional, SCOPE, in_dag=False) == optional
    with pytest.raises(TemplateError, match="is not an artifact"):
        resolve_artifacts(optional, SCOPE, in_dag=True)
