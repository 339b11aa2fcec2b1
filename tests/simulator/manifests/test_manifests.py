"""Manifests come back in Go's marshalled form, or are refused in Go's words."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp.simulator.manifests import (
    ManifestError,
    decode,
    dumps,
    normalise,
    parse_workflow,
    parse_workflow_json,
    type_meta,
)
from fake_kfp.simulator.manifests.types.custom import RawKind
from fake_kfp.simulator.manifests.types.kinds import AnyKind, Kind
from fake_kfp.simulator.manifests.types.structs import StructKind
from fake_kfp.simulator.manifests.types.table import EDITIONS, go_type

EMPTY_FORM = '{"metadata":{"creationTimestamp":null},"spec":{"arguments":{}},"status":{"startedAt":null,"finishedAt":null}}'


def template(body: str) -> dict[str, Any]:
    """The normal form of a workflow's only template."""
    parsed: dict[str, Any] = parse_workflow(f"spec: {{templates: [{{name: a, {body}}}]}}")["spec"][
        "templates"
    ][0]
    return parsed


def refusal(text: str) -> str:
    with pytest.raises(ManifestError) as caught:
        parse_workflow(text)
    return caught.value.text


def template_refusal(body: str) -> str:
    return refusal(f"spec: {{templates: [{{name: a, {body}}}]}}").removeprefix(
        "error unmarshaling JSON: while decoding JSON: "
    )


@pytest.mark.parametrize("text", ["", "null", "{}", "# nothing", "---\n...\n"])
def test_nothing_is_an_empty_workflow(text: str) -> None:
    assert dumps(parse_workflow(text)) == EMPTY_FORM


def test_fields_stand_in_the_order_of_the_go_structs() -> None:
    text = "spec: {arguments: {}, entrypoint: a}\nkind: Workflow\nmetadata: {name: w, annotations: {d: e, c: f}}\napiVersion: v"
    assert dumps(parse_workflow(text)) == (
        '{"kind":"Workflow","apiVersion":"v",'
        '"metadata":{"name":"w","creationTimestamp":null,"annotations":{"c":"f","d":"e"}},'
        '"spec":{"entrypoint":"a","arguments":{}},"status":{"startedAt":null,"finishedAt":null}}'
    )


def test_what_go_always_writes_is_there() -> None:
    assert template("container: {image: i}") == {
        "name": "a",
        "inputs": {},
        "outputs": {},
        "metadata": {},
        "container": {"name": "", "image": "i", "resources": {}},
    }


@pytest.mark.parametrize(
    ("body", "field", "expected"),
    [
        ("nonsense: 1, suspend: {}", "suspend", {}),
        ("SUSPEND: {Duration: 5}", "suspend", {"duration": "5"}),
        ("daemon: false, suspend: {}", "daemon", False),
        (
            "container: {args: [1, y, 1.50, null]}",
            "container",
            {"name": "", "args": ["1", "true", "1.5", ""], "resources": {}},
        ),
        ("container: {args: []}", "container", {"name": "", "resources": {}}),
        ("activeDeadlineSeconds: '{{x}}'", "activeDeadlineSeconds", "{{x}}"),
        ("retryStrategy: {limit: 3}", "retryStrategy", {"limit": 3}),
        (
            "inputs: {parameters: [{name: p, value: 1.50}]}",
            "inputs",
            {"parameters": [{"name": "p", "value": "1.5"}]},
        ),
        (
            "inputs: {parameters: [{name: p, value: [1]}]}",
            "inputs",
            {"parameters": [{"name": "p", "value": ""}]},
        ),
        (
            "steps: [[{name: s, withItems: [1.0, {b: n, a: 2}]}]]",
            "steps",
            [[{"name": "s", "arguments": {}, "withItems": [1, {"a": 2, "b": False}]}]],
        ),
        ("dag: {}", "dag", {"tasks": None}),
        (
            "container: {livenessProbe: {httpGet: {path: x}}}",
            "container",
            {"name": "", "resources": {}, "livenessProbe": {"httpGet": {"path": "x", "port": 0}}},
        ),
        ("plugin: {slack: {text: hi}}", "plugin", {"slack": {"text": "hi"}}),
    ],
)
def test_values_take_the_shape_of_their_go_type(body: str, field: str, expected: object) -> None:
    assert template(body)[field] == expected


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (
            "container: {args: x}",
            "string into Go struct field Container.spec.templates.container.args of type []string",
        ),
        (
            "dag: {tasks: {}}",
            "object into Go struct field DAGTemplate.spec.templates.dag.tasks of type []v1alpha1.DAGTask",
        ),
        (
            "dag: {tasks: [5]}",
            "number into Go struct field DAGTemplate.spec.templates.dag.tasks of type v1alpha1.DAGTask",
        ),
        ("daemon: x", "string into Go struct field Template.spec.templates.daemon of type bool"),
        (
            "activeDeadlineSeconds: 1.5",
            "number 1.5 into Go struct field Template.spec.templates.activeDeadlineSeconds of type int32",
        ),
        (
            "steps: [[{name: 5}]]",
            "number into Go struct field Template.spec.templates.steps.name of type string",
        ),
        (
            "steps: [{name: s}]",
            "object into Go struct field Template.spec.templates.steps of type []map[string]interface {}",
        ),
        ("steps: [[{name: s, colour: red}]]", 'json: unknown field "colour"'),
        (
            "script: {image: 5}",
            "number into Go struct field ScriptTemplate.spec.templates.script.Container.image of type string",
        ),
        ("plugin: {}", "expected exactly one key, got 0"),
        (
            "container: {resources: {limits: {cpu: 1X}}}",
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
        ("container: {resources: {limits: {cpu: 1Kii}}}", "unable to parse quantity's suffix"),
    ],
)
def test_what_does_not_fit_its_type_is_refused(body: str, error: str) -> None:
    assert template_refusal(body).removeprefix("json: cannot unmarshal ") == error


