"""v2 pipelines compiled to Argo workflows (``argocompiler/argo.go: Compile``)."""

from __future__ import annotations

from fake_kfp.errors import ForeignError
from fake_kfp.golang.json_text import Json
from fake_kfp.ir.compiler.dags import ENTRYPOINT, add_dag, add_entrypoint
from fake_kfp.ir.compiler.draft import (
    Draft,
    component_argument,
    implementation_argument,
    kubernetes_argument,
)
from fake_kfp.ir.compiler.errors import CompileError
from fake_kfp.ir.compiler.pipeline import read_pipeline
from fake_kfp.ir.compiler.settings import CompilerSettings
from fake_kfp.ir.compiler.values import parameter, parameters
from fake_kfp.ir.compiler.visitor import bottom_up
from fake_kfp.ir.compiler.workspace import workspace_claims
from fake_kfp.ir.components import ROOT, Component
from fake_kfp.ir.document import PipelineIr
from fake_kfp.simulator import manifests

_V2_MARK = {"pipelines.kubeflow.org/v2_component": "true"}


def compile_pipeline(
    ir: PipelineIr, display_name: str, runtime_config: Json, settings: CompilerSettings
) -> Json:
    """The workflow of a pipeline, in Go's form.

    ``runtime_config`` is what the root's driver is given, defaults included. Raises a foreign KfpError where the pipeline makes no sense.
    """
    try:
        pipeline = read_pipeline(ir)
        claims = workspace_claims(pipeline.workspace, settings.default_workspace)
        draft = Draft(pipeline, settings, display_name)
        for component in bottom_up(pipeline):
            _add(draft, component, runtime_config)
    except CompileError as error:
        raise ForeignError(error.text) from None
    workflow: Json = manifests.normalise(_workflow(draft, claims))
    return workflow


def _add(draft: Draft, component: Component, runtime_config: Json) -> None:
    """A component, all of whose tasks' components were added before."""
    label = component.executor_label
    if not label:
        add_dag(draft, component)
        if component.name == ROOT:
            add_entrypoint(draft, runtime_config)
        return
    if label in draft.pipeline.platform_executors:
        draft.save(kubernetes_argument(component.name), draft.pipeline.platform_executors[label])
    executor = draft.pipeline.executors[label]
    draft.save(component_argument(draft.pipeline, component.name), component.spec)
    draft.save(
        implementation_argument(draft.pipeline, component.name),
        executor["container"] if "container" in executor else executor["importer"],
    )


def _workflow(draft: Draft, claims: list[Json]) -> Json:
    user = draft.settings.run_as_user
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"generateName": draft.pipeline.name.rpartition("/")[2] + "-"},
        "spec": {
            "podMetadata": {"annotations": dict(_V2_MARK), "labels": dict(_V2_MARK)},
            "arguments": parameters(parameter(name, value) for name, value in draft.arguments.items()),
            "serviceAccountName": draft.settings.service_account,
            "entrypoint": ENTRYPOINT,
            "volumeClaimTemplates": claims,
            "templates": list(draft.templates.values()),
            **({} if user is None else {"securityContext": {"runAsUser": user}}),
        },
    }
