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
from fake_kfp.ir.compiler.drivers import DISPLAY_NAME_FLAG, RUNTIME_CONFIG
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


def compile_pipeline(ir: PipelineIr, settings: CompilerSettings) -> Json:
    """The workflow that all runs of a pipeline have in common, in Go's form; :func:`for_run` makes it that of one run.

    Raises a foreign KfpError where the pipeline makes no sense.
    """
    try:
        pipeline = read_pipeline(ir, settings.dialect.ir_fields)
        claims = workspace_claims(pipeline.workspace, settings.default_workspace)
        draft = Draft(pipeline, settings)
        for component in bottom_up(pipeline):
            _add(draft, component)
    except CompileError as error:
        raise ForeignError(error.text) from None
    workflow: Json = manifests.normalise(_workflow(draft, claims))
    return workflow


def for_run(workflow: Json, display_name: str, runtime_config: str) -> None:
    """Tells a compiled workflow's drivers what the run is called, and that of the root what it was given, defaults included, as JSON."""
    for template in workflow["spec"].get("templates") or ():
        arguments = template.get("container", {}).get("args") or []
        if DISPLAY_NAME_FLAG in arguments:
            arguments[arguments.index(DISPLAY_NAME_FLAG) + 1] = display_name
        if template["name"] == ENTRYPOINT:
            (driver, _) = template["dag"]["tasks"]
            for given in driver["arguments"]["parameters"]:
                if given["name"] == RUNTIME_CONFIG:
                    given["value"] = runtime_config


def _add(draft: Draft, component: Component) -> None:
    """A component, all of whose tasks' components were added before."""
    label = component.executor_label
    if not label:
        add_dag(draft, component)
        if component.name == ROOT:
            add_entrypoint(draft)
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
    spec = draft.settings.dialect.workflow
    if draft.settings.run_as_user is not None:
        user = {"runAsUser": draft.settings.run_as_user}
        spec = {**spec, "securityContext": {**spec.get("securityContext", {}), **user}}
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
            **spec,
            **draft.pipeline.limits,
        },
    }
