"""Reading what a node wrote (``resource_manager.go: ReadArtifact``)."""

from __future__ import annotations

import json

from fake_kfp.errors import Code, KfpError, internal_error, invalid_input, resource_not_found
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.auth.guards import Guard
from fake_kfp.services.runs.lifecycle import Lifecycle
from fake_kfp.services.storage.run_records import stored_run
from fake_kfp.store.records import Run
from fake_kfp.store.world import World


class Artifacts:
    """Finds artifacts by the manifest that is stored with the run."""

    def __init__(self, world: World, guard: Guard[Run], lifecycle: Lifecycle) -> None:
        self._world = world
        self._guard = guard
        self._lifecycle = lifecycle

    def require_access(self, run_id: str, caller: Caller) -> None:
        """Asks for the right to read a run's artifacts; comes before :meth:`read`."""
        self._guard.require_on(caller, "readArtifact", run_id)

    def read(self, run_id: str, node_id: str, artifact_name: str) -> bytes:
        """The content of an artifact that a finished node wrote to the object store."""
        key = self._key(run_id, node_id, artifact_name)
        content = self._world.objects.get(key)
        if content is None:
            raise internal_error("object not found", f"Failed to get file {key}")
        return content

    def find(self, run_id: str, node_id: str, artifact_name: str) -> bytes | None:
        """The same; None where run, node, artifact or content are missing (``run_artifact_server.go: artifactFileExists``)."""
        try:
            return self._world.objects.get(self._key(run_id, node_id, artifact_name))
        except KfpError as error:
            if error.code is not Code.NOT_FOUND:
                raise
            return None

    def _key(self, run_id: str, node_id: str, artifact_name: str) -> str:
        run = stored_run(self._world, run_id)
        self._lifecycle.bring_up_to_date([run])
        if not run.workflow_runtime_manifest:
            raise invalid_input("read artifact from run with v2 IR spec is not supported")
        key = artifact_key(run.workflow_runtime_manifest, node_id, artifact_name)
        if not key:
            path = f"runs/{run_id}/nodes/{node_id}/artifacts/{artifact_name}"
            raise resource_not_found("artifact", path)
        return key


def artifact_key(workflow_manifest: str, node_id: str, artifact_name: str) -> str:
    """The object key of the last artifact of this name with one; empty where there is none (``FindObjectStoreArtifactKeyOrEmpty``)."""
    nodes = json.loads(workflow_manifest)["status"].get("nodes") or {}
    artifacts = nodes.get(node_id, {}).get("outputs", {}).get("artifacts") or ()
    keys = [
        artifact.get("s3", {}).get("key", "")
        for artifact in artifacts
        if artifact.get("name") == artifact_name
    ]
    return next((key for key in reversed(keys) if key), "")
