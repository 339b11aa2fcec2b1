"""``api.PipelineService`` (``server/pipeline_server.go``)."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from fake_kfp.api.descriptors import message_class
from fake_kfp.api.lists import list_reply, options_text
from fake_kfp.api.v1beta1.lists import requested_options
from fake_kfp.api.v1beta1.pipeline_messages import (
    fill_pipeline,
    fill_version,
    pipeline_message,
    version_message,
)
from fake_kfp.api.v1beta1.references import (
    Relationship,
    ResourceKey,
    ResourceType,
    first_id,
    resource_key,
    type_name,
)
from fake_kfp.errors import invalid_input, wrapping
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.registry import Services
from fake_kfp.services.storage.lengths import check_lengths
from fake_kfp.store.lists.schemas import PIPELINE_VERSIONS, PIPELINES
from fake_kfp.store.records import Pipeline, PipelineVersion


class PipelineService:
    """The RPCs of PipelineService."""

    service = "PipelineService"

    def __init__(self, services: Services) -> None:
        self._dialect = services.dialect
        self._access = services.access
        self._pipelines = services.pipelines
        self._versions = services.pipeline_versions
        self._empty = message_class("google.protobuf.Empty")

    def CreatePipelineV1(self, request: Any, caller: Caller) -> Message:
        asked = request.pipeline
        pipeline = Pipeline(
            id="",
            name=asked.name,
            display_name=asked.name,
            description=asked.description,
            namespace=first_id(asked.resource_references, ResourceType.NAMESPACE),
        )
        with wrapping("Failed to create a pipeline (v1beta1) due to pipeline conversion error"):
            check_lengths(self._dialect, "Pipeline", Name=pipeline.name, Namespace=pipeline.namespace)
        with wrapping("Failed to create a pipeline (v1beta1)"):
            created, version = self._pipelines.create_from_url(pipeline, asked.url.pipeline_url, caller)
        return pipeline_message(created, version)

    def GetPipelineV1(self, request: Any, caller: Caller) -> Message:
        with wrapping(f"Failed to get a pipeline (v1beta1) {request.id}. Check error stack"):
            pipeline = self._pipelines.get(request.id, caller)
        with wrapping(
            f"Failed to get a pipeline (v1beta1) {request.id} due to error fetching the latest pipeline version"
        ):
            version = self._pipelines.latest_version(request.id, caller)
        return pipeline_message(pipeline, version)

    def GetPipelineByNameV1(self, request: Any, caller: Caller) -> Message:
        with wrapping(
            f"Failed to get a pipeline (v1beta1) with name {request.name} and namespace {request.namespace}."
            " Check error stack."
        ):
            namespace = self._pipelines.require_by_name(request.name, request.namespace, caller)
            with wrapping(
                f"ResourceManager (v1beta1): Failed to get a pipeline named {request.name} in namespace {namespace}"
            ):
                return pipeline_message(*self._pipelines.newest_with_version(request.name, namespace))

    def ListPipelinesV1(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to list pipelines (v1beta1) due to filter validation error"):
            key = resource_key(request)
        namespace = _namespace(key)
        with wrapping(f"Failed to list pipelines due invalid list options: {options_text(request)}"):
            options = requested_options(PIPELINES, request, self._dialect)
        with wrapping(f"Failed to list pipelines (v1beta1) in namespace {namespace}. Check error stack"):
            page = self._pipelines.list(options, namespace, caller)
        reply = list_reply("api.ListPipelinesResponse", page)
        versions = self._pipelines.default_versions(page.records)
        for pipeline, version in zip(page.records, versions, strict=True):
            fill_pipeline(reply.pipelines.add(), pipeline, version)
        return reply

    def DeletePipelineV1(self, request: Any, caller: Caller) -> Message:
        with wrapping(f"Failed to delete pipeline (v1beta1) {request.id}. Check error stack"):
            self._pipelines.delete(request.id, caller)
        return self._empty()

    def GetTemplate(self, request: Any, caller: Caller) -> Message:
        if not request.id:
            raise invalid_input(
                "Failed to get the default pipeline template (v1beta1). Pipeline id cannot be empty"
            )
        with wrapping(
            "Failed to get the default template (v1beta1) due to authorization error."
            f" Verify that you have access to pipeline id {request.id}"
        ):
            self._pipelines.require_access("get", request.id, caller)
        with wrapping(
            f"Failed to get the default template (v1beta1) for pipeline {request.id}. Check error stack"
        ):
            return _template(self._pipelines.latest_template(request.id))

    def CreatePipelineVersionV1(self, request: Any, caller: Caller) -> Message:
        asked = request.version
        if not asked.package_url.pipeline_url:
            raise invalid_input(
                "Failed to create a pipeline version (v1beta1). Pipeline version is nil or pipeline's URL is empty"
            )
        pipeline_id = _owner(asked.resource_references)
        if not pipeline_id:
            # The real server forgets to say what it misses, and answers as if it had done something.
            self._access.waive(caller)
            return message_class("api.PipelineVersion")()
        version = PipelineVersion(
            id="",
            pipeline_id=pipeline_id,
            name=asked.name,
            display_name=asked.name,
            description=asked.description,
            code_source_url=asked.code_source_url,
            package_url=asked.package_url.pipeline_url,
        )
        with wrapping("Failed to create a pipeline version (v1beta1) due to conversion error"):
            check_lengths(self._dialect, "PipelineVersion", Name=version.name, PipelineId=pipeline_id)
        with wrapping("Failed to create a pipeline version (v1beta1) due to internal server error"):
            return version_message(self._versions.create_from_url(version, caller))

    def GetPipelineVersionV1(self, request: Any, caller: Caller) -> Message:
        with wrapping(f"Failed to get a pipeline version (v1beta1) {request.version_id}"):
            return version_message(self._versions.get(request.version_id, caller))

    def ListPipelineVersionsV1(self, request: Any, caller: Caller) -> Message:
        if not request.HasField("resource_key"):
            raise invalid_input("Failed to list pipeline versions (v1beta1) due to missing pipeline id")
        pipeline_id = request.resource_key.id
        with wrapping(f"Failed to list pipeline versions due invalid list options: {options_text(request)}"):
            options = requested_options(PIPELINE_VERSIONS, request, self._dialect)
        with wrapping(
            f"Failed to list pipeline versions (v1beta1) with pipeline id {pipeline_id}. Check error stack"
        ):
            page = self._versions.list(options, pipeline_id, caller)
        reply = list_reply("api.ListPipelineVersionsResponse", page)
        for version in page.records:
            fill_version(reply.versions.add(), version)
        return reply

    def DeletePipelineVersionV1(self, request: Any, caller: Caller) -> Message:
        version_id = request.version_id
        if not version_id:
            raise invalid_input(
                "Failed to delete a pipeline version (v1beta1) due missing pipeline version id"
            )
        with wrapping(
            f"Failed to delete a pipeline version (v1beta1) {version_id} due error fetching a pipeline id"
        ):
            pipeline_id = self._versions.pipeline_of(version_id)
        with wrapping(
            f"Failed to delete a pipeline version (v1beta1) {version_id} under pipeline {pipeline_id}."
            " Check error stack"
        ):
            self._versions.delete(pipeline_id, version_id, caller)
        return self._empty()

    def GetPipelineVersionTemplate(self, request: Any, caller: Caller) -> Message:
        return _template(self._versions.template(request.version_id, caller))

    def UpdatePipelineDefaultVersionV1(self, request: Any, caller: Caller) -> Message:
        # It has no effect that anybody can see, in the real server either: the latest version is the default one.
        with wrapping(
            f"Failed to update (v1beta1) default pipeline version to {request.version_id}"
            f" for pipeline {request.pipeline_id} due to authorization error"
        ):
            self._pipelines.require_access("update", request.pipeline_id, caller)
        return self._empty()


def _namespace(key: ResourceKey | None) -> str:
    if key is None:
        return ""
    if key.type is not ResourceType.NAMESPACE:
        raise invalid_input(
            "Failed to list pipelines (v1beta1) due to invalid resource references for pipelines:"
            f" &{{{type_name(key.type)} {key.id}}}"
        )
    return key.id


def _owner(references: Any) -> str:
    """The id of the last pipeline that owns; a reference without key kills the real server."""
    owner = ""
    for reference in references:
        if not reference.HasField("key"):
            raise invalid_input("fake_kfp: a resource reference without key, of which the real server dies")
        if reference.key.type == ResourceType.PIPELINE and reference.relationship == Relationship.OWNER:
            owner = reference.key.id
    return owner


def _template(text: str) -> Message:
    return message_class("api.GetTemplateResponse")(template=text)
