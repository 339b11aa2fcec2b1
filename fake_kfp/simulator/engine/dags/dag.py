"""A running dag: ``workflow/controller/dag.go``.

A ``DagRun`` is kept for as long as its node is not over. In a walk it visits only tasks at which something happened since the last
one: a node moved, a dependency was settled, a time came. It visits them in the order of Argo's full walk, so that everything comes
out as if it had looked at every task.
"""

from __future__ import annotations

from typing import cast

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.engine.agenda import Agenda
from fake_kfp.simulator.engine.calls import Call
from fake_kfp.simulator.engine.context import Context
from fake_kfp.simulator.engine.dags.phase import assess_phase
from fake_kfp.simulator.engine.dags.plan import DagPlan, structure_of
from fake_kfp.simulator.engine.dags.task import TaskRun
from fake_kfp.simulator.engine.limits import await_fail_fast, has_room
from fake_kfp.simulator.engine.loops import is_loop
from fake_kfp.simulator.engine.memoize import remember
from fake_kfp.simulator.engine.retries import last_try
from fake_kfp.simulator.engine.stops import INLINE_LOOP, STOPS, TROUBLE, TemplateError
from fake_kfp.simulator.engine.templates import to_text
from fake_kfp.simulator.engine.tree.nodes import new_node
from fake_kfp.simulator.engine.tree.outbound import outbound_nodes
from fake_kfp.simulator.engine.variables.outputs import export_outputs, loop_variables, template_outputs
from fake_kfp.simulator.engine.variables.scope import Scope, Variables, node_variables, output_variables


def execute_dag(context: Context, call: Call, name: str, processed: Json) -> Node:
    """Goes on with the dag of a call, or of its current try. Raises TemplateError and GoError."""
    node = context.tree.find(name) or new_node(context, call, name, "DAG", "Running", processed)
    if call.body is None or call.body.name != name:
        call.body = DagRun(context, call, node, processed)
    try:
        call.body.walk()
    finally:
        if node.fulfilled:
            context.tree.kill_daemons(node.id)
    await_fail_fast(context, call, node)
    return node


