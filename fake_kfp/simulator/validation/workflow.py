"""The workflow as a whole: arguments, variables, entrypoint, exit handler, and all its templates (``ValidateWorkflow``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_kfp.golang.json_text import Json
from fake_kfp.golang.quoting import quote
from fake_kfp.simulator.manifests.errors import ValidationError
from fake_kfp.simulator.validation.arguments import check_arguments
from fake_kfp.simulator.validation.context import NO_REFERENCES, Context
from fake_kfp.simulator.validation.hooks import check_hooks
from fake_kfp.simulator.validation.names import check_field_names
from fake_kfp.simulator.validation.selectors import check_selector
from fake_kfp.simulator.validation.supply import GivenArguments
from fake_kfp.simulator.validation.template import validate_template
from fake_kfp.versions import UNNAMED, Dialect

_MAX_NAME_LENGTH = 63
_POD_GC_STRATEGIES = frozenset(
    {"", "OnPodCompletion", "OnPodSuccess", "OnWorkflowCompletion", "OnWorkflowSuccess"}
)
_ALWAYS_KNOWN = (
    "workflow.name",
    "workflow.namespace",
    "workflow.mainEntrypoint",
    "workflow.serviceAccountName",
    "workflow.uid",
)


def validate_workflow(
    workflow: Json, *, lint: bool, ignore_entrypoint: bool, dialect: Dialect = UNNAMED
) -> None:
    """Raises ValidationError with Argo's words for a manifest that Argo would not run.

    With ``lint`` the workflow's parameters need no values; with ``ignore_entrypoint`` there need not be an
    entrypoint, and nothing is called with the workflow's arguments. The API server asks with both when it
    reads a manifest, and with neither when it runs one.
    """
    spec: Json = workflow.get("spec") or {}
    metadata: Json = workflow.get("metadata") or {}
    arguments: Json = spec.get("arguments") or {}
    _check_name(metadata.get("name") or "")
    _check_references(spec)
    try:
        check_field_names(spec.get("templates"))
    except ValidationError as error:
        raise ValidationError(f"spec.templates{error.text}") from None
    check_arguments("spec.arguments.", arguments, allow_empty=lint)
    context = Context(workflow, validate_template, dialect)
    _add_globals(context, metadata, spec)
    if not ignore_entrypoint:
        if not spec.get("entrypoint"):
            raise ValidationError("spec.entrypoint is required")
        context.validate_holder({"template": spec["entrypoint"]}, GivenArguments(arguments))
    if spec.get("onExit"):
        context.add_global("workflow.failures")
        context.validate_holder({"template": spec["onExit"]}, GivenArguments(arguments))
    check_hooks(spec.get("hooks"), "hooks")
    _check_pod_gc(spec.get("podGC") or {})
    for template in spec.get("templates") or ():
        try:
            context.validate_holder({"template": template["name"]})
        except ValidationError as error:
            raise ValidationError(f"templates.{template['name']} {error.text}") from None


def _check_name(name: str) -> None:
    length = len(name.encode("utf-8", "replace"))
    if length > _MAX_NAME_LENGTH:
        raise ValidationError(
            f"workflow name {quote(name)} must not be more than {_MAX_NAME_LENGTH} characters long (currently {length})"
        )


def _check_references(spec: Json) -> None:
    if spec.get("workflowTemplateRef") is None:
        return
    if spec.get("templates"):
        raise ValidationError(
            "Templates is invalid field in spec if workflow referred WorkflowTemplate reference"
        )
    raise ValidationError(NO_REFERENCES.format("workflowTemplateRef"))


def _add_globals(context: Context, metadata: Json, spec: Json) -> None:
    """The variables that can be used everywhere."""
    for name in _ALWAYS_KNOWN:
        context.add_global(name)
    parameters = (spec.get("arguments") or {}).get("parameters") or ()
    if parameters:
        context.add_global("workflow.parameters")
        context.add_global("workflow.parameters.json")
    for parameter in parameters:
        context.add_global(f"workflow.parameters.{parameter['name']}", parameter.get("value"))
    more: Mapping[str, Any] = spec.get("workflowMetadata") or {}
    for kind, sources in {
        "annotations": (metadata.get("annotations"), more.get("annotations")),
        "labels": (metadata.get("labels"), more.get("labels"), more.get("labelsFrom")),
    }.items():
        for key in (key for source in sources for key in source or ()):
            context.add_global(f"workflow.{kind}.{key}")
        context.add_global(f"workflow.{kind}")
        context.add_global(f"workflow.{kind}.json")
    if spec.get("priority") is not None:
        context.add_global("workflow.priority", str(spec["priority"]))
    context.add_global("workflow.status")


def _check_pod_gc(pod_gc: Json) -> None:
    strategy = pod_gc.get("strategy") or ""
    if strategy not in _POD_GC_STRATEGIES:
        raise ValidationError(f"podGC.strategy unknown strategy '{strategy}'")
    try:
        check_selector(pod_gc.get("labelSelector"))
    except ValidationError as error:
        raise ValidationError(f"podGC.labelSelector invalid: {error.text}") from None
