"""What a retry makes of a failed workflow: a manifest that the operator can go on with (``workflow.go: GenerateRetryExecution``)."""

from __future__ import annotations

import marshal
from typing import Any

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.labels import COMPLETED_LABEL, FINAL_STATE_LABEL, PHASE_LABEL
from fake_kfp.simulator.cluster.phases import FAILED_OR_ERROR, NodePhase

RETRYABLE_PHASES = FAILED_OR_ERROR

_KEPT: frozenset[NodePhase] = frozenset({"Succeeded", "Skipped"})
_DROPPED: frozenset[NodePhase] = frozenset({"Error", "Failed", "Omitted"})


class NotRetryable(Exception):
    """The workflow is not over: its own phase says so."""


class NodeStillLive(Exception):
    """The workflow is over, but for a pod; the message names it and its phase."""


def retry_manifest(manifest: Json) -> Json:
    """The manifest of the next attempt; the given one stays as it is.

    What succeeded is kept, what failed is forgotten but for DAGs, which run on. Exit handlers are always forgotten.
    Raises :class:`NotRetryable`, :class:`NodeStillLive`.
    """
    if manifest["status"].get("phase") not in RETRYABLE_PHASES:
        raise NotRetryable
    retried: Json = marshal.loads(marshal.dumps(manifest))  # a twentieth of what ``copy.deepcopy`` takes
    _reopen(retried)
    nodes = _nodes_to_keep(retried)
    _prune_links(nodes)
    _replace(retried["status"], "nodes", nodes)
    return retried


def _reopen(manifest: Json) -> None:
    """The workflow itself runs again; when it started and how far it was stays as it was."""
    labels = manifest["metadata"].setdefault("labels", {})
    labels.pop(COMPLETED_LABEL, None)
    labels.pop(FINAL_STATE_LABEL, None)
    labels[PHASE_LABEL] = "Running"
    status = manifest["status"]
    status["phase"] = "Running"
    status["finishedAt"] = None
    status.pop("message", None)
    _set_not_completed(status)
    if manifest["spec"].get("activeDeadlineSeconds") == 0:
        del manifest["spec"]["activeDeadlineSeconds"]


def _set_not_completed(status: Json) -> None:
    conditions = status.setdefault("conditions", [])
    condition = {"type": "Completed", "status": "False"}
    for index, present in enumerate(conditions):
        if present.get("type") == "Completed":
            conditions[index] = condition
            return
    conditions.append(condition)


def _nodes_to_keep(manifest: Json) -> dict[str, Json]:
    exit_handler = manifest["metadata"].get("name", "") + ".onExit"
    kept = {}
    for node in (manifest["status"].get("nodes") or {}).values():
        phase, hooked = node.get("phase", ""), node.get("name", "").startswith(exit_handler)
        if phase not in _KEPT and phase not in _DROPPED:
            raise NodeStillLive(
                f"Workflow cannot be retried with node {pod_name(manifest, node)} in {phase} phase"
            )
        if hooked:
            continue
        if phase in _KEPT:
            kept[node["id"]] = node
        elif node.get("type") == "DAG":
            kept[node["id"]] = _running_again(node)
    return kept


def _running_again(node: Json) -> Json:
    node.update(phase="Running", finishedAt=None)
    node.pop("message", None)
    return node


def _prune_links(nodes: dict[str, Json]) -> None:
    for node in nodes.values():
        for link in ("children", "outboundNodes"):
            _replace(node, link, [target for target in node.get(link) or () if target in nodes])


def _replace(fields: Json, key: str, value: Any) -> None:
    """Sets a field, or takes it out where it would be empty."""
    if value:
        fields[key] = value
    else:
        fields.pop(key, None)


def pod_name(manifest: Json, node: Json) -> str:
    """What KFP calls the pod of a workflow's node (``workflow.go: RetrievePodName``)."""
    workflow_name = manifest["metadata"].get("name", "")
    if manifest.get("apiVersion") == "v1":
        return str(node.get("id", ""))
    if node.get("name") == workflow_name:
        return str(workflow_name)
    prefix = (
        workflow_name
        if ".inline" in node.get("name", "")
        else f"{workflow_name}-{node.get('templateName', '')}"
    )
    return f"{prefix}-{node.get('id', '').rpartition('-')[2]}"
