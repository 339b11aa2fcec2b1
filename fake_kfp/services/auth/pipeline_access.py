"""Asking for rights on pipelines (``pipeline_server.go: canAccessPipeline``).

A pipeline without namespace is shared: nobody is asked for anything.
"""

from __future__ import annotations

from fake_kfp.errors import wrapping
from fake_kfp.services.auth.access import Access, is_empty_namespace
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.storage.pipeline_records import get_pipeline, get_version
from fake_kfp.store.world import World


class PipelineAccess:
    """Asks for rights on pipelines and, by way of their pipelines, on versions."""

    def __init__(self, world: World, access: Access) -> None:
        self._world = world
        self._access = access

    def require_on(self, caller: Caller, verb: str, pipeline_id: str, name: str = "") -> None:
        """Asks for a right on a pipeline. In multi-user mode (and only there) an unknown one is told to anybody."""
        namespace = ""
        if self._access.multi_user and pipeline_id:
            with wrapping(
                f"Failed to access pipeline {pipeline_id}. Check if it exists and have a namespace assigned"
            ):
                pipeline = get_pipeline(self._world, pipeline_id)
            namespace, name = pipeline.namespace, name or pipeline.name
        self._check(caller, verb, pipeline_id, namespace, name)

    def require_on_version(self, caller: Caller, verb: str, version_id: str) -> None:
        """Asks for a right on the pipeline of a version."""
        pipeline_id = ""
        if self._access.multi_user and version_id:
            with wrapping(f"Failed to access pipeline version {version_id}. Check if it exists"):
                pipeline_id = get_version(self._world, version_id).pipeline_id
        self.require_on(caller, verb, pipeline_id)

    def require_in(self, caller: Caller, verb: str, namespace: str, name: str = "") -> None:
        """Asks for a right on the pipelines of a namespace."""
        self._check(caller, verb, "", namespace, name)

    def _check(self, caller: Caller, verb: str, pipeline_id: str, namespace: str, name: str) -> None:
        if is_empty_namespace(namespace):
            self._access.waive(caller)
            return
        with wrapping(
            f"Failed to access pipeline {pipeline_id}. Check if you have access to namespace {namespace}"
        ):
            self._access.require(caller, verb, "pipelines", namespace, name)
