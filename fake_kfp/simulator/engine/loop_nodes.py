"""The nodes that a loop made: those of its items, and of their tries."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.engine.calls import Call
from fake_kfp.simulator.engine.tree.tree import Tree

_INDEX = re.compile(r"\d+")


def item_nodes(tree: Tree, boundary_id: str, loop: str, calls: Iterable[Call] | None) -> list[Node]:
    """The nodes of the loop with this node name, in the order of its items. Where there are no calls yet, they are searched for."""
    prefix = f"{loop}("
    if calls is None:
        found = (node for node in tree.nodes.values() if node.boundary_id == boundary_id)
        return sorted(
            (node for node in found if node.name.startswith(prefix)),
            key=lambda node: _index(node.name, len(prefix)),
        )
    nodes: list[Node] = []
    for call in calls:
        if call.node is not None and call.name.startswith(prefix):
            nodes.append(call.node)
            if call.node.type == "Retry":
                tries = map(tree.nodes.get, call.node.children)
                nodes.extend(each for each in tries if each is not None)
    return nodes


def _index(name: str, start: int) -> int:
    match = _INDEX.match(name, start)
    return int(match[0]) if match else -1
