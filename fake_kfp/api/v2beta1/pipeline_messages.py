"""``Pipeline`` and ``PipelineVersion`` from records (``api_converter.go: toApiPipeline, toApiPipelineVersion``)."""

from __future__ import annotations

from typing import Any

from fake_kfp.api.status import fill_status
from fake_kfp.api.timestamps import set_timestamp
from fake_kfp.api.v2beta1.messages import v2_class
from fake_kfp.api.v2beta1.pipeline_spec import fill_manifest
from fake_kfp.errors import KfpError, internal_error
from fake_kfp.store.records import Pipeline, PipelineVersion


def pipeline_message(pipeline: Pipeline) -> Any:
    """``Pipeline``."""
    message: Any = v2_class("Pipeline")()
    fill_pipeline(message, pipeline)
    return message


def fill_pipeline(message: Any, pipeline: Pipeline) -> None:
    """Shows a pipeline."""
    message.pipeline_id = pipeline.id
    message.name = pipeline.name
    message.display_name = pipeline.display_name
    message.description = pipeline.description
    set_timestamp(message.created_at, pipeline.created_at)
    message.namespace = pipeline.namespace
    message.tags.update(pipeline.tags)


def version_message(version: PipelineVersion) -> Any:
    """``PipelineVersion``."""
    message: Any = v2_class("PipelineVersion")()
    fill_version(message, version)
    return message


def fill_version(message: Any, version: PipelineVersion) -> None:
    """Shows a version; of one whose manifest can't be shown nothing but its id and the reason."""
    message.pipeline_version_id = version.id
    try:
        fill_manifest(message.pipeline_spec, version.manifest)
    except KfpError as error:
        message.ClearField("pipeline_spec")
        failed = "Failed to convert a pipeline versions to API pipeline version due to error in parsing its pipeline spec yaml"
        fill_status(message.error, internal_error(error, failed))
        return
    if not message.pipeline_spec.fields:
        message.ClearField("pipeline_spec")
    message.pipeline_id = version.pipeline_id
    message.name = version.name
    message.display_name = version.display_name
    message.description = version.description
    set_timestamp(message.created_at, version.created_at)
    if version.package_url:
        message.package_url.pipeline_url = version.package_url
    message.tags.update(version.tags)