def test_the_first_misfit_in_the_order_of_keys_is_the_one_reported() -> None:
    error = refusal("spec: {templates: 5, arguments: 6}")
    assert error.endswith(
        "number into Go struct field WorkflowSpec.spec.arguments of type v1alpha1.Arguments"
    )


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("2020-01-01T00:00:00+02:00", "2019-12-31T22:00:00Z"),
        ("2020-01-01T00:00:00.75Z", "2020-01-01T00:00:00Z"),
        ("0001-01-01T00:00:00Z", None),
    ],
)
def test_times_are_written_in_utc(given: str, written: str | None) -> None:
    assert parse_workflow(json.dumps({"metadata": {"creationTimestamp": given}}))["metadata"] == {
        "creationTimestamp": written
    }


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ("x", 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'),
        ("2020-13-01T00:00:00Z", 'parsing time "2020-13-01T00:00:00Z": month out of range'),
        (
            'a\nb\u00e9"',
            'parsing time "a\\x0ab\\xc3\\xa9\\"" as "2006-01-02T15:04:05Z07:00": cannot parse "a\\x0ab\\xc3\\xa9\\"" as "2006"',
        ),
        ("2020-02-30T00:00:00Z", 'parsing time "2020-02-30T00:00:00Z": day out of range'),
        ("2020-02-20T00:00:00Zx", 'parsing time "2020-02-20T00:00:00Zx": extra text: "x"'),
    ],
)
def test_bad_times_are_refused(given: str, error: str) -> None:
    text = json.dumps({"metadata": {"creationTimestamp": given}})
    assert refusal(text) == f"error unmarshaling JSON: while decoding JSON: {error}"


def test_every_caller_has_a_copy_of_its_own() -> None:
    text = '{"metadata":{"name":"mine"}}'
    parse_workflow(text)["metadata"]["name"] = "changed"
    assert parse_workflow(text)["metadata"]["name"] == "mine"


def test_json_is_written_as_go_writes_it() -> None:
    assert dumps({"b": "<&>", "a": [1e-7, 0.00001, 1e21, "é\u2028"]}) == (
        '{"b":"\\u003c\\u0026\\u003e","a":[1e-7,0.00001,1e+21,"é\\u2028"]}'
    )


@pytest.mark.parametrize(
    ("text", "meta"),
    [
        ("apiVersion: v1\nkind: Pod\nspec: 5", ("v1", "Pod")),
        ("APIVERSION: 1.5\nkind: n", ("1.5", "false")),
        ("", ("", "")),
        ("[]", None),
        ("kind: {}", None),
        ("a: b: c", None),
    ],
)
def test_type_meta_is_read_from_any_text(text: str, meta: tuple[str, str] | None) -> None:
    assert type_meta(text) == meta


