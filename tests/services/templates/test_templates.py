import json
from typing import Any

import pytest

from fake_kfp.errors import Code, KfpError
from fake_kfp.services.settings import Settings
from fake_kfp.services.templates.run_workflow import RunRequest
from fake_kfp.services.templates.template import TemplateKind, parse_template

HEAD = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"generateName": "w-"}}
LEAF = {"name": "main", "container": {"image": "busybox"}}
IR = {
    "pipelineInfo": {"name": "hello"},
    "root": {"dag": {"tasks": {}}},
    "schemaVersion": "2.1.0",
}


def workflow(**spec: object) -> str:
    return json.dumps({**HEAD, "spec": {"entrypoint": "main", "templates": [LEAF], **spec}})


def request(**given: Any) -> RunRequest:
    return RunRequest(settings=Settings(), name="nightly", run_id="run-1", run_at=0, **given)


def parameters(**values: str) -> dict[str, object]:
    return {"parameters": [{"name": name, "value": value} for name, value in values.items()]}


def refusal(text: str) -> KfpError:
    with pytest.raises(KfpError) as caught:
        parse_template(text)
    return caught.value


def test_a_workflow_is_told_from_a_v2_pipeline() -> None:
    assert parse_template(workflow()).kind is TemplateKind.V1
    assert parse_template(json.dumps(IR)).kind is TemplateKind.V2


@pytest.mark.parametrize("text", ["", "just words", "[1]", "{}", "{", "a: b: c", '{"kind": "Workflow"}'])
def test_anything_else_is_an_unknown_format_even_if_it_is_no_yaml(text: str) -> None:
    error = refusal(text)
    assert error.message == "InvalidInputError: unknown template format: pipeline spec is invalid"


@pytest.mark.parametrize("head", ["", "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: "])
def test_a_manifest_that_is_nested_too_deeply_says_so(head: str) -> None:
    text = refusal(f"{head}{'{a: ' * 300}1{'}' * 300}").message
    assert "fake_kfp: the manifest is nested deeper than 200 levels" in text


def test_another_version_of_argo_is_unsupported() -> None:
    error = refusal(workflow().replace("v1alpha1", "v1beta9"))
    assert error.message.endswith(
        "Unsupported argo version. Expected: argoproj.io/v1alpha1. Received: argoproj.io/v1beta9"
    )


def test_what_the_linter_refuses_is_no_error_of_kfps_own() -> None:
    error = refusal(workflow(templates=[LEAF, LEAF])).as_seen()
    assert (error.code, error.detail_code) == (Code.INTERNAL, Code.UNKNOWN)
    assert error.message == "Internal error: spec.templates[1].name 'main' is not unique"


def test_the_entrypoint_is_not_looked_at_yet() -> None:
    parse_template(workflow(entrypoint="elsewhere"))


def test_a_template_is_stored_in_gos_form() -> None:
    stored = json.loads(parse_template(workflow()).stored_text())
    assert stored["metadata"] == {"generateName": "w-", "creationTimestamp": None}
    assert stored["spec"]["templates"][0]["inputs"] == {}


def test_parameters_keep_name_default_and_value_only() -> None:
    declared = {"name": "p", "default": "d", "value": "v", "description": "x", "enum": ["v"]}
    template = parse_template(workflow(arguments={"parameters": [declared]}))
    assert template.parameters_json() == '[{"name":"p","default":"d","value":"v"}]'


def test_a_run_is_marked_on_workflow_pods_and_templates() -> None:
    made = parse_template(workflow()).run_workflow(request())
    assert made["metadata"]["labels"] == {"pipeline/runid": "run-1"}
    assert made["metadata"]["annotations"] == {"pipelines.kubeflow.org/run_name": "nightly"}
    assert made["spec"]["podMetadata"] == {"labels": {"pipeline/runid": "run-1"}}
    assert made["spec"]["templates"][0]["metadata"] == {
        "annotations": {"sidecar.istio.io/inject": "false"},
        "labels": {"pipelines.kubeflow.org/cache_enabled": "true"},
    }


def test_the_cache_label_is_forced_but_the_istio_annotation_is_not() -> None:
    metadata = {
        "annotations": {"sidecar.istio.io/inject": "true"},
        "labels": {"pipelines.kubeflow.org/cache_enabled": "false"},
    }
    made = parse_template(workflow(templates=[{**LEAF, "metadata": metadata}])).run_workflow(request())
    assert made["spec"]["templates"][0]["metadata"] == {
        "annotations": {"sidecar.istio.io/inject": "true"},
        "labels": {"pipelines.kubeflow.org/cache_enabled": "true"},
    }


