"""Pipelines (``server/pipeline_server.go``, ``resource_manager.go``, ``storage/pipeline_store.go``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from fake_kfp.errors import invalid_input, resource_not_found, wrapping
from fake_kfp.golang import paths
from fake_kfp.golang.url import is_request_uri
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.auth.guards import Guard
from fake_kfp.services.auth.ownership import Ownership
from fake_kfp.services.pipelines.creation import PipelineCreation
from fake_kfp.services.pipelines.tags import changed_fields, check_tags
from fake_kfp.services.pipelines.urls import Urls
from fake_kfp.services.storage.pipeline_records import (
    get_pipeline,
    latest_manifest,
    latest_version,
    newest_version,
    stored_pipeline,
)
from fake_kfp.store.lists.options import ListOptions
from fake_kfp.store.records import Pipeline, PipelineVersion
from fake_kfp.store.table import Page
from fake_kfp.store.world import World

PipelineAndVersion = tuple[Pipeline, PipelineVersion | None]


class Pipelines:
    """The rules of PipelineService about pipelines."""

    def __init__(
        self,
        world: World,
        guard: Guard[Pipeline],
        ownership: Ownership,
        creation: PipelineCreation,
        urls: Urls,
    ) -> None:
        self._world = world
        self._guard = guard
        self._ownership = ownership
        self._creation = creation
        self._urls = urls

    def create(self, pipeline: Pipeline, caller: Caller) -> Pipeline:
        """Makes a pipeline without versions."""
        pipeline = replace(pipeline, namespace=self._ownership.pipelines_namespace(pipeline.namespace))
        if not pipeline.name:
            raise invalid_input("name is required")
        with wrapping(
            "Failed to create a pipeline due to authorization error."
            f" Check if you have write permissions to namespace {pipeline.namespace}"
        ):
            self._guard.require_in(caller, "create", pipeline.namespace, pipeline.name)
        return self._creation.pipeline(pipeline)

    def create_from_url(
        self, pipeline: Pipeline, url: str, caller: Caller, version_tags: Mapping[str, str] | None = None
    ) -> tuple[Pipeline, PipelineVersion]:
        """Makes a pipeline and its first version from what lies behind a URL; named after its file unless it has a name."""
        file_name = paths.base(url)
        name = pipeline.name or pipeline.display_name or file_name
        pipeline = replace(
            pipeline,
            name=name,
            display_name=pipeline.display_name or name,
            namespace=self._ownership.pipelines_namespace(pipeline.namespace),
        )
        self._guard.require_in(caller, "create", pipeline.namespace, pipeline.name)
        if not is_request_uri(url):
            raise invalid_input(f"invalid pipeline spec URL: {url}")
        contents = self._urls.download(
            url,
            failure=f"error downloading the pipeline spec from {url}",
            refusal=f"error fetching pipeline spec from {url} - request returned",
        )
        version = first_version(pipeline, self._creation.read_file(file_name, contents))
        return self._creation.pipeline_and_version(
            pipeline, replace(version, package_url=url, tags=version_tags or {})
        )

    def get(self, pipeline_id: str, caller: Caller) -> Pipeline:
        """The pipeline with this id."""
        if not pipeline_id:
            raise invalid_input("Failed to get a pipeline. Pipeline id cannot be empty")
        with wrapping(f"Failed to get a pipeline due authorization error for pipeline id {pipeline_id}"):
            self._guard.require_on(caller, "get", pipeline_id)
        return get_pipeline(self._world, pipeline_id)

    def latest_version(self, pipeline_id: str, caller: Caller) -> PipelineVersion:
        """The version created last, which is the default one whatever anybody sets."""
        if not pipeline_id:
            raise invalid_input("Failed to get the latest pipeline version as pipeline id is empty")
        with wrapping(
            f"Failed to get the latest pipeline version due authorization error for pipeline id {pipeline_id}"
        ):
            self._guard.require_on(caller, "get", pipeline_id)
        return latest_version(self._world, pipeline_id)

    def require_by_name(self, name: str, namespace: str, caller: Caller) -> str:
        """Asks for the right to get a pipeline by its name, and gives the namespace to look for it in."""
        namespace = self._ownership.pipelines_namespace(namespace)
        with wrapping(
            "Failed to fetch a pipeline due to authorization error."
            f" Check if you have read permission to namespace {namespace}"
        ):
            self._guard.require_in(caller, "get", namespace, name)
        return namespace

    def newest(self, name: str, namespace: str) -> Pipeline:
        """The pipeline of that name; comes after :meth:`require_by_name`. Without a namespace all are searched."""
        found = self._named(name, namespace)
        if not found:
            raise resource_not_found("Namespace/Pipeline", f"{namespace}/{name}")
        return max(found, key=lambda pipeline: pipeline.created_at)

    def newest_with_version(self, name: str, namespace: str) -> PipelineAndVersion:
        """The same with its latest version; where all namespaces are searched, the pipeline with the newest version wins."""
        found = self._named(name, namespace)
        if not found:
            raise resource_not_found("Namespace/Pipeline and PipelineVersion", f"{namespace}/{name}")
        return max(map(self._with_version, found), key=_age)

    def _named(self, name: str, namespace: str) -> Sequence[Pipeline]:
        where = {"name": name, **({"namespace": namespace} if namespace else {})}
        return tuple(self._world.pipelines.find(**where))

    def list(self, options: ListOptions[Pipeline], namespace: str, caller: Caller) -> Page[Pipeline]:
        """A page of a namespace's pipelines; no namespace means the shared ones."""
        namespace = self._ownership.pipelines_namespace(namespace)
        with wrapping(
            "Failed to list pipelines due to authorization error."
            f" Check if you have read permission to namespace {namespace}"
        ):
            self._guard.require_in(caller, "list", namespace)
        return self._world.pipelines.page(options, where={"namespace": namespace})

    def default_versions(self, pipelines: Iterable[Pipeline]) -> Sequence[PipelineVersion | None]:
        """The latest version of each of these pipelines, None where it has none."""
        return [newest_version(self._world, pipeline.id) for pipeline in pipelines]

    def update(
        self, pipeline_id: str, display_name: str, tags: Mapping[str, str] | None, caller: Caller
    ) -> Pipeline:
        """Gives a pipeline another display name (unless it is empty) and other tags (unless they are None)."""
        if not pipeline_id:
            raise invalid_input("Failed to update a pipeline. Pipeline id cannot be empty")
        with wrapping(f"Failed to update pipeline {pipeline_id} due to authorization error"):
            self._guard.require_on(caller, "update", pipeline_id)
        with wrapping(f"Failed to update pipeline {pipeline_id}. Check error stack"):
            check_tags(tags or {})
            pipeline = stored_pipeline(self._world, pipeline_id)
            self._world.pipelines.update(pipeline, **changed_fields(display_name, tags))
        return pipeline

    def delete(self, pipeline_id: str, caller: Caller, cascade: bool = False) -> None:
        """Deletes a pipeline, and with ``cascade`` its versions; without, it must have none left."""
        if not pipeline_id:
            raise invalid_input("Failed to delete a pipeline due missing pipeline id")
        with wrapping(f"Failed to delete a pipeline due authorization error for pipeline id {pipeline_id}"):
            self._guard.require_on(caller, "delete", pipeline_id)
        with wrapping(f"Failed to delete pipeline with id {pipeline_id} as it was not found"):
            stored_pipeline(self._world, pipeline_id)
        if cascade:
            for each in self._world.pipeline_versions.find(pipeline_id=pipeline_id):
                self._world.pipeline_versions.delete(each.id)
        self._require_no_versions(pipeline_id)
        self._world.pipelines.delete(pipeline_id)

    def _require_no_versions(self, pipeline_id: str) -> None:
        version = newest_version(self._world, pipeline_id)
        if version is not None:
            raise invalid_input(
                f"Failed to delete pipeline with id {pipeline_id} as it has existing pipeline versions"
                f" (e.g. {version.id}). Set cascade=true to delete all versions"
            )

    def require_access(self, verb: str, pipeline_id: str, caller: Caller) -> None:
        """Asks for a right on a pipeline, for calls whose refusals each API version words by itself."""
        self._guard.require_on(caller, verb, pipeline_id)

    def latest_template(self, pipeline_id: str) -> str:
        """The manifest of the latest version; comes after :meth:`require_access`."""
        return latest_manifest(self._world, pipeline_id)

    def _with_version(self, pipeline: Pipeline) -> PipelineAndVersion:
        return pipeline, newest_version(self._world, pipeline.id)


def first_version(pipeline: Pipeline, manifest: bytes) -> PipelineVersion:
    """The version that comes with a new pipeline and is called like it."""
    return PipelineVersion(
        id="",
        pipeline_id="",
        name=pipeline.name,
        display_name=pipeline.display_name,
        description=pipeline.description,
        manifest=manifest.decode("utf-8", "replace"),
    )


def _age(found: PipelineAndVersion) -> tuple[int, int]:
    pipeline, version = found
    return (version.created_at if version else -1, pipeline.created_at)
