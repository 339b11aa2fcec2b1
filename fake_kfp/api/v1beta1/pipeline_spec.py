"""``api.PipelineSpec`` to and from records (``api_converter.go: toModelParameters, toModelRuntimeConfig`` and back)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fake_kfp.api.runtime_config import fill_runtime_config, parameter_pairs, runtime_parameters_text
from fake_kfp.api.v1beta1.references import ResourceType, first_id, pipeline_version_id
from fake_kfp.errors import as_internal_error, wrapping
from fake_kfp.services.templates.template import marshal_parameters
from fake_kfp.store.records import PipelineSpec


def parameters_text(parameters: Iterable[Any]) -> str:
    """A v1 parameter list as stored JSON; empty where there are none. Raises INTERNAL where it is too long."""
    with as_internal_error("Failed to convert an array of SpecParameters to their internal representation"):
        pairs = [{"name": parameter.name, "value": parameter.value} for parameter in parameters]
        return marshal_parameters(pairs) if pairs else ""


def read_pipeline_spec(message: Any, references: Any, what: str) -> PipelineSpec:
    """The spec that a new run or recurring run (``what`` it is) asks for, by itself and by its resource references."""
    failed = f"Failed to convert v1beta1 API {what} to its internal representation due to"
    with wrapping(f"{failed} parameters parsing error"):
        parameters = parameters_text(message.parameters)
    with wrapping(f"{failed} runtime config conversion error"):
        runtime_parameters = runtime_parameters_text(message.runtime_config.parameters, "v1beta1 API")
    return PipelineSpec(
        pipeline_id=message.pipeline_id or first_id(references, ResourceType.PIPELINE),
        pipeline_version_id=pipeline_version_id(references),
        pipeline_manifest=message.pipeline_manifest,
        workflow_manifest=message.workflow_manifest,
        parameters=parameters,
        runtime_parameters=runtime_parameters,
        pipeline_root=message.runtime_config.pipeline_root,
    )


def fill_pipeline_spec(message: Any, spec: PipelineSpec) -> None:
    """Shows a spec. A runtime config appears only where there are no v1 parameters."""
    message.SetInParent()
    message.pipeline_id = spec.pipeline_id
    message.pipeline_name = spec.pipeline_name
    message.workflow_manifest = spec.workflow_manifest
    message.pipeline_manifest = spec.pipeline_manifest
    pairs = parameter_pairs(spec.parameters) if spec.parameters else ()
    for name, value in pairs:
        message.parameters.add(name=name, value=value)
    if not pairs and (spec.pipeline_root or spec.runtime_parameters):
        fill_runtime_config(message.runtime_config, spec)
