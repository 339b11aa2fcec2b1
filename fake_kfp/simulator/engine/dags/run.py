"""A dag that is being walked: ``workflow/controller/dag.go``.

A ``DagRun`` is kept for as long as its node is not over. In a walk it visits only tasks at which something happened since the last
one: a node moved, a dependency was settled, a time came. It visits them in the order of Argo's full walk, so that everything comes
out as if it had looked at every task.
"""

from __future__ import annotations

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.phases import FAILED_OR_ERROR, NodePhase
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.engine.calls import Call
from fake_kfp.simulator.engine.context import Context
from fake_kfp.simulator.engine.dags.dag import Dag
from fake_kfp.simulator.engine.dags.phase import assess_phase, assess_unharmed, nodes_below
from fake_kfp.simulator.engine.dags.results import Results
from fake_kfp.simulator.engine.dags.task import TaskRun
from fake_kfp.simulator.engine.limits import await_fail_fast
from fake_kfp.simulator.engine.memoize import remember
from fake_kfp.simulator.engine.nodes import new_node, node_of
from fake_kfp.simulator.engine.stops import STOPS
from fake_kfp.simulator.engine.tree.outbound import outbound_nodes
from fake_kfp.simulator.engine.variables.outputs import export_outputs, template_outputs
from fake_kfp.simulator.engine.variables.scope import Scope


def execute_dag(context: Context, call: Call, name: str, processed: Json) -> Node:
    """Goes on with the dag of a call, or of its current try. Raises TemplateError and GoError."""
    node = node_of(context, call, name) or new_node(context, call, name, "DAG", "Running", processed)
    if call.body is None or call.body.name != name:
        call.body = DagRun(Dag(context, call, node, processed))
    try:
        call.body.walk()
    finally:
        if node.fulfilled:
            context.tree.kill_daemons(node.id)
    await_fail_fast(context, call, node)
    return node


class DagRun:
    """The live side of one dag node (:class:`~fake_kfp.simulator.engine.calls.Body`)."""

    def __init__(self, dag: Dag) -> None:
        self.name = dag.name
        self._dag, self._context, self._plan = dag, dag.context, dag.plan
        nodes = {name: self._context.tree.find(f"{self.name}.{name}") for name in self._plan.names}
        resumed = any(nodes.values())
        self._results = Results(dag, resumed=resumed)
        self._runs: dict[str, TaskRun] = {}
        dag.siblings = self._runs
        self._build(nodes, resumed)

    def _build(self, nodes: dict[str, Node | None], resumed: bool) -> None:
        """Takes up what is there already, and has every task visited that a full walk would come to."""
        plan, order = self._plan, self._plan.order
        if resumed:
            order = plan.walk(lambda name: not _is_over(nodes[name]) and not self._is_orphan(name, nodes))
        self._order = [self._new_run(position, name, nodes[name]) for position, name in enumerate(order)]
        if len(order) < len(plan.names):
            self._leave_out(set(plan.names).difference(order), nodes)
        self._open = len(order)
        if resumed:
            below = nodes_below(self._context.tree, self._dag.node)
            self._dag.loose = any(node is not None and node.id not in below for node in nodes.values())
        self._dag.children.fill(len(order))

    def _leave_out(self, names: set[str], nodes: dict[str, Node | None]) -> None:
        """Some tasks are not to be visited: nobody waits for them any more."""
        for name in self._plan.names:
            if name in names:
                run = self._new_run(-1, name, nodes[name])
                run.settled = True
                self._results.note(run)
        for run in self._order:
            run.open_dependencies -= sum(name in names for name in self._plan.dependencies[run.name])

    def _is_orphan(self, name: str, nodes: dict[str, Node | None]) -> bool:
        """Whether a task is there already, though something it needs is not: Argo gives it up before it looks further."""
        return nodes[name] is not None and any(nodes[other] is None for other in self._plan.ancestors(name))

    def _new_run(self, position: int, name: str, node: Node | None) -> TaskRun:
        run = self._runs[name] = TaskRun(self._dag, self._results, position, name, node)
        return run

    @property
    def restless(self) -> bool:
        """Whether something waits for room."""
        return self._dag.children.restless

    def renew(self, template: Json) -> None:
        """Takes the template as it reads now."""
        self._dag.renew(template)

    def take_apart(self) -> list[Call]:
        """Lets go of the tasks, and gives their calls."""
        self._dag.children.take_apart()
        calls = [call for run in self._runs.values() for call in run.take_apart()]
        self._runs.clear()
        return calls

    def walk(self) -> None:
        """Visits what has to be visited, then judges the dag as a whole (``executeDAG``)."""
        for position in self._dag.children.walk():
            run = self._order[position]
            run.visit()
            if self._dag.needs_care and run.name in self._plan.target_names:
                self._visit_target(run)
            self._settle(run)
        phase = self._assess()
        if phase in FAILED_OR_ERROR:
            self._set_outbound()
            self._context.tree.mark(self._dag.node, phase)
        elif phase == "Succeeded":
            self._succeed()

    def _visit_target(self, run: TaskRun) -> None:
        """Nobody depends on a target, so its hooks are looked after once more."""
        try:
            run.visit_hooks()
        except STOPS as error:
            self._context.tree.mark_error(self._dag.node, error.text)
            raise

    def _settle(self, run: TaskRun) -> None:
        """Tells the dependents of a task when it is over, hooks and all, and when a late hook makes it start again."""
        settled = run.is_settled()
        if run.settled == settled:
            return
        run.settled = settled
        by = -1 if settled else 1
        self._open += by
        self._results.note(run)
        for name in self._plan.dependents.get(run.name, ()):
            dependent = self._runs[name]
            dependent.open_dependencies += by
            if dependent.open_dependencies == 0 and not dependent.settled:
                self._dag.children.visit_too(dependent.position)

    def _assess(self) -> NodePhase:
        dag, tree = self._dag, self._context.tree
        if self._context.shutdown:
            return "Failed" if self._exit_handlers_done() else "Running"
        if self._open and not dag.loose:
            return "Running"  # without looking: an open task is found sooner or later by who comes down from the dag's node
        if not (tree.failed or dag.loose):
            return assess_unharmed(tree, dag.node)
        targets = [(tree.id_of(f"{self.name}.{name}"), dag.tasks[name]) for name in self._plan.targets]
        fail_fast = dag.template["dag"].get("failFast")
        return assess_phase(tree, dag.node, targets, fail_fast is None or bool(fail_fast))

    def _exit_handlers_done(self) -> bool:
        runs = (self._runs[name] for name in self._plan.targets)
        return all(run.node is None or not run.node.completed or run.is_settled() for run in runs)

    def _succeed(self) -> None:
        context, node, results = self._context, self._dag.node, self._results
        for name in self._plan.names:
            task = self._runs[name].node
            if task is not None:
                if results.is_unreadable(name):
                    results.variables(name)
                export_outputs(context.tree, context.globals, task.outputs)
        if self._dag.template.get("outputs"):
            scope = Scope("tasks", self._dag.inputs, results.variables, lambda: self._plan.names)
            outputs = template_outputs(self._dag.template, scope)
            if outputs is not None:
                node.outputs = outputs
        remember(context.workflow.caches, node, context.now)
        self._set_outbound()
        context.tree.mark(node, "Succeeded")

    def _set_outbound(self) -> None:
        nodes = [self._runs[name].node for name in self._plan.targets]
        self._dag.node.outbound = [
            outbound
            for node in nodes
            if node is not None
            for outbound in outbound_nodes(self._context.tree, node)
        ]


def _is_over(node: Node | None) -> bool:
    return node is not None and node.fulfilled
