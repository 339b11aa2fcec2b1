"""Versions of pipelines (``server/pipeline_server.go``, ``resource_manager.go``, ``storage/pipeline_store.go``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fake_kfp.errors import invalid_input, wrapping
from fake_kfp.golang import paths
from fake_kfp.golang.url import is_request_uri
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.auth.guards import Guard
from fake_kfp.services.pipelines.creation import PipelineCreation
from fake_kfp.services.pipelines.tags import changed_fields, check_tags
from fake_kfp.services.pipelines.urls import Urls
from fake_kfp.services.storage.pipeline_records import get_pipeline, get_version, stored_version
from fake_kfp.store.lists.options import ListOptions
from fake_kfp.store.records import Pipeline, PipelineVersion
from fake_kfp.store.table import Page
from fake_kfp.store.world import World


class PipelineVersions:
    """The rules of PipelineService about versions."""

    def __init__(self, world: World, guard: Guard[Pipeline], creation: PipelineCreation, urls: Urls) -> None:
        self._world = world
        self._guard = guard
        self._creation = creation
        self._urls = urls

    def create_from_url(self, version: PipelineVersion, caller: Caller) -> PipelineVersion:
        """Makes a version of ``version.pipeline_id`` from what lies behind ``version.package_url``."""
        url, pipeline_id = version.package_url, version.pipeline_id
        _require(url, "Failed to create a pipeline version due to missing pipeline URL")
        _require(pipeline_id, "Failed to create a pipeline version due empty parent pipeline id")
        _require(version.name, "name is required")
        with wrapping(
            f"Failed to create a pipeline version due authorization error for pipeline id {pipeline_id}"
        ):
            self._guard.require_on(caller, "create", pipeline_id, version.name)
        manifest = self._fetch(url)
        return self._creation.version(replace(version, manifest=manifest.decode("utf-8", "replace")))

    def _fetch(self, url: str) -> bytes:
        if not is_request_uri(url):
            raise invalid_input(
                "Failed to create a pipeline version due to invalid pipeline spec URI."
                f" PipelineSpecURI: {url}. Please specify a valid URL"
            )
        contents = self._urls.download(
            url,
            failure=f"Failed to create a pipeline version due error downloading the pipeline spec from {url}",
            refusal=f"Failed to fetch pipeline spec with url: {url}. Request returned",
        )
        with wrapping("Failed to create a pipeline version due error reading the pipeline spec"):
            return self._creation.read_file(paths.base(url), contents)

    def get(self, version_id: str, caller: Caller) -> PipelineVersion:
        """The version with this id."""
        with wrapping(
            f"Failed to get a pipeline version due to authorization error for pipeline version id {version_id}"
        ):
            self._require_on(caller, "get", version_id)
        return get_version(self._world, version_id)

    def list(
        self, options: ListOptions[PipelineVersion], pipeline_id: str, caller: Caller
    ) -> Page[PipelineVersion]:
        """A page of a pipeline's versions."""
        _require(pipeline_id, "Failed to list pipeline versions. Pipeline id cannot be empty")
        with wrapping(
            f"Failed to list pipeline versions due to error fetching the namespace for pipeline {pipeline_id}"
        ):
            namespace = namespace_of(self._world, pipeline_id)
        with wrapping(
            "Failed to list pipeline versions due to authorization error."
            f" Check if you have read permission to namespace {namespace}"
        ):
            self._guard.require_in(caller, "list", namespace)
        return self._world.pipeline_versions.page(options, where={"pipeline_id": pipeline_id})

    def pipeline_of(self, version_id: str) -> str:
        """The id of the pipeline that a version belongs to."""
        return get_version(self._world, version_id).pipeline_id

    def update(
        self,
        pipeline_id: str,
        version_id: str,
        display_name: str,
        tags: Mapping[str, str] | None,
        caller: Caller,
    ) -> PipelineVersion:
        """Gives a version another display name (unless it is empty) and other tags (unless they are None)."""
        _require(version_id, "Failed to update a pipeline version. Pipeline version id cannot be empty")
        _require(pipeline_id, f"Failed to update pipeline version {version_id}. Pipeline id cannot be empty")
        with wrapping(f"Failed to update pipeline version {version_id} due to authorization error"):
            self._require_on(caller, "update", version_id)
        with wrapping(f"Failed to update pipeline version {version_id}. Check error stack"):
            check_tags(tags or {})
            version = stored_version(self._world, version_id)
            self._world.pipeline_versions.update(version, **changed_fields(display_name, tags))
        return version

    def delete(self, pipeline_id: str, version_id: str, caller: Caller) -> None:
        """Deletes a version, the last one of its pipeline too."""
        with wrapping(
            f"Failed to delete a pipeline version id {version_id} due to authorization error"
            f" for pipeline id {pipeline_id}"
        ):
            self._require_on(caller, "delete", version_id)
        with wrapping(f"Failed to delete pipeline version with id {version_id} as it was not found"):
            version = stored_version(self._world, version_id)
        self._world.pipeline_versions.delete(version.id)

    def template(self, version_id: str, caller: Caller) -> str:
        """The manifest of a version."""
        with wrapping(
            "Failed to get a pipeline template due to authorization error."
            f" Verify that you have access to pipeline version {version_id}"
        ):
            self._require_on(caller, "get", version_id)
        missing = f"Failed to get pipeline version template as pipeline version id {version_id} was not found"
        with wrapping(f"Failed to get a pipeline template for pipeline version {version_id}: {missing}"):
            return stored_version(self._world, version_id).manifest

    def _require_on(self, caller: Caller, verb: str, version_id: str) -> None:
        """Asks for a right on the pipeline of a version (``canAccessPipelineVersion``)."""
        pipeline_id = ""
        if self._guard.multi_user and version_id:
            with wrapping(f"Failed to access pipeline version {version_id}. Check if it exists"):
                pipeline_id = get_version(self._world, version_id).pipeline_id
        self._guard.require_on(caller, verb, pipeline_id)


def namespace_of(world: World, pipeline_id: str) -> str:
    """The namespace of a pipeline (``FetchNamespaceFromPipelineId``)."""
    with wrapping(f"Failed to get namespace for pipeline id {pipeline_id}"):
        return get_pipeline(world, pipeline_id).namespace


def _require(text: str, message: str) -> None:
    if not text:
        raise invalid_input(message)
