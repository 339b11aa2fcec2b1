"""``api.PipelineSpec`` to and from records (``api_converter.go: toModelParameters, toModelRuntimeConfig`` and back)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from fake_kfp.api.descriptors import message_class
from fake_kfp.api.protojson import EncodeError, decode, encode_text
from fake_kfp.api.v1beta1.references import ResourceType, first_id, pipeline_version_id
from fake_kfp.errors import as_internal_error, internal_error, wrapping
from fake_kfp.golang.json_text import dumps
from fake_kfp.services.templates.template import marshal_parameters
from fake_kfp.store.records import PipelineSpec


def parameters_text(parameters: Iterable[Any]) -> str:
    """A v1 parameter list as stored JSON; empty where there are none. Raises INTERNAL where it is too long."""
    with as_internal_error("Failed to convert an array of SpecParameters to their internal representation"):
        pairs = [{"name": parameter.name, "value": parameter.value} for parameter in parameters]
        return marshal_parameters(pairs) if pairs else ""


def runtime_parameters_text(values: Any) -> str:
    """The parameters of a runtime config as stored JSON; empty where there are none."""
    if not values:
        return ""
    try:
        return dumps({name: json.loads(encode_text(values[name])) for name in sorted(values)})
    except EncodeError as error:
        with as_internal_error(
            "Failed to convert v1beta1 API runtime config to its internal representation due to parameters conversion error"
        ):
            raise internal_error(
                f"json: error calling MarshalJSON for type *structpb.Value: {error}",
                "Failed to marshal RuntimeConfig API parameters as string",
            ) from None


def read_pipeline_spec(message: Any, references: Any, what: str) -> PipelineSpec:
    """The spec that a new run or recurring run (``what`` it is) asks for, by itself and by its resource references."""
    failed = f"Failed to convert v1beta1 API {what} to its internal representation due to"
    with wrapping(f"{failed} parameters parsing error"):
        parameters = parameters_text(message.parameters)
    with wrapping(f"{failed} runtime config conversion error"):
        runtime_parameters = runtime_parameters_text(message.runtime_config.parameters)
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
    pairs = _parameter_pairs(spec.parameters)
    for name, value in pairs:
        message.parameters.add(name=name, value=value)
    if not pairs:
        _fill_runtime_config(message, spec)


@lru_cache(maxsize=1024)
def _parameter_pairs(text: str) -> tuple[tuple[str, str], ...]:
    parameters = json.loads(text) if text else None
    return tuple((parameter.get("name", ""), parameter.get("value", "")) for parameter in parameters or ())


def _fill_runtime_config(message: Any, spec: PipelineSpec) -> None:
    if spec.pipeline_root:
        message.runtime_config.pipeline_root = spec.pipeline_root
    values = json.loads(spec.runtime_parameters) if spec.runtime_parameters else {}
    for name, value in values.items():
        _set_value(message.runtime_config.parameters[name], value)


def _set_value(target: Any, value: Any) -> None:
    """A JSON null comes back as a value of no kind at all, which the REST side can't show (it answers 500), as it really is."""
    target.SetInParent()
    if value is not None:
        target.MergeFrom(decode(message_class("google.protobuf.Value"), json.dumps(value)))
