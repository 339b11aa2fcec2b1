"""Reading what a node wrote (``resource_manager.go: ReadArtifact``)."""

from __future__ import annotations

import json
from collections.abc import Mapping

from fake_kfp.errors import Code, KfpError, internal_error, invalid_input, resource_not_found
from fake_kfp.golang.json_text import Json
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.auth.guards import Guard
from fake_kfp.services.runs.lifecycle import Lifecycle
from fake_kfp.services.storage.run_records import stored_run
from fake_kfp.simulator.cluster.retrying import pod_name
from fake_kfp.store.records import Run
from fake_kfp.store.world import World

_DEPTH = 3
"""How far below a node its artifacts are looked for: step group, retry, pod."""


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
        content = self._content(key)
        if content is None:
            raise internal_error("object not found", f"Failed to get file {key}")
        return content

    def find(self, run_id: str, node_id: str, artifact_name: str) -> bytes | None:
        """The same; None where run, node, artifact or content are missing (``run_artifact_server.go: artifactFileExists``)."""
        try:
            return self._content(self._key(run_id, node_id, artifact_name))
        except KfpError as error:
            if error.code is not Code.NOT_FOUND:
                raise
            return None

    def _content(self, key: str) -> bytes | None:
        """What lies there; a run that was reported may name what is another's."""
        content = self._world.objects.get(key)
        if content is None:
            self._lifecycle.make_seen()
            content = self._world.objects.get(key)
        return content

    def _key(self, run_id: str, node_id: str, artifact_name: str) -> str:
        run = stored_run(self._world, run_id)
        self._lifecycle.bring_up_to_date([run])
        find_key = key_below_node if self._world.dialect.artifacts_below_nodes else artifact_key
        if not run.workflow_runtime_manifest:
            raise invalid_input("read artifact from run with v2 IR spec is not supported")
        key = find_key(run.workflow_runtime_manifest, node_id, artifact_name)
        if not key:
            path = f"runs/{run_id}/nodes/{node_id}/artifacts/{artifact_name}"
            raise resource_not_found("artifact", path)
        return key


def artifact_key(workflow_manifest: str, node_id: str, artifact_name: str) -> str:
    """The object key of the last artifact of this name with one; empty where there is none (``FindObjectStoreArtifactKeyOrEmpty``)."""
    nodes = json.loads(workflow_manifest)["status"].get("nodes") or {}
    return last_key(nodes.get(node_id, {}), artifact_name)


def last_key(node: Json, artifact_name: str) -> str:
    """The same of one node."""
    keys = _keys(node, artifact_name)
    return keys[-1] if keys else ""


def key_below_node(workflow_manifest: str, node_or_pod: str, artifact_name: str) -> str:
    """The same since 2.17: the first such artifact of a node, or of what is below it; the node may be named by its pod."""
    manifest = json.loads(workflow_manifest)
    nodes: dict[str, Json] = manifest["status"].get("nodes") or {}
    node = nodes.get(node_or_pod)
    if node is None:
        node = next((each for each in nodes.values() if pod_name(manifest, each) == node_or_pod), None)
    return "" if node is None else _first_below(nodes, node, artifact_name, _DEPTH)


def _first_below(nodes: Mapping[str, Json], node: Json, artifact_name: str, depth: int) -> str:
    keys = _keys(node, artifact_name)
    if keys or not depth:
        return keys[0] if keys else ""
    children = [nodes[child] for child in node.get("children") or () if child in nodes]
    below = (_first_below(nodes, child, artifact_name, depth - 1) for child in children)
    return next((key for key in below if key), "")


def _keys(node: Json, artifact_name: str) -> list[str]:
    artifacts = node.get("outputs", {}).get("artifacts") or ()
    keys = [each.get("s3", {}).get("key", "") for each in artifacts if each.get("name") == artifact_name]
    return [key for key in keys if key]