class DagRun:
    """The live side of one dag node."""

    def __init__(self, context: Context, call: Call, node: Node, template: Json) -> None:
        self.context, self.call, self.node, self.name = context, call, node, node.name
        self.plan = _plan_of(call, template)
        self.runs: dict[str, TaskRun] = {}
        self._order: list[TaskRun] = []
        self._agenda = Agenda()
        self._loop_outputs: dict[str, Variables] = {}
        self._unreadable: dict[str, str] = {}
        self._resumed = False
        self._complete: set[str] = set()
        """Tasks that have a node, and whose ancestors all have one."""
        self.renew(template)
        self._build()

    def _build(self) -> None:
        """Finds what is there already, and puts every task on the agenda that a full walk would come to."""
        nodes = {name: self.context.tree.find(f"{self.name}.{name}") for name in self.plan.names}
        order = self.plan.order
        self._resumed = any(nodes.values())
        if self._resumed:
            order = self.plan.walk(
                lambda name: not _is_over(nodes[name]) and not self._is_orphan(name, nodes)
            )
        visited = set(order)
        self._order = [self._new_run(position, name, nodes[name]) for position, name in enumerate(order)]
        for name in self.plan.names:
            if name not in visited:
                run = self._new_run(-1, name, nodes[name])
                run.settled = True
                self._read_results(run)
        for run in self._order:
            run.open_dependencies = sum(name in visited for name in self.plan.dependencies[run.name])
        self._open = len(order)
        self._agenda.fill(list(range(len(order))))

    def _is_orphan(self, name: str, nodes: dict[str, Node | None]) -> bool:
        """Whether a task is there already, though something it needs is not: Argo gives it up before it looks further."""
        return nodes[name] is not None and any(nodes[other] is None for other in self.plan.ancestors(name))

    def _new_run(self, position: int, name: str, node: Node | None) -> TaskRun:
        run = self.runs[name] = TaskRun(self, position, name, node)
        return run

    @property
    def restless(self) -> bool:
        """Whether something waits for room."""
        return bool(self._agenda)

    @property
    def volatile(self) -> bool:
        """Whether the tasks may read differently in each look."""
        return self.call.template is not None and self.call.template.volatile

    def renew(self, template: Json) -> None:
        """Takes the template as it reads now."""
        self.template = template
        self.tasks: dict[str, Json] = {task["name"]: task for task in template["dag"].get("tasks") or ()}
        self._inline_loops = {
            name for name, task in self.tasks.items() if task.get("inline") and is_loop(task)
        }

    def touch(self, position: int) -> None:
        """Something happened at the task of that position."""
        self._agenda.push(position)
        self.call.touch()

    def hold(self, run: TaskRun) -> None:
        """The task lacked room; it wants to be visited again when there is some."""
        self._agenda.hold(run.position, started=run.node is not None)

    def walk(self) -> None:
        """Visits what has to be visited, then judges the dag as a whole (``executeDAG``)."""
        for position in self._agenda.walk(self._has_room):
            run = self._order[position]
            run.visit()
            if run.name in self.plan.target_names:
                self._visit_target(run)
            self._settle(run)
        phase = self._assess()
        if phase in ("Failed", "Error"):
            self._set_outbound()
            self.context.tree.mark(self.node, phase)
        elif phase == "Succeeded":
            self._succeed()

    def _has_room(self, started: bool) -> bool:
        limit = self.call.template.child_parallelism if self.call.template is not None else 0
        active = self.context.tree.counts(self.node.id).active_children
        return has_room(self.context) and (started or not limit or active < limit)

    def _visit_target(self, run: TaskRun) -> None:
        """Nobody depends on a target, so its hooks are looked after once more."""
        try:
            run.visit_hooks()
        except STOPS as error:
            self.context.tree.mark_error(self.node, error.text)
            raise

    def _settle(self, run: TaskRun) -> None:
        """Tells the dependents of a task when it is over, hooks and all, and when a late hook makes it start again."""
        settled = run.is_settled()
        if run.settled == settled:
            return
        run.settled = settled
        by = -1 if settled else 1
        self._open += by
        self._read_results(run)
        for name in self.plan.dependents.get(run.name, ()):
            dependent = self.runs[name]
            dependent.open_dependencies += by
            if dependent.open_dependencies == 0 and not dependent.settled:
                self._agenda.push(dependent.position)

    def _read_results(self, run: TaskRun) -> None:
        """Notes a loop whose items gave results that are no JSON: it spoils whatever comes behind it."""
        try:
            if run.node is not None and run.node.type == "TaskGroup":
                self._collected(run.name, run.node, f"tasks.{run.name}")
        except TROUBLE as error:
            self._unreadable[run.name] = error.text

    def check_ancestors(self, name: str) -> None:
        """Raises TemplateError where an ancestor of the task vanished with an API retry, or is a loop with unreadable results."""
        missing = self._missing_ancestor(name) if self._resumed else None
        if missing is not None:
            raise TemplateError(f"Ancestor task node {missing} not found")
        if self._unreadable:
            ancestors = self.plan.ancestors(name)
            for loop, text in self._unreadable.items():
                if loop in ancestors:
                    raise TemplateError(text)

    def _missing_ancestor(self, name: str) -> str | None:
        """An ancestor without a node; what is complete once stays so and need not be looked at again."""
        seen: set[str] = set()
        waiting = list(self.plan.dependencies[name])
        while waiting:
            other = waiting.pop()
            if other in self._complete or other in seen:
                continue
            if self.runs[other].node is None:
                return other
            seen.add(other)
            waiting.extend(self.plan.dependencies[other])
        self._complete |= seen
        return None

    def is_reachable(self, run: TaskRun) -> bool:
        """Whether a full walk would come to a task that is over: through a dependent that isn't, or as a target."""
        dependents = (self.runs[name].node for name in self.plan.dependents.get(run.name, ()))
        return run.name in self.plan.target_names or any(
            node is None or not node.fulfilled for node in dependents
        )

    def _assess(self) -> str:
        if self.context.shutdown:
            return "Failed" if self._exit_handlers_done() else "Running"
        if self._open:
            return "Running"
        targets = [
            (self.context.tree.id_of(f"{self.name}.{name}"), self.tasks[name]) for name in self.plan.targets
        ]
        fail_fast = self.template["dag"].get("failFast")
        return assess_phase(self.context.tree, self.node, targets, fail_fast is None or bool(fail_fast))

    def _exit_handlers_done(self) -> bool:
        runs = (self.runs[name] for name in self.plan.targets)
        return all(run.node is None or not run.node.completed or run.is_settled() for run in runs)

    def _succeed(self) -> None:
        scope = Scope("tasks", self.template, self.task_variables, lambda: self.plan.names)
        for name in self.plan.names:
            node = self.runs[name].node
            if node is not None:
                if name in self._unreadable:
                    self.task_variables(name)
                export_outputs(self.context.tree, self.context.globals, node.outputs)
        outputs = template_outputs(self.template, scope)
        if outputs is not None:
            self.node.outputs = outputs
        remember(self.context.workflow.caches, self.node, self.context.now)
        self._set_outbound()
        self.context.tree.mark(self.node, "Succeeded")

    def _set_outbound(self) -> None:
        nodes = (self.runs[name].node for name in self.plan.targets)
        self.node.outbound = [
            outbound
            for node in nodes
            if node is not None
            for outbound in outbound_nodes(self.context.tree, node)
        ]

    def scope_of(self, name: str) -> Scope:
        """What the task of that name may refer to (``buildLocalScopeFromTask``)."""

        self.check_ancestors(name)

        if self._inline_loops and not self._inline_loops.isdisjoint(self.plan.ancestors(name)):
            raise TemplateError(INLINE_LOOP)

        def provide(other: str) -> Variables:
            known = other in self.plan.dependencies and self.plan.is_ancestor(other, name)
            return self.task_variables(other, from_tries=True) if known else {}

        scope = Scope("tasks", self.template, provide, lambda: self.plan.ancestors(name))
        scope.add(output_variables("workflow", self.context.workflow.status.outputs))
        return scope

    def task_variables(self, name: str, *, from_tries: bool = False) -> Variables:
        """What a task offers to others; a loop also offers what its items gave, ``from_tries`` where they are retried."""
        if name not in self.runs:
            return {}
        node = self.runs[name].node
        prefix = f"tasks.{name}"
        if node is None:
            if not from_tries:
                return {}
            raise TemplateError(f"Ancestor task node {name} not found")
        if node.type != "TaskGroup":
            return node_variables(prefix, last_try(self.context, node) or node)
        if from_tries:
            return self._collected(name, node, prefix)
        return {**loop_variables(prefix, self._items(node)), **node_variables(prefix, node)}

    def _collected(self, name: str, node: Node, prefix: str) -> Variables:
        """What the items of a loop gave, kept once nothing can be added any more."""
        if name in self._loop_outputs:
            return self._loop_outputs[name]
        variables = loop_variables(prefix, self.runs[name].item_nodes())
        if node.fulfilled and not self.context.tree.daemons.get(self.node.id):
            self._loop_outputs[name] = variables
        return variables

    def _items(self, node: Node) -> list[Node]:
        return [child for child in map(self.context.tree.nodes.get, node.children) if child is not None]


def _plan_of(call: Call, template: Json) -> DagPlan:
    """The plan of a dag, worked out once for all calls of a template unless its structure depends on their arguments."""
    assert call.template is not None
    structure = to_text(list(structure_of(template["dag"])))
    if "{{" in to_text(list(structure_of(call.template.spec["dag"]))):
        return DagPlan.of(template["dag"])
    if call.template.plan is None or call.template.plan[0] != structure:
        call.template.plan = (structure, DagPlan.of(template["dag"]))
    return cast(DagPlan, call.template.plan[1])


def _is_over(node: Node | None) -> bool:
    return node is not None and node.fulfilled
