"""Where the manifest of a run or job comes from (``resource_manager.go: fetchTemplateFromPipelineSpec``)."""

from __future__ import annotations

from dataclasses import replace

from fake_kfp.errors import invalid_input, wrapping
from fake_kfp.services.storage.pipeline_records import get_version, latest_version
from fake_kfp.services.templates.template import Template, TemplateKind, parse_template
from fake_kfp.store.records import PipelineSpec, PipelineVersion
from fake_kfp.store.world import World


def fetch_template(world: World, spec: PipelineSpec) -> tuple[Template, PipelineSpec]:
    """The template that a spec means, and the spec with all that is known of it now: its text, and the version that it came from.

    A pipeline or version that is named beats a manifest.
    """
    with wrapping("Failed to fetch a template due to error retrieving pipeline version"):
        version = fetch_version(world, spec)
    if version is not None:
        spec = _of_version(spec, version)
        manifest = version.manifest
    else:
        manifest = spec.pipeline_manifest or spec.workflow_manifest
        if not manifest:
            raise invalid_input("Failed to fetch a template with an empty pipeline spec manifest")
    with wrapping("Failed to fetch a template with an invalid pipeline spec manifest"):
        template = parse_template(manifest, world.dialect)
    return template, _with_manifest(spec, template.kind, manifest)


def _of_version(spec: PipelineSpec, version: PipelineVersion) -> PipelineSpec:
    return replace(
        spec,
        pipeline_id=version.pipeline_id,
        pipeline_version_id=version.id,
        pipeline_name=version.name,
    )


def _with_manifest(spec: PipelineSpec, kind: TemplateKind, manifest: str) -> PipelineSpec:
    """Each language has a column of its own; what the other one holds stays, even if it was given there by mistake."""
    if kind is TemplateKind.V1:
        known = manifest is spec.workflow_manifest
        return spec if known else replace(spec, workflow_manifest=manifest)
    return spec if manifest is spec.pipeline_manifest else replace(spec, pipeline_manifest=manifest)


def fetch_version(world: World, spec: PipelineSpec) -> PipelineVersion | None:
    """The version that is named, else the newest one of the pipeline that is (``fetchPipelineVersionFromPipelineSpec``)."""
    if spec.pipeline_version_id:
        return _named_version(world, spec)
    if spec.pipeline_id:
        with wrapping(
            f"Failed to fetch a pipeline version and its manifest from pipeline {spec.pipeline_id}"
        ):
            return latest_version(world, spec.pipeline_id)
    return None


def _named_version(world: World, spec: PipelineSpec) -> PipelineVersion:
    version_id = spec.pipeline_version_id
    with wrapping(f"Failed to fetch a pipeline version and its manifest from pipeline version {version_id}"):
        version = get_version(world, version_id)
    if spec.pipeline_id and version.pipeline_id not in ("", spec.pipeline_id):
        raise invalid_input(
            f"Pipeline version {version_id} belongs to pipeline {version.pipeline_id} (not {spec.pipeline_id})"
        )
    return version
