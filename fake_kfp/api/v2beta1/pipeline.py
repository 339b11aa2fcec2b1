"""``PipelineService`` (``server/pipeline_server.go``)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from google.protobuf.message import Message

from fake_kfp.api.filters import V2BETA1
from fake_kfp.api.lists import list_options_of, list_reply, options_text
from fake_kfp.api.replies import Reply
from fake_kfp.api.shown import Shown
from fake_kfp.api.v2beta1.messages import empty, v2_name
from fake_kfp.api.v2beta1.pipeline_messages import (
    fill_pipeline,
    fill_version,
)
from fake_kfp.api.v2beta1.tags import tags_to_set, without_tags
from fake_kfp.errors import invalid_input, wrapping
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.registry import Services
from fake_kfp.services.storage.lengths import check_lengths
from fake_kfp.store.lists.options import ListOptions
from fake_kfp.store.lists.schemas import PIPELINE_VERSIONS, PIPELINES_ALONE, Schema
from fake_kfp.store.records import Pipeline, PipelineVersion

R = TypeVar("R")


class PipelineService:
    """The RPCs of PipelineService."""

    service = "PipelineService"

    def __init__(self, services: Services) -> None:
        self._dialect = services.dialect
        self._pipelines = services.pipelines
        self._versions = services.pipeline_versions
        listed = (v2_name("ListPipelinesResponse"), "pipelines")
        self._shown = Shown(Pipeline, v2_name("Pipeline"), fill_pipeline, listed)
        listed = (v2_name("ListPipelineVersionsResponse"), "pipeline_versions")
        self._shown_versions = Shown(PipelineVersion, v2_name("PipelineVersion"), fill_version, listed)

    def CreatePipeline(self, request: Any, caller: Caller) -> Reply:
        with wrapping("Failed to create a pipeline as pipeline conversion failed"):
            asked = self._asked(request.pipeline)
        with wrapping("Failed to create a pipeline due to server error"):
            return self._shown.reply(self._pipelines.create(asked, caller))

    def GetPipeline(self, request: Any, caller: Caller) -> Reply:
        with wrapping(f"Failed to get a pipeline {request.pipeline_id}. Check error stack"):
            return self._shown.reply(self._pipelines.get(request.pipeline_id, caller))

    def GetPipelineByName(self, request: Any, caller: Caller) -> Reply:
        name, namespace = request.name, request.namespace
        with wrapping(
            f"Failed to get a pipeline with name {name} and namespace {namespace}. Check error stack."
        ):
            namespace = self._pipelines.require_by_name(name, namespace, caller)
            with wrapping(f"Failed to get a pipeline named {name} in namespace {namespace}"):
                return self._shown.reply(self._pipelines.newest(name, namespace))

    def ListPipelines(self, request: Any, caller: Caller) -> Reply:
        options = self._options(request, PIPELINES_ALONE, "pipelines")
        with wrapping(f"Failed to list pipelines in namespace {request.namespace}. Check error stack"):
            page = self._pipelines.list(options, request.namespace, caller)
        return self._shown.page(list_reply(v2_name("ListPipelinesResponse"), page), page.records)

    def UpdatePipeline(self, request: Any, caller: Caller) -> Reply:
        asked = request.pipeline
        tags = tags_to_set(asked.tags, caller)
        return self._shown.reply(self._pipelines.update(asked.pipeline_id, asked.display_name, tags, caller))

    def UpdatePipelineVersion(self, request: Any, caller: Caller) -> Reply:
        asked = request.pipeline_version
        ids, tags = (asked.pipeline_id, asked.pipeline_version_id), tags_to_set(asked.tags, caller)
        return self._shown_versions.reply(self._versions.update(*ids, asked.display_name, tags, caller))

    def DeletePipeline(self, request: Any, caller: Caller) -> Message:
        with wrapping(f"Failed to delete pipeline {request.pipeline_id}. Check error stack"):
            self._pipelines.delete(request.pipeline_id, caller, request.cascade)
        return empty()

    def CreatePipelineAndVersion(self, request: Any, caller: Caller) -> Reply:
        url = request.pipeline_version.package_url.pipeline_url
        with wrapping("Failed to create a pipeline due to pipeline conversion error"):
            asked = self._asked(request.pipeline)
        with wrapping("Failed to create a pipeline"):
            created, _ = self._pipelines.create_from_url(
                asked, url, caller, self._tags(request.pipeline_version)
            )
        return self._shown.reply(created)

    def CreatePipelineVersion(self, request: Any, caller: Caller) -> Reply:
        _check_new_version(request)
        asked = replace(_version(request), tags=self._tags(request.pipeline_version))
        with wrapping("Failed to create a pipeline version due to conversion error"):
            check_lengths(self._dialect, "PipelineVersion", Name=asked.name, PipelineId=asked.pipeline_id)
        with wrapping("Failed to create a pipeline version. Check error stack"):
            return self._shown_versions.reply(self._versions.create_from_url(asked, caller))

    def GetPipelineVersion(self, request: Any, caller: Caller) -> Reply:
        with wrapping(f"Failed to get a pipeline version {request.pipeline_version_id}"):
            return self._shown_versions.reply(self._versions.get(request.pipeline_version_id, caller))

    def ListPipelineVersions(self, request: Any, caller: Caller) -> Reply:
        options = self._options(request, PIPELINE_VERSIONS, "pipeline versions")
        with wrapping(f"Failed to list pipeline versions for pipeline {request.pipeline_id}"):
            page = self._versions.list(options, request.pipeline_id, caller)
        reply = list_reply(v2_name("ListPipelineVersionsResponse"), page)
        return self._shown_versions.page(reply, page.records)

    def DeletePipelineVersion(self, request: Any, caller: Caller) -> Message:
        version_id, pipeline_id = request.pipeline_version_id, request.pipeline_id
        if not version_id:
            raise invalid_input("Failed to delete a pipeline version due missing pipeline version id")
        if not pipeline_id:
            raise invalid_input(f"Failed to delete a pipeline version {version_id} due missing pipeline id")
        with wrapping(
            f"Failed to delete a pipeline version id {version_id} under pipeline id {pipeline_id}."
            " Check error stack"
        ):
            self._versions.delete(pipeline_id, version_id, caller)
        return empty()

    def _asked(self, message: Any) -> Pipeline:
        asked = replace(_pipeline(message), tags=self._tags(message))
        check_lengths(self._dialect, "Pipeline", Name=asked.name, Namespace=asked.namespace)
        return asked

    def _tags(self, message: Any) -> dict[str, str]:
        """The tags of a request; a release that has none passes over them."""
        return dict(message.tags) if self._dialect.tags else {}

    def _options(self, asked: Any, schema: Schema[R], what: str) -> ListOptions[R]:
        request: Any = type(asked)()
        request.CopyFrom(asked)  # it may be asked again
        tags: tuple[tuple[str, str], ...] = ()
        if self._dialect.tags:
            with wrapping(f"Failed to list {what} due to invalid tag filter in filter spec"):
                request.filter, tags = without_tags(request.filter)
        with wrapping(f"Failed to list {what} due invalid list options: {options_text(request)}"):
            options = list_options_of(request, schema, V2BETA1, self._dialect)
        return replace(options, tags=tags)


def _pipeline(asked: Any) -> Pipeline:
    """What is asked for; each of its two names stands in for the other."""
    return Pipeline(
        id="",
        name=asked.name or asked.display_name,
        display_name=asked.display_name or asked.name,
        description=asked.description,
        namespace=asked.namespace,
    )


def _check_new_version(request: Any) -> None:
    version = request.pipeline_version
    for missing, what in (
        (not request.HasField("pipeline_version"), "Pipeline version is nil"),
        (not version.HasField("package_url"), "Package URL is nil"),
        (not version.package_url.pipeline_url, "Package URL is empty"),
        (not request.pipeline_id or not version.pipeline_id, "Parent pipeline id is empty"),
    ):
        if missing:
            raise invalid_input(f"Failed to create a pipeline version. {what}")


def _version(request: Any) -> PipelineVersion:
    """What is asked for, of the pipeline in the path."""
    asked = request.pipeline_version
    return PipelineVersion(
        id="",
        pipeline_id=request.pipeline_id,
        name=asked.name or asked.display_name,
        display_name=asked.display_name or asked.name,
        description=asked.description,
        code_source_url=asked.code_source_url,
        package_url=asked.package_url.pipeline_url,
    )
