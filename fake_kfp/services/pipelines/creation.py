"""Making pipelines and versions from manifests, however these came in (``resource_manager.go``, ``pipeline_store.go``)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TypeVar

from fake_kfp.errands import sent
from fake_kfp.errors import KfpError, already_exists, internal_error, invalid_input, wrapping
from fake_kfp.services.pipelines.files import read_pipeline_file
from fake_kfp.services.pipelines.tags import check_tags
from fake_kfp.services.storage.database import DatabaseError, check_row
from fake_kfp.services.templates.template import Template, parse_template
from fake_kfp.store.lists.schemas import PIPELINE_VERSIONS, PIPELINES, Schema
from fake_kfp.store.records import Pipeline, PipelineVersion
from fake_kfp.store.table import DuplicateKey
from fake_kfp.store.world import World

R = TypeVar("R")

MAX_V2_NAME = 128
_V2_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,127}\Z")
_PIPELINE_OBJECTS = "pipelines"


class PipelineCreation:
    """Checks manifests and stores what they make; ids and times of the records handed in do not count."""

    def __init__(self, world: World) -> None:
        self._world = world

    def read_file(self, name: str, contents: bytes) -> bytes:
        """The pipeline in a file, see :func:`~fake_kfp.services.pipelines.files.read_pipeline_file`."""
        return sent(
            read_pipeline_file, name, contents, self._world.dialect.file_sizes_told, size=len(contents)
        )

    def pipeline(self, pipeline: Pipeline) -> Pipeline:
        """``CreatePipeline``: one without versions."""
        check_tags(pipeline.tags)
        pipeline = replace(pipeline, id=self._world.ids.uuid(), created_at=self._world.clock.seconds())
        with wrapping("Failed to create a pipeline in PipelineStore"):
            _check(PIPELINES, pipeline, "Failed to add pipeline to pipeline table")
            try:
                self._world.pipelines.insert(pipeline)
            except DuplicateKey:
                raise already_exists(
                    f"Failed to create a new pipeline. The name {pipeline.name} already exist. Please specify a new name"
                ) from None
        return pipeline

    def pipeline_and_version(
        self, pipeline: Pipeline, version: PipelineVersion
    ) -> tuple[Pipeline, PipelineVersion]:
        """``CreatePipelineAndPipelineVersion``: both or none."""
        check_tags(pipeline.tags)
        check_tags(version.tags)
        prefix = "Failed to create a pipeline and a pipeline version"
        template = self._checked_template(version, prefix)
        version = _filled(version, template, f"{prefix} due to error converting parameters to json")
        with wrapping(prefix):
            return self._insert_both(pipeline, version)

    def version(self, version: PipelineVersion) -> PipelineVersion:
        """``CreatePipelineVersion``, of the pipeline that ``version.pipeline_id`` names."""
        prefix = "Failed to create a pipeline version"
        template = self._checked_template(version, prefix)
        version = _filled(version, template, f"{prefix} due to error converting parameters to json")
        check_tags(version.tags)
        with wrapping("Failed to create pipeline version in PipelineStore"):
            return self._insert_version(version)

    def _insert_both(self, pipeline: Pipeline, version: PipelineVersion) -> tuple[Pipeline, PipelineVersion]:
        now, ids = self._world.clock.seconds(), self._world.ids
        pipeline = replace(pipeline, id=ids.uuid(), created_at=now)
        version = replace(version, id=ids.uuid(), created_at=now, pipeline_id=pipeline.id)
        _check(PIPELINES, pipeline, "Failed to insert a new pipeline")
        _check(PIPELINE_VERSIONS, version, "Failed to insert a new pipeline version")
        try:
            self._world.pipelines.insert(pipeline)
        except DuplicateKey:
            raise already_exists(
                f"Failed to create a new pipeline. The name {pipeline.name} already exists. Please specify a new name"
            ) from None
        self._world.pipeline_versions.insert(version)
        return pipeline, version

    def _insert_version(self, version: PipelineVersion) -> PipelineVersion:
        version = replace(version, id=self._world.ids.uuid(), created_at=self._world.clock.seconds())
        _check(PIPELINE_VERSIONS, version, "Failed to add a pipeline version")
        try:
            self._world.pipeline_versions.insert(version)
        except DuplicateKey:
            raise already_exists(
                f"Failed to create a new pipeline version. The name {version.name} already exist. Specify a new name"
            ) from None
        return version

    def _checked_template(self, version: PipelineVersion, prefix: str) -> Template:
        if not version.manifest:
            raise _nothing_stored(version).wrapped(f"{prefix} as template is broken")
        with wrapping(f"{prefix} due to template creation error"):
            template = parse_template(version.manifest, self._world.dialect)
        if template.v2_name is not None:
            validate_v2_name(template.v2_name)
        return template


def _nothing_stored(version: PipelineVersion) -> KfpError:
    """``fetchTemplateFromPipelineVersion``: instead of an empty template the server looks for objects, where older servers kept them."""
    error = _missing_object(version.package_url).wrapped("Failed to read a file from pipeline_spec_uri")
    pipeline_key = "/".join(filter(None, (_PIPELINE_OBJECTS, version.pipeline_id)))
    for id_name, key in (("pipeline_version_id", _PIPELINE_OBJECTS), ("pipeline_id", pipeline_key)):
        error = error.wrapped(f"Failed to read a file from OS with {id_name}: {_missing_object(key).message}")
    return error


def _missing_object(key: str) -> KfpError:
    return internal_error("object not found", f"Failed to get file {key}")


def _filled(version: PipelineVersion, template: Template, context: str) -> PipelineVersion:
    with wrapping(context):
        parameters = template.parameters_json()
    return replace(version, parameters=parameters, manifest=template.stored_text())


def validate_v2_name(name: str) -> None:
    """What ML Metadata takes as the name of a v2 pipeline (``common/utils.go: ValidatePipelineName``)."""
    if not name:
        raise invalid_input("pipeline's name cannot be empty")
    if len(name.encode()) > MAX_V2_NAME:
        raise invalid_input("pipeline's name must contain no more than 128 characters")
    if not _V2_NAME.match(name):
        raise invalid_input(
            "pipeline's name must contain only lowercase alphanumeric characters or '-' and must start with"
            " alphanumeric characters"
        )


def _check(schema: Schema[R], record: R, context: str) -> None:
    try:
        check_row(schema, record)
    except DatabaseError as error:
        raise internal_error(error, context) from None