def test_kubernetes_reader_wants_names_in_their_case() -> None:
    assert parse_workflow_json('{"Kind":"A","metadata":{"name":"w"}}') == parse_workflow(
        "metadata: {name: w}"
    )


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[]", "array into Go value of type v1alpha1.Workflow"),
        ('{"metadata":{"name":1}}', "number into Go struct field ObjectMeta.metadata.name of type string"),
        ('{"kind":["a"]}', "array into Go struct field Workflow.kind of type string"),
        (
            '{"spec":{"templates":[{"steps":[[{"name":5}]]}]}}',
            "number into Go struct field Template.spec.templates.steps of type string",
        ),
        ("junk", "invalid character 'j' looking for beginning of value"),
        ("{", "unexpected end of JSON input"),
    ],
)
def test_kubernetes_reader_refuses_in_go_s_words(text: str, error: str) -> None:
    with pytest.raises(ManifestError) as caught:
        parse_workflow_json(text)
    assert caught.value.text.removeprefix("json: cannot unmarshal ") == error


def test_parts_of_a_workflow_can_be_normalised_alone() -> None:
    assert normalise([{"default": 5, "name": "p"}], "[]v1alpha1.Parameter") == [{"name": "p", "default": "5"}]


# -- rules ------------------------------------------------------------------------------------------------------------

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
SOME_FIELDS = st.sampled_from(
    ["name", "steps", "dag", "container", "inputs", "withItems", "image", "limit", "metadata", "suspend"]
)
TEMPLATES = st.dictionaries(SOME_FIELDS, VALUES, max_size=4)


@given(st.lists(TEMPLATES, max_size=2))
def test_the_normal_form_is_its_own_normal_form(templates: list[Any]) -> None:
    try:
        manifest = parse_workflow(json.dumps({"spec": {"templates": templates}}))
    except ManifestError:
        return
    assert parse_workflow(dumps(manifest)) == manifest
    assert json.loads(dumps(manifest)) == manifest


@given(
    st.dictionaries(
        SOME_FIELDS,
        st.none() | st.booleans() | st.integers(-9, 9) | st.text("abc {}1", max_size=6),
        max_size=4,
    )
)
def test_yaml_and_json_spellings_mean_the_same(body: dict[str, Any]) -> None:
    data = {"spec": {"templates": [{"container": body, "inputs": {"parameters": [body]}}]}}
    outcomes = []
    for text in (json.dumps(data), yaml.safe_dump(data), yaml.safe_dump(data, default_flow_style=True)):
        try:
            outcomes.append(dumps(parse_workflow(text)))
        except ManifestError as error:
            outcomes.append(error.text)
    assert len(set(outcomes)) == 1


@given(st.text("ab:-{}[],&*?!|>'\"# \n\t%<1.\\\x00\ud83d", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(ManifestError):
        assert parse_workflow(text)["status"] == {"startedAt": None, "finishedAt": None}


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (
            {"conditions": [{"type": 3}]},
            "ScheduledWorkflowCondition.status.conditions.type of type v1beta1.ScheduledWorkflowConditionType",
        ),
        (
            {"conditions": [{"status": 3}]},
            "ScheduledWorkflowCondition.status.conditions.status of type v1.ConditionStatus",
        ),
        (
            {"workflowHistory": {"active": [{"phase": 3}]}},
            "WorkflowStatus.status.workflowHistory.active.phase of type common.ExecutionPhase",
        ),
    ],
)
def test_misfits_in_a_scheduled_workflow_name_its_go_types(status: dict[str, Any], error: str) -> None:
    with pytest.raises(ManifestError) as caught:
        decode({"status": status}, "v1beta1.ScheduledWorkflow")
    assert caught.value.text == f"json: cannot unmarshal number into Go struct field {error}"


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_nodes_of_a_workflow_have_no_floats(edition: str) -> None:
    """They are written without a look for floats."""
    seen: dict[str, Kind] = {}
    left = [go_type("v1alpha1.Nodes", edition)]
    while left:
        kind = left.pop()
        if seen.setdefault(kind.name, kind) is kind:
            left += [each for each in (getattr(kind, "item", None), getattr(kind, "target", None)) if each]
            left += [member.kind for member in kind.members] if isinstance(kind, StructKind) else []
    assert "v1alpha1.Artifact" in seen
    assert not [kind.name for kind in seen.values() if isinstance(kind, AnyKind | RawKind)]
    assert not [name for name in seen if "float" in name]
