"""Progress, "2/3": how many of the executable nodes are done (``workflow/progress/updater.go``).

It is worked out when somebody reads the manifest, not in each look: nothing in the engine depends on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fake_kfp.simulator.cluster.phases import EXECUTABLE_TYPES, NodePhase
from fake_kfp.simulator.cluster.status import Node, Status

Sum = tuple[int, int]
_NOTHING: Sum = (0, 0)
_DONE: frozenset[NodePhase] = frozenset({"Succeeded", "Skipped", "Omitted"})


def update_progress(status: Status, step: Callable[[], None] = lambda: None) -> None:
    """Sets the progress of every node and of the workflow. What is done for a node is a ``step``."""
    done = total = 0
    for node in status.nodes.values():
        step()
        if node.type in EXECUTABLE_TYPES:
            own = _own_progress(node)
            done, total = done + own[0], total + own[1]
    sums = _Sums(status.nodes, step)
    for node in status.nodes.values():
        if node.type not in EXECUTABLE_TYPES:
            below = sums.below(node)
            if below[1]:
                node.progress = f"{below[0]}/{below[1]}"
    status.progress = f"{done}/{total}"


def _own_progress(node: Node) -> Sum:
    if not node.progress:
        node.progress = "0/1"
    done, total = _parse(node.progress)
    if node.phase in _DONE and done != total:
        done = total
        node.progress = f"{done}/{total}"
    return done, total


def _parse(progress: str) -> Sum:
    done, _, total = progress.partition("/")
    return int(done), int(total)


class _Sums:
    """The executable nodes below each node, each counted once however many ways lead to it."""

    def __init__(self, nodes: dict[str, Node], step: Callable[[], None]) -> None:
        self._nodes = nodes
        self._step = step
        self._known: dict[frozenset[str], Sum] = {}
        self._parents: dict[str, int] = {}
        for node in nodes.values():
            for child in node.children:
                self._parents[child] = self._parents.get(child, 0) + 1
        self._trees: dict[str, Sum | None] = {}
        """For nodes below which no two ways meet: the sum of what is below. None for the others."""

    def below(self, node: Node) -> Sum:
        """The sum below a node."""
        tree = self._tree(node.id)
        if tree is not None:
            return tree
        path: list[tuple[frozenset[str], Sum]] = []
        front, found = frozenset(node.children), None
        while found is None:
            found = self._known.get(front) or self._sum_trees(front)
            if found is None:
                children = self._present(front)
                following = self._common_children(children)
                if following is None:
                    found = self._search(children)
                else:
                    path.append((front, _total(children)))
                    front = following
        self._known[front] = found
        for front, own in reversed(path):
            found = (found[0] + own[0], found[1] + own[1])
            self._known[front] = found
        return found

    def _present(self, ids: Iterable[str]) -> list[Node]:
        return [node for node in map(self._nodes.get, ids) if node is not None]

    def _common_children(self, nodes: list[Node]) -> frozenset[str] | None:
        """The children that several nodes share, where every one of them has just those; None where they differ."""
        first = nodes[0].children if nodes else {}
        if any(node.children != first or node.id in first for node in nodes):
            return None
        return frozenset(first)

    def _sum_trees(self, ids: frozenset[str]) -> Sum | None:
        """The sum below where no two ways meet; None where they do."""
        done, total = _total(self._present(ids))
        for node_id in ids:
            below = self._tree(node_id)
            if below is None or (len(ids) > 1 and self._parents[node_id] > 1):
                return None
            done, total = done + below[0], total + below[1]
        return done, total

    def _tree(self, node_id: str) -> Sum | None:
        node = self._nodes.get(node_id)
        if node is None or not node.children:
            return _NOTHING
        if node_id not in self._trees:
            for each in self._bottom_up(node):
                self._step()
                self._trees[each.id] = self._judge(each)
        return self._trees[node_id]

    def _judge(self, node: Node) -> Sum | None:
        """The sum below a node if no two ways meet there, from what is known of its children."""
        done, total = _total(self._present(node.children))
        for child_id in node.children:
            below = self._trees.get(child_id, _NOTHING)
            if below is None or self._parents[child_id] > 1:
                return None
            done, total = done + below[0], total + below[1]
        return done, total

    def _bottom_up(self, start: Node) -> list[Node]:
        """The nodes from here down that have children and were not judged yet, children before parents."""
        order: list[Node] = []
        seen = {start.id}
        stack = [(start, iter(start.children))]
        while stack:
            node, rest = stack[-1]
            for child_id in rest:
                child = self._nodes.get(child_id)
                if child is None or not child.children:
                    continue
                if child_id not in seen and child_id not in self._trees:
                    seen.add(child_id)
                    stack.append((child, iter(child.children)))
                    break
            else:
                order.append(node)
                stack.pop()
        return order

    def _search(self, children: list[Node]) -> Sum:
        seen = {child.id: child for child in children}
        waiting = list(children)
        while waiting:
            self._step()
            for child in map(self._nodes.get, waiting.pop().children):
                if child is not None and child.id not in seen:
                    seen[child.id] = child
                    waiting.append(child)
        return _total(seen.values())


def _total(nodes: Iterable[Node]) -> Sum:
    done = total = 0
    for node in nodes:
        if node.type in EXECUTABLE_TYPES and node.progress:
            own = _parse(node.progress)
            done, total = done + own[0], total + own[1]
    return done, total
