"""The names and ids of nodes and pods: ``Workflow.NodeID``, ``workflow/util/pod_name.go``."""

from __future__ import annotations

import re

from fake_kfp.golang.fnv import fnv1a

_LONGEST_POD_PREFIX = 253 - 10 - 1
_STEP_OR_TASK = re.compile(r"^(\[\d+\])?\.")


def node_id(workflow_name: str, node_name: str) -> str:
    """A node's id: the workflow's name for the root, else that name and the hash of the node's name."""
    return workflow_name if node_name == workflow_name else f"{workflow_name}-{fnv1a(node_name)}"


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
