"""Pipelines and their versions as they stood when they were looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from fake_kfp.control.views.texts import listed_parameters, moment, name_of
from fake_kfp.deployment import Deployment
from fake_kfp.store.records import Pipeline, PipelineVersion


@dataclass(frozen=True, slots=True)
class PipelineView:
    """A pipeline: a value, which neither changes with the world nor changes it; ``versions`` are their names, oldest first."""

    id: str
    name: str
    display_name: str
    description: str
    namespace: str
    created_at: datetime
    tags: Mapping[str, str]
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version of a pipeline: a value, which neither changes with the world nor changes it.

    ``pipeline`` is the pipeline's name, empty where it was deleted; ``parameters`` are those that a workflow declares, with their values
    (pipelines of kfp 2 say theirs in the ``manifest`` alone).
    """

    id: str
    name: str
    display_name: str
    description: str
    pipeline_id: str
    pipeline: str
    created_at: datetime
    manifest: str
    parameters: Mapping[str, object]
    package_url: str
    code_source_url: str
    tags: Mapping[str, str]


def pipeline_view(deployment: Deployment, pipeline: Pipeline) -> PipelineView:
    """The pipeline as it stands now."""
    versions = deployment.world.pipeline_versions.find(pipeline_id=pipeline.id)
    return PipelineView(
        id=pipeline.id,
        name=pipeline.name,
        display_name=pipeline.display_name,
        description=pipeline.description,
        namespace=pipeline.namespace,
        created_at=moment(pipeline.created_at),
        tags=MappingProxyType(dict(pipeline.tags)),
        versions=tuple(version.name for version in versions),
    )


def version_view(deployment: Deployment, version: PipelineVersion) -> VersionView:
    """The version as it stands now."""
    return VersionView(
        id=version.id,
        name=version.name,
        display_name=version.display_name,
        description=version.description,
        pipeline_id=version.pipeline_id,
        pipeline=name_of(deployment.world.pipelines, version.pipeline_id),
        created_at=moment(version.created_at),
        manifest=version.manifest,
        parameters=listed_parameters(version.parameters),
        package_url=version.package_url,
        code_source_url=version.code_source_url,
        tags=MappingProxyType(dict(version.tags)),
    )
