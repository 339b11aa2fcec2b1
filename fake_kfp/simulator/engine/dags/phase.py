"""Judging a dag: may a task start, and what has become of the whole (``dag.go: evaluateDependsLogic, assessDAGPhase``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from fake_kfp.expressions import evaluate_bool
from fake_kfp.expressions.expr.signatures import BUILTIN_NAMES
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.json_text import Json
from fake_kfp.golang.values import GoStruct
from fake_kfp.simulator.cluster.phases import COMPLETED, FAILED_OR_ERROR, NodePhase
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.engine.children import continues_on
from fake_kfp.simulator.engine.stops import TemplateError
from fake_kfp.simulator.engine.tree.tree import Tree

_NAME = r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
_PLAIN = re.compile(
    rf"\({_NAME}\.Succeeded \|\| (?P=name)\.Skipped \|\| (?P=name)\.Daemoned"
    r"(?P<errored> \|\| (?P=name)\.Errored)?(?P<failed> \|\| (?P=name)\.Failed)?\)"
)
_ONE = re.compile(rf"{_NAME}\.(?P<phase>Succeeded|Failed|Errored|Skipped|Omitted)")
_PHASES = {"Errored": "Error"}
"""What the language calls otherwise than nodes do."""
_RESERVED = BUILTIN_NAMES | set(
    "in or and not matches contains startsWith endsWith let if else nil true false".split()
)
_MOST_PLAIN = 10_000 // 16
"""From somewhere above this many names on, the real evaluator refuses an expression as too large."""


def evaluate_depends(logic: str, dependencies: Mapping[str, Node], tree: Tree) -> bool:
    """Whether a task may run, now that everything it depends on is over. Raises TemplateError."""
    logic = logic.replace("-", "_")
    plain = _evaluate_plain(logic, {name.replace("-", "_"): node for name, node in dependencies.items()})
    if plain is not None:
        return plain
    results = {name.replace("-", "_"): _task_results(node, tree) for name, node in dependencies.items()}
    try:
        return evaluate_bool(logic, results)
    except GoError as error:
        raise TemplateError(f"unable to evaluate expression '{logic}': {error.text}") from None


def _evaluate_plain(logic: str, nodes: Mapping[str, Node]) -> bool | None:
    """The short way for ``a && b`` and ``a.Succeeded && b.Failed``, which is nearly all there is; None for anything else."""
    clauses = logic.split(" && ")
    if len(clauses) > _MOST_PLAIN:
        return None
    result = True
    for clause in clauses:
        match = _plain(clause)
        if match is None:
            return None
        node = nodes[match["name"]]
        result = result and (_is_as_asked if match.re is _ONE else _lets_go_on)(match, node)
    return result


@lru_cache(maxsize=256)
def _plain(clause: str) -> re.Match[str] | None:
    """What a clause says, if it is one of those that the short way knows."""
    match = _PLAIN.fullmatch(clause) or _ONE.fullmatch(clause)
    return None if match is None or match["name"] in _RESERVED else match


def _is_as_asked(match: re.Match[str], node: Node) -> bool:
    return node.phase == _PHASES.get(match["phase"], match["phase"])


def _lets_go_on(match: re.Match[str], node: Node) -> bool:
    return (
        node.phase == "Succeeded"
        or node.phase == "Skipped"
        or (node.daemoned and node.phase != "Pending")
        or (match["errored"] is not None and node.phase == "Error")
        or (match["failed"] is not None and node.phase == "Failed")
    )


def _task_results(node: Node, tree: Tree) -> GoStruct:
    phases: list[NodePhase] = []
    if node.type == "TaskGroup":
        phases = [child.phase if child else "" for child in map(tree.nodes.get, node.children)]
    return GoStruct(
        "controller.TaskResults",
        {
            "Succeeded": node.phase == "Succeeded",
            "Failed": node.phase == "Failed",
            "Errored": node.phase == "Error",
            "Skipped": node.phase == "Skipped",
            "Omitted": node.phase == "Omitted",
            "Daemoned": node.daemoned and node.phase != "Pending",
            "AnySucceeded": "Succeeded" in phases,
            "AllFailed": bool(phases) and set(phases) == {"Failed"},
        },
    )


def assess_phase(tree: Tree, boundary: Node, targets: list[tuple[str, Json]], fail_fast: bool) -> NodePhase:
    """The phase of a dag: Running, Succeeded, Failed or Error. ``targets`` are node ids with their tasks.

    A target that was omitted takes over the phase of the branch it hangs on, failures before successes. One that nothing leads to has
    no phase: without ``fail_fast`` the dag waits for it for ever, with it a failed target ends the dag nevertheless.
    """
    phases = _branch_phases(tree, boundary, {node_id for node_id, _ in targets})
    if phases is None:
        return "Running"
    result: NodePhase = "Succeeded"
    for node_id, task in targets:
        phase = phases.get(node_id, "")
        if not phase:
            result = "Running"
            if not fail_fast:
                break
        elif phase in FAILED_OR_ERROR and not continues_on(task, phase):
            result = phase
            if fail_fast:
                break
    return result


def assess_unharmed(tree: Tree, boundary: Node) -> NodePhase:
    """The same while nothing in the workflow has failed, and all targets hang under the dag: no branch can bring them anything bad."""
    below = nodes_below(tree, boundary).values()
    return "Succeeded" if all(node is not None and node.fulfilled for node in below) else "Running"


def _branch_phases(tree: Tree, boundary: Node, targets: set[str]) -> dict[str, NodePhase] | None:
    """The phases of the targets, breadth first over all that hangs under the dag; None while anything there goes on."""
    phases: dict[str, NodePhase] = {}
    succeeded: NodePhase = "Succeeded"
    queue = [(child, succeeded) for child in boundary.children]
    seen = set(queue)
    for node_id, branch in queue:  # which grows meanwhile
        node = tree.nodes.get(node_id)
        if node is None or not node.fulfilled:
            return None
        if node.phase in COMPLETED:
            branch = node.phase
        if node_id in targets and phases.get(node_id) not in FAILED_OR_ERROR:
            phases[node_id] = branch
        for child in node.children if node.type != "Retry" else _behind_retries(tree, node):
            following = (child, branch)
            if following not in seen:
                seen.add(following)
                queue.append(following)
    return phases


def nodes_below(tree: Tree, boundary: Node) -> dict[str, Node | None]:
    """All that is found by who comes down from a dag's node, by id; None is a node that is not there."""
    found: dict[str, Node | None] = {}
    waiting = list(boundary.children)
    while waiting:
        node_id = waiting.pop()
        if node_id not in found:
            node = found[node_id] = tree.nodes.get(node_id)
            if node is not None:
                waiting += node.children if node.type != "Retry" else _behind_retries(tree, node)
    return found


def _behind_retries(tree: Tree, node: Node) -> list[str]:
    """Behind a Retry node come the children of its tries, last first, and its hooks (``getRetryNodeChildrenIds``)."""
    found: list[str] = []
    for child_id in reversed(node.children):
        child = tree.nodes.get(child_id)
        if child is not None:
            found.extend([child_id] if child.hooked else child.children)
    return found
