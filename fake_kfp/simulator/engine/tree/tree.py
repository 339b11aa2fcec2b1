"""The node tree of one workflow: making nodes, moving their phases, and what is counted while doing so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.phases import FAILED_OR_ERROR, LIVE, NodePhase, NodeType
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.cluster.workflow import Pod, Workflow
from fake_kfp.simulator.engine.tree.names import NodeIds, display_name, pod_name

_COUNTED_TYPES: frozenset[NodeType] = frozenset({"Pod", "Steps", "DAG"})


@dataclass(slots=True)
class Counts:
    """What the limits of one boundary ask for (``node_counters.go``)."""

    active_pods: int = 0
    active_children: int = 0
    unsuccessful: int = 0


class Tree:
    """Creates and changes nodes; every change of a phase goes through here, so that the counts stay true.

    ``changed`` tells whether anything was changed that Argo would store. Times are cut to whole seconds, as storing does.
    """

    def __init__(self, workflow: Workflow) -> None:
        self.workflow = workflow
        self.nodes = workflow.status.nodes
        self.changed = False
        self.now: datetime = datetime.min
        self.active_pods = 0
        self.unstarted: dict[str, Node] = {}
        """Nodes that are Pending, and suspend nodes that are Running: what a deadline ends though no pod runs."""
        self.failed: dict[str, Node] = {}
        self.daemons: dict[str, dict[str, Node]] = {}
        """Daemons that are up, by boundary."""
        self._counts: defaultdict[str, Counts] = defaultdict(Counts)
        self._shown = 0
        self.id_of: Callable[[str], str] = NodeIds(workflow.name).of
        """The id that a node of a name has or would have."""
        for node in self.nodes.values():
            self._account(node, 1)

    def pod_name(self, node_name: str, template_name: str) -> str:
        """The name that the pod of the node of that name has or would have."""
        return pod_name(self.workflow.name, self.id_of(node_name), template_name)

    def find(self, name: str) -> Node | None:
        """The node of that name, if there is one."""
        return self.nodes.get(self.id_of(name))

    def counts(self, boundary_id: str) -> Counts:
        """The live counts of what happens right inside a boundary."""
        return self._counts[boundary_id]

    def create(
        self,
        name: str,
        type_: NodeType,
        caller: Json,
        boundary_id: str,
        phase: NodePhase,
        flag: dict[str, bool] | None = None,
        message: str = "",
    ) -> Node:
        """A new node for a template called by ``caller``, a task or a step (``initializeNode``). Raises Spent."""
        self.workflow.budget.check_nodes(len(self.nodes))
        boundary = self.nodes.get(boundary_id)
        node = Node(
            id=self.id_of(name),
            name=name,
            display_name=display_name(name, boundary.name if boundary else None),
            type=type_,
            phase=phase,
            started_at=self.now,
            template_name=caller.get("template", ""),
            template_ref=caller.get("templateRef"),
            template_scope=f"local/{self.workflow.name}",
            boundary_id=boundary_id,
            message=message,
            flag=flag,
        )
        if node.fulfilled:
            node.finished_at = self.now
        self.nodes[node.id] = node
        self._account(node, 1)
        self.changed = True
        return node

    def account_inputs(self, inputs: Json) -> None:
        """A node is going to show these inputs. Raises Spent."""
        self._shown += sum([len(each.get("value") or "") for each in inputs.get("parameters") or ()])
        self.workflow.budget.check_shown(self._shown)

    def mark(self, node: Node, phase: NodePhase, message: str | None = None) -> Node:
        """Moves a node to a phase; a message of None leaves the old one (``markNodePhase``)."""
        if node.phase != phase:
            self._account(node, -1)
            node.phase = phase
            self._account(node, 1)
            self.changed = True
        if message is not None and node.message != message:
            node.message = message
            self.changed = True
        if node.finished_at is None and node.fulfilled:
            node.finished_at = self.now
            self.changed = True
        return node

    def mark_error(self, node: Node, text: str) -> Node:
        """Moves a node to Error, with the error's text as its message."""
        return self.mark(node, "Error", text)

    def set_daemoned(self, node: Node, daemoned: bool) -> None:
        """Raises or lowers the flag of a daemon that serves."""
        if node.daemoned != daemoned:
            self._account(node, -1)
            node.daemoned = daemoned
            self._account(node, 1)
            self.changed = True

    def set_waiting(self, node: Node, synchronization: Json | None) -> None:
        """Says which lock a node waits for; None when it waits no longer."""
        self._account(node, -1)
        node.synchronization = synchronization
        self._account(node, 1)
        self.changed = True

    def add_child(self, parent: Node, child_name: str) -> None:
        """Makes the node of that name, which need not exist yet, a child of ``parent``."""
        child_id = self.id_of(child_name)
        if child_id not in parent.children:
            parent.children[child_id] = None
            self.changed = True

    def attach_pod(self, node: Node, pod: Pod) -> None:
        """Puts a node's first pod into the cluster."""
        self.workflow.add_pod(pod)
        if node.phase in LIVE:
            self._account_pod(node, 1)

    def kill_daemons(self, boundary_id: str) -> None:
        """Ends the daemons of a boundary that is over (``killDaemonedChildren``)."""
        for node in list(self.daemons.get(boundary_id, {}).values()):
            self.mark(node, "Succeeded")
            self.set_daemoned(node, False)
            self.workflow.drop_pod(node.id)

    def _account(self, node: Node, by: int) -> None:
        phase = node.phase
        if node.type in _COUNTED_TYPES:
            counts = self._counts[node.boundary_id]
            if phase in LIVE:
                counts.active_children += by
                if node.id in self.workflow.pods:
                    self._account_pod(node, by)
            elif phase in FAILED_OR_ERROR:
                counts.unsuccessful += by
        if phase == "Pending" or (node.type == "Suspend" and phase == "Running"):
            _enter(self.unstarted, node, by)
        elif phase in FAILED_OR_ERROR:
            _enter(self.failed, node, by)
        if node.daemoned:
            _enter(self.daemons.setdefault(node.boundary_id, {}), node, by)

    def _account_pod(self, node: Node, by: int) -> None:
        waits = node.synchronization is not None and node.synchronization.get("waiting")
        if node.type == "Pod" and not waits:
            self._counts[node.boundary_id].active_pods += by
            self.active_pods += by


def _enter(index: dict[str, Node], node: Node, by: int) -> None:
    if by > 0:
        index[node.id] = node
    else:
        index.pop(node.id, None)
