"""Progress, "2/3": how many of the executable nodes are done (``workflow/progress/updater.go``).

It is worked out when somebody reads the manifest, not in each look: nothing in the engine depends on it.
"""

from __future__ import annotations

from fake_kfp.simulator.status import EXECUTABLE_TYPES, Node, Status

Sum = tuple[int, int]
_NOTHING: Sum = (0, 0)
_DONE = frozenset({"Succeeded", "Skipped", "Omitted"})


def update_progress(status: Status) -> None:
    """Sets the progress of every node and of the workflow."""
    done = total = 0
    for node in status.nodes.values():
        if node.type in EXECUTABLE_TYPES:
            own = _own_progress(node)
            done, total = done + own[0], total + own[1]
    sums = _Sums(status.nodes)
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

    def __init__(self, nodes: dict[str, Node]) -> None:
        self._nodes = nodes
        self._known: dict[str, Sum] = {}
        self._parents: dict[str, int] = {}
        for node in nodes.values():
            for child in node.children:
                self._parents[child] = self._parents.get(child, 0) + 1
        self._is_tree: dict[str, bool] = {}

    def below(self, node: Node) -> Sum:
        """The sum below a node: added up from its children where no two ways can meet, else searched for."""
        if node.id not in self._known:
            for each in self._bottom_up(node):
                self._known[each.id] = self._sum(each)
        return self._known[node.id]

    def _bottom_up(self, node: Node) -> list[Node]:
        """The nodes from here down whose sum is not known yet, children before parents."""
        order: list[Node] = []
        seen = {node.id}
        stack = [(node, iter(node.children))]
        while stack:
            current, rest = stack[-1]
            for child_id in rest:
                child = self._nodes.get(child_id)
                if child is not None and child_id not in seen and child_id not in self._known:
                    seen.add(child_id)
                    stack.append((child, iter(child.children)))
                    break
            else:
                order.append(current)
                stack.pop()
        return order

    def _sum(self, node: Node) -> Sum:
        children = [child for child in map(self._nodes.get, node.children) if child is not None]
        # A single child leads to all there is; in a tree no two children lead to the same node.
        tree = all(self._parents[child.id] == 1 and self._is_tree.get(child.id, False) for child in children)
        self._is_tree[node.id] = tree
        if tree or len(children) <= 1:
            done = total = 0
            for child in children:
                for part in (_parse_if_executable(child), self._known.get(child.id, _NOTHING)):
                    done, total = done + part[0], total + part[1]
            return done, total
        return self._search(children)

    def _search(self, children: list[Node]) -> Sum:
        done = total = 0
        seen = {child.id for child in children}
        waiting = list(children)
        while waiting:
            node = waiting.pop()
            own = _parse_if_executable(node)
            done, total = done + own[0], total + own[1]
            for child_id in node.children:
                child = self._nodes.get(child_id)
                if child is not None and child_id not in seen:
                    seen.add(child_id)
                    waiting.append(child)
        return done, total


def _parse_if_executable(node: Node) -> Sum:
    return _parse(node.progress) if node.type in EXECUTABLE_TYPES and node.progress else _NOTHING
