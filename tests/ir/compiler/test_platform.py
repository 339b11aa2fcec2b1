"""Settings of the platform: Kubernetes' for single components, and the workspace of the whole pipeline."""

from __future__ import annotations

from typing import Any

import pytest

from fake_kfp.errors import KfpError
from fake_kfp.ir.compiler.settings import CompilerSettings
from tests.ir.compiling import Compiled, Json, given, inputs, pipeline, run_by, task


def with_settings(settings: Json, **fields: Any) -> Compiled:
    kubernetes = {"deploymentSpec": {"executors": {"exec-a": settings}}}
    return Compiled(pipeline({"a": task("comp-a", **fields)}, kubernetes=kubernetes))


def test_settings_go_to_the_driver() -> None:
    settings = {"nodeSelector": {"labels": {"gpu": "yes"}}, "tolerations": [{"operator": "Exists"}]}
    compiled = with_settings(settings)
    assert compiled.arguments["kubernetes-comp-a"] == settings
    assert next(iter(compiled.arguments)) == "kubernetes-comp-a"
    driver = compiled.calls("root")["a-driver"]
    assert given(driver)["kubernetes-config"] == "{{workflow.parameters.kubernetes-comp-a}}"


def test_settings_are_a_components_even_where_a_container_is_shared() -> None:
    kubernetes = {"deploymentSpec": {"executors": {"exec-b": {"imagePullPolicy": "Always"}}}}
    components = {"comp-b": run_by("exec-b")}
    tasks = {"a": task("comp-a"), "b": task("comp-b")}
    executors = {"exec-b": {"container": {"image": "busybox", "command": ["true"]}}}
    compiled = Compiled(pipeline(tasks, components, executors, kubernetes))
    names = [name.partition("-")[0] for name in compiled.arguments]
    assert names == ["components", "implementations", "kubernetes", "components"]
    assert "kubernetes-config" not in given(compiled.calls("root")["a-driver"])


def test_settings_that_are_none_of_kubernetes_are_refused_by_the_executor() -> None:
    with pytest.raises(KfpError) as caught:
        with_settings({"gpus": 1})
    assert caught.value.message.startswith(
        'compiling DAG "root": compiling task "a": error creating executor for "a": failed to unmarshal kubernetes config: proto: '
    )


def test_metadata_of_pods_is_given_as_inputs() -> None:
    compiled = with_settings({"podMetadata": {"labels": {"z": "1", "b": "2"}, "annotations": {"note": "x"}}})
    call = compiled.calls("root")["a"]
    assert call["template"] == "metadata-1-2-system-container-executor"
    metadata = {
        "pod-metadata-annotation-key": "note",
        "pod-metadata-annotation-val": "x",
        "pod-metadata-label-key-1": "b",
        "pod-metadata-label-val-1": "2",
        "pod-metadata-label-key-2": "z",
        "pod-metadata-label-val-2": "1",
    }
    assert list(given(call).items())[2:] == list(metadata.items())
    executor = compiled.templates["metadata-1-2-system-container-executor"]
    assert list(inputs(executor)) == ["pod-spec-patch", "cached-decision", *metadata]
    implementation = compiled.templates["metadata-1-2-system-container-impl"]
    assert implementation["metadata"]["annotations"] == {
        "{{inputs.parameters.pod-metadata-annotation-key}}": "{{inputs.parameters.pod-metadata-annotation-val}}"
    }
    assert len(implementation["metadata"]["labels"]) == 2


def test_metadata_and_retries_go_together() -> None:
    compiled = with_settings({"podMetadata": {}}, retryPolicy={"maxRetryCount": 1})
    assert compiled.calls("root")["a"]["template"] == "metadata-0-0-retry-system-container-executor"
    implementation = compiled.templates["metadata-0-0-retry-system-container-impl"]
    assert "retryStrategy" in implementation
    assert implementation["metadata"] == {}


def workspace(default: Json | None = None, **settings: Any) -> list[Json]:
    kubernetes = {"pipelineConfig": {"workspace": settings}}
    compiled = Compiled(
        pipeline({"a": task("comp-a")}, kubernetes=kubernetes), CompilerSettings(default_workspace=default)
    )
    claims: list[Json] = compiled.spec.get("volumeClaimTemplates", [])
    return claims


def test_a_workspace_is_a_volume_claim() -> None:
    (claim,) = workspace(size="1024Mi", kubernetes={"pvcSpecPatch": {"accessModes": ["ReadWriteMany"]}})
    assert claim["metadata"]["name"] == "kfp-workspace"
    assert claim["spec"] == {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Gi"}}}


def test_a_workspace_starts_from_the_servers_own() -> None:
    default = {"accessModes": ["ReadWriteOnce"], "storageClassName": "slow"}
    patch = {"storageClassName": "fast", "accessModes": []}
    (claim,) = workspace(default, size="1Gi", kubernetes={"pvcSpecPatch": patch})
    assert claim["spec"]["accessModes"] == ["ReadWriteOnce"]
    assert claim["spec"]["storageClassName"] == "fast"


def test_a_workspace_that_is_not_kubernetes_own_is_none() -> None:
    assert workspace(size="1Gi") == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "workspace size is required but not specified"),
        ({"size": "-1Gi"}, "negative size value for workspace PVC: -1Gi"),
        (
            {"size": "big"},
            "invalid size value for workspace PVC: quantities must match the regular expression",
        ),
        ({"size": "1Gi", "patch": {"volumeName": "v"}}, "unknown fields in PVC spec patch: [volumeName]"),
        ({"size": "1Gi", "patch": {"storageClassName": 1}}, "json: cannot unmarshal number into Go"),
    ],
)
def test_workspaces_that_make_no_sense(settings: Json, words: str) -> None:
    patch = settings.pop("patch", {})
    with pytest.raises(KfpError) as caught:
        workspace(**settings, kubernetes={"pvcSpecPatch": patch})
    assert caught.value.message.startswith(words)
