"""Outbound nodes: where what follows a node is tied on (``operator.go: getOutboundNodes``)."""

from __future__ import annotations

from fake_kfp.simulator.cluster.phases import NodeType
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.engine.tree.tree import Tree

_THEMSELVES: frozenset[NodeType] = frozenset({"Skipped", "Suspend", "HTTP", "Plugin"})

_THEIR_CHILDREN: frozenset[NodeType] = frozenset({"Pod", "Container", "TaskGroup"})


def outbound_nodes(tree: Tree, node: Node) -> list[str]:
    """The ids of the nodes behind which the successors of ``node`` come."""
    if node.type in _THEMSELVES or (node.type == "Pod" and not _has_containers(tree, node)):
        return [node.id]
    if node.type in _THEIR_CHILDREN:
        return _of_children(tree, node)
    if node.type == "Retry" and node.children:
        return [next(reversed(node.children))]
    if (node.type == "Steps" or node.type == "DAG") and (node.memoization or {}).get("hit"):
        return [node.id]
    return [found for outbound in node.outbound for found in _of_id(tree, outbound)]


def _has_containers(tree: Tree, node: Node) -> bool:
    if not node.children:
        return False
    return any(child.type == "Container" for child in map(tree.nodes.get, node.children) if child is not None)


def _of_children(tree: Tree, node: Node) -> list[str]:
    if not node.children:
        return [node.id]
    found: list[str] = []
    for child_id in node.children:
        child = tree.nodes.get(child_id)
        if child is None:
            continue
        if node.type == "Container" and node.boundary_id != child.boundary_id:
            found.append(node.id)
        else:
            found.extend(outbound_nodes(tree, child))
    return found


def _of_id(tree: Tree, node_id: str) -> list[str]:
    node = tree.nodes.get(node_id)
    return outbound_nodes(tree, node) if node is not None else []


def tie(tree: Tree, before: Node, child_name: str) -> bool:
    """Makes a node a child of every outbound node of ``before``; whether there is any."""
    parents = [tree.nodes[node_id] for node_id in outbound_nodes(tree, before) if node_id in tree.nodes]
    for parent in parents:
        tree.add_child(parent, child_name)
    return bool(parents)
