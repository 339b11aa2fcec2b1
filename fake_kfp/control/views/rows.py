"""The nodes of a run as rows of a tree, for whoever reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fake_kfp.control.views.nodes import NodeView
from fake_kfp.simulator.cluster.phases import NodePhase
from fake_kfp.simulator.kubelet.outcomes import DRIVER

_OPENINGS = ".(["
"""What follows the name of a node in those of the nodes inside it."""

_ITEM = re.compile(r"iteration-iterations\((\d+):\d+\)")
_FOLDED = frozenset({"executor", "iteration-iterations", "iteration-item"})
"""Nodes that compiled pipelines put around or below a task, and that say nothing of their own."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a tree. ``above`` says of each level above whether something follows there, ``last`` whether nothing follows here."""

    label: str
    phase: NodePhase
    started_at: datetime | None
    finished_at: datetime | None
    message: str
    above: tuple[bool, ...]
    last: bool

    @property
    def seconds(self) -> int | None:
        """How long it took; None while it has not ended."""
        if self.started_at is None or self.finished_at is None:
            return None
        return round((self.finished_at - self.started_at).total_seconds())


@dataclass(slots=True)
class _Branch:
    node: NodeView
    inside: list[_Branch] = field(default_factory=list)
    message: str = ""


def rows_of(nodes: Sequence[NodeView], name: str, workflow_name: str, is_pipeline: bool) -> list[Row]:
    """The rows, parents before what runs in them; the workflow's own bears the ``name`` of the run.

    Of a v2 pipeline the drivers that went well are left out, and each task is one row with what runs it.
    """
    roots = _branches(nodes)
    if is_pipeline:
        roots = [_folded(root) for root in roots]
    return list(_rows(roots, name, workflow_name))


def _branches(nodes: Sequence[NodeView]) -> list[_Branch]:
    """The nodes as a tree of what runs in what, which their names tell."""
    branches = {node.name: _Branch(node, message=node.message) for node in nodes}
    roots: list[_Branch] = []
    for name, branch in branches.items():
        owner = _owner(name, branches)
        (roots if owner is None else branches[owner].inside).append(branch)
    return roots


def _owner(name: str, known: dict[str, _Branch]) -> str | None:
    for place in range(len(name) - 1, 0, -1):
        if name[place] in _OPENINGS and name[:place] in known:
            return name[:place]
    return None


def _folded(root: _Branch) -> _Branch:
    """Without drivers that went well, and with what runs a task in the task's own row."""
    order = [root]
    for branch in order:
        branch.inside = [each for each in branch.inside if not _is_dull(each.node)]
        order += branch.inside
    for branch in reversed(order):
        alone = branch.inside[0] if len(branch.inside) == 1 else None
        if alone is not None and alone.node.display_name in _FOLDED:
            branch.inside, branch.message = alone.inside, branch.message or alone.message
    return root


def _is_dull(node: NodeView) -> bool:
    return node.display_name.endswith(DRIVER) and node.phase in ("Succeeded", "Omitted", "Skipped")


def _rows(roots: Sequence[_Branch], name: str, workflow_name: str) -> Iterator[Row]:
    waiting: list[tuple[_Branch, tuple[bool, ...], bool]] = [(root, (), True) for root in reversed(roots)]
    while waiting:
        branch, above, last = waiting.pop()
        node = branch.node
        label = _label(node, name, workflow_name)
        yield Row(label, node.phase, node.started_at, node.finished_at, branch.message, above, last)
        below = (*above, not last)
        final = len(branch.inside) - 1
        waiting += [(each, below, index == final) for index, each in reversed(list(enumerate(branch.inside)))]


def _label(node: NodeView, name: str, workflow_name: str) -> str:
    """What a node is called where its run bears its own name: the end of a workflow's is random."""
    item = _ITEM.fullmatch(node.display_name)
    if item:
        return f"item {item[1]}"
    return name if node.name == workflow_name else node.display_name.removeprefix(f"{workflow_name}.")
