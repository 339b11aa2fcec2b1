"""The names and ids of nodes and pods: ``Workflow.NodeID``, ``workflow/util/pod_name.go``."""

from __future__ import annotations

import re

from fake_kfp.golang.fnv import fnv1a

_LONGEST_POD_PREFIX = 253 - 10 - 1
_STEP_OR_TASK = re.compile(r"^(\[\d+\])?\.")


class NodeIds:
    """The ids of a workflow's nodes: its own name for the root, else that name and the hash of the node's name."""

    __slots__ = ("_hashes", "_ids", "_workflow_name")

    def __init__(self, workflow_name: str) -> None:
        self._workflow_name = workflow_name
        self._ids = {workflow_name: workflow_name}
        self._hashes = {workflow_name: fnv1a(workflow_name)}

    def of(self, node_name: str) -> str:
        """The id a node of that name has or would have."""
        known = self._ids.get(node_name)
        if known is None:
            known = self._ids[node_name] = f"{self._workflow_name}-{self._hash_of(node_name)}"
        return known

    def _hash_of(self, node_name: str) -> int:
        """Most names are those of the nodes around them, whose hashes are known, and go on with a dot."""
        dot = max(node_name.rfind("."), 0)
        around = self._hashes.get(node_name[:dot])
        found = fnv1a(node_name) if around is None else fnv1a(node_name[dot:], around)
        self._hashes[node_name] = found
        return found


def pod_name(workflow_name: str, node_id: str, template_name: str) -> str:
    """The name of the pod (format v2) of the node with this id."""
    if node_id == workflow_name:
        return workflow_name
    prefix = f"{workflow_name}-{template_name}" if template_name else workflow_name
    return f"{prefix[:_LONGEST_POD_PREFIX]}-{node_id[len(workflow_name) + 1 :]}"


def display_name(node_name: str, boundary_name: str | None) -> str:
    """A node's name within its boundary; the full name where there is no boundary."""
    if boundary_name is None:
        return node_name
    rest = node_name.removeprefix(boundary_name)
    return rest[1:] if rest.startswith(".") else _STEP_OR_TASK.sub("", rest)


def exit_node_name(parent: str) -> str:
    """The node of the exit handler of ``parent``, a node or the workflow."""
    return f"{parent}.onExit"


def hook_node_name(parent: str, hook: str) -> str:
    """The node of a lifecycle hook of ``parent``."""
    return f"{parent}.hooks.{hook}"