def test_a_template_makes_any_number_of_workflows() -> None:
    template = parse_template(workflow(arguments=parameters(p="x")))
    first = template.run_workflow(request(parameters='[{"name":"p","value":"1"}]'))
    second = template.run_workflow(request())
    assert first["spec"]["arguments"]["parameters"] == [{"name": "p", "value": "1"}]
    assert second["spec"]["arguments"]["parameters"] == [{"name": "p", "value": "x"}]


def test_of_two_values_for_a_parameter_the_last_one_counts() -> None:
    template = parse_template(workflow(arguments=parameters(p="x")))
    made = template.run_workflow(request(parameters='[{"name":"p","value":"1"},{"name":"p","value":"2"}]'))
    assert made["spec"]["arguments"]["parameters"] == [{"name": "p", "value": "2"}]


def test_a_parameter_without_value_becomes_empty_even_if_it_has_a_default() -> None:
    template = parse_template(workflow(arguments={"parameters": [{"name": "p", "default": "d"}]}))
    assert template.run_workflow(request())["spec"]["arguments"]["parameters"] == [{"name": "p", "value": ""}]


def test_an_undeclared_parameter_is_refused() -> None:
    with pytest.raises(KfpError) as caught:
        parse_template(workflow()).run_workflow(request(parameters='[{"name":"z","value":"1"}]'))
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert (
        caught.value.message
        == "Failed to verify parameters: Invalid input error: Unrecognized input parameter: z"
    )


@pytest.mark.parametrize(
    ("asked", "declared", "used"),
    [
        ("mine", "theirs", "mine"),
        ("", "theirs", "theirs"),
        ("", "pipeline-runner", "default-editor"),
        ("", "", "default-editor"),
    ],
)
def test_the_service_account_is_the_requests_the_manifests_or_the_deployments(
    asked: str, declared: str, used: str
) -> None:
    settings = Settings(default_service_account="default-editor")
    spec = {"serviceAccountName": declared} if declared else {}
    made = parse_template(workflow(**spec)).run_workflow(
        RunRequest(settings, service_account=asked, run_id="r")
    )
    assert made["spec"]["serviceAccountName"] == used


def test_the_workflows_uid_is_the_runs_id_wherever_it_is_asked_for() -> None:
    leaf = {**LEAF, "container": {"image": "busybox", "args": ["{{workflow.uid}}"]}}
    made = parse_template(workflow(templates=[leaf])).run_workflow(request())
    assert made["spec"]["templates"][0]["container"]["args"] == ["run-1"]


def test_the_sdks_own_artifacts_are_made_optional() -> None:
    artifacts = [{"name": "mlpipeline-metrics", "path": "/m"}, {"name": "data", "path": "/d"}]
    made = parse_template(workflow(templates=[{**LEAF, "outputs": {"artifacts": artifacts}}])).run_workflow(
        request()
    )
    assert [a.get("optional") for a in made["spec"]["templates"][0]["outputs"]["artifacts"]] == [True, None]


def test_a_recurring_runs_workflow_is_no_run_yet() -> None:
    made = parse_template(workflow()).scheduled_workflow(request(namespace="ns"))
    assert made["metadata"]["namespace"] == "ns"
    assert "labels" not in made["metadata"]
    assert "labels" not in made["spec"]["templates"][0]["metadata"]


def test_a_v2_pipeline_is_stored_as_yaml_with_sorted_keys() -> None:
    stored = parse_template(json.dumps(IR)).stored_text()
    assert stored == "pipelineInfo:\n  name: hello\nroot:\n  dag: {}\nschemaVersion: 2.1.0\n"


@pytest.mark.parametrize("version", ["2.0.0", ""])
def test_other_schema_versions_of_v2_are_refused(version: str) -> None:
    error = refusal(json.dumps({**IR, "schemaVersion": version}))
    assert f"only supports schema version 2.1.0, but the pipeline spec has version {version}" in error.message


def test_two_v2_pipelines_in_one_text_are_one_too_many() -> None:
    text = json.dumps(IR)
    assert "multiple pipeline specs provided" in refusal(f"{text}\n---\n{text}").message
