"""``api.Pipeline`` and ``api.PipelineVersion`` from records (``api_converter.go: toApiPipelineV1, toApiPipelineVersionV1``)."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from fake_kfp.api.descriptors import message_class
from fake_kfp.api.timestamps import set_timestamp
from fake_kfp.api.v1beta1.references import Relationship, ResourceType, add_reference
from fake_kfp.store.records import Pipeline, PipelineVersion

NO_VERSION = PipelineVersion(id="", pipeline_id="", name="")
"""What stands for the default version of a pipeline without versions."""


def pipeline_message(pipeline: Pipeline, version: PipelineVersion | None) -> Any:
    """``api.Pipeline`` with its default version, whose parameters and URL it shows as its own."""
    message: Any = message_class("api.Pipeline")()
    fill_pipeline(message, pipeline, version)
    return message


def fill_pipeline(message: Any, pipeline: Pipeline, version: PipelineVersion | None) -> None:
    """Shows a pipeline."""
    version = version or NO_VERSION
    message.id = pipeline.id
    message.name = pipeline.name
    message.description = pipeline.description
    set_timestamp(message.created_at, pipeline.created_at)
    _add_parameters(message.parameters, version.parameters)
    if pipeline.namespace:
        add_reference(
            message.resource_references, ResourceType.NAMESPACE, pipeline.namespace, Relationship.OWNER
        )
    fill_version(message.default_version, version)
    if version.code_source_url:
        message.url.pipeline_url = version.code_source_url


def version_message(version: PipelineVersion) -> Any:
    """``api.PipelineVersion``."""
    message: Any = message_class("api.PipelineVersion")()
    fill_version(message, version)
    return message


def fill_version(message: Any, version: PipelineVersion) -> None:
    """Shows a version; as its package's URL, that of its source code."""
    message.id = version.id
    message.name = version.name
    message.description = version.description
    set_timestamp(message.created_at, version.created_at)
    _add_parameters(message.parameters, version.parameters)
    if version.code_source_url:
        message.code_source_url = version.code_source_url
        message.package_url.pipeline_url = version.code_source_url
    if version.pipeline_id:
        add_reference(
            message.resource_references, ResourceType.PIPELINE, version.pipeline_id, Relationship.OWNER
        )


def _add_parameters(parameters: Any, text: str) -> None:
    for name, value in _pairs(text):
        parameters.add(name=name, value=value)


@lru_cache(maxsize=1024)
def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Names and values of stored parameters; a default is not shown."""
    return tuple((parameter["name"], parameter.get("value", "")) for parameter in json.loads(text))
