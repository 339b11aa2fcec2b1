"""Finding pipelines and their versions, with the real server's words where there are none.

The functions named ``stored_…`` are those of ``storage/pipeline_store.go``, the others those of ``resource_manager.go``, which put
words of their own in front.
"""

from __future__ import annotations

from fake_kfp.errors import resource_not_found, wrapping
from fake_kfp.store.records import Pipeline, PipelineVersion
from fake_kfp.store.world import World


def stored_pipeline(world: World, pipeline_id: str) -> Pipeline:
    """``PipelineStore.GetPipeline``."""
    pipeline = world.pipelines.get(pipeline_id)
    if pipeline is None:
        raise resource_not_found("Pipeline", pipeline_id)
    return pipeline


def get_pipeline(world: World, pipeline_id: str) -> Pipeline:
    """``ResourceManager.GetPipeline``."""
    with wrapping(f"Failed to get a pipeline with id {pipeline_id}"):
        return stored_pipeline(world, pipeline_id)


def stored_version(world: World, version_id: str) -> PipelineVersion:
    """``PipelineStore.GetPipelineVersion``."""
    version = world.pipeline_versions.get(version_id)
    if version is None:
        raise resource_not_found("PipelineVersion", version_id)
    return version


def get_version(world: World, version_id: str) -> PipelineVersion:
    """``ResourceManager.GetPipelineVersion``."""
    with wrapping(f"Failed to get a pipeline version with id {version_id}"):
        return stored_version(world, version_id)


def newest_version(world: World, pipeline_id: str) -> PipelineVersion | None:
    """The version created last; None where the pipeline has none."""
    return world.pipeline_versions.newest(pipeline_id=pipeline_id)


def stored_latest_version(world: World, pipeline_id: str) -> PipelineVersion:
    """``PipelineStore.GetLatestPipelineVersion``."""
    version = newest_version(world, pipeline_id)
    if version is None:
        raise resource_not_found("PipelineVersion", pipeline_id)
    return version


def latest_version(world: World, pipeline_id: str) -> PipelineVersion:
    """``ResourceManager.GetLatestPipelineVersion``."""
    with wrapping("Failed to get the latest pipeline version as pipeline was not found"):
        stored_pipeline(world, pipeline_id)
    with wrapping("Failed to get the latest pipeline version for a pipeline"):
        return stored_latest_version(world, pipeline_id)


def latest_manifest(world: World, pipeline_id: str) -> str:
    """``ResourceManager.GetPipelineLatestTemplate``."""
    with wrapping("Failed to get the latest template as pipeline was not found"):
        stored_pipeline(world, pipeline_id)
    with wrapping("Failed to get the latest template for a pipeline"):
        return stored_latest_version(world, pipeline_id).manifest
