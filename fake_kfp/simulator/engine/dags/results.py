"""What the tasks of a dag give to those that come after them (``dag.go: buildLocalScopeFromTask``)."""

from __future__ import annotations

from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.engine.dags.dag import Dag, Sibling
from fake_kfp.simulator.engine.retries import last_try
from fake_kfp.simulator.engine.stops import INLINE_LOOP, TROUBLE, TemplateError
from fake_kfp.simulator.engine.variables.outputs import loop_variables
from fake_kfp.simulator.engine.variables.scope import Scope, Variables, node_variables, output_variables


class Results:
    """The outputs of a dag's tasks as variables, and what keeps them from being read.

    ``resumed`` says that tasks had nodes before this dag was walked: only then can an ancestor be missing.
    """

    def __init__(self, dag: Dag, *, resumed: bool) -> None:
        self._dag, self._resumed = dag, resumed
        dag.needs_care |= resumed
        self._loop_outputs: dict[str, Variables] = {}
        self._unreadable: dict[str, str] = {}
        self._complete: set[str] = set()
        """Tasks that have a node, and whose ancestors all have one."""

    def note(self, task: Sibling) -> None:
        """Notes a loop whose items gave results that are no JSON: it spoils whatever comes behind it."""
        try:
            if task.node is not None and task.node.type == "TaskGroup":
                self._collected(task.name, task.node, f"tasks.{task.name}")
        except TROUBLE as error:
            self._unreadable[task.name] = error.text
            self._dag.needs_care = True

    def is_unreadable(self, name: str) -> bool:
        """Whether the task is a loop whose results were no JSON when it was settled."""
        return name in self._unreadable

    def check_ancestors(self, name: str) -> None:
        """Raises TemplateError where an ancestor of the task vanished with an API retry, or is a loop with unreadable results."""
        missing = self._missing_ancestor(name) if self._resumed else None
        if missing is not None:
            raise TemplateError(f"Ancestor task node {missing} not found")
        if self._unreadable:
            ancestors = self._dag.plan.ancestors(name)
            for loop, text in self._unreadable.items():
                if loop in ancestors:
                    raise TemplateError(text)

    def _missing_ancestor(self, name: str) -> str | None:
        """An ancestor without a node; what is complete once stays so and need not be looked at again."""
        dependencies = self._dag.plan.dependencies
        seen: set[str] = set()
        waiting = list(dependencies[name])
        while waiting:
            other = waiting.pop()
            if other in self._complete or other in seen:
                continue
            if self._dag.siblings[other].node is None:
                return other
            seen.add(other)
            waiting.extend(dependencies[other])
        self._complete |= seen
        return None

    def scope_of(self, name: str) -> Scope:
        """What the task of that name may refer to. Raises TemplateError."""
        dag, plan = self._dag, self._dag.plan
        self.check_ancestors(name)
        if dag.inline_loops and not dag.inline_loops.isdisjoint(plan.ancestors(name)):
            raise TemplateError(INLINE_LOOP)

        def provide(other: str) -> Variables:
            known = other in plan.dependencies and plan.is_ancestor(other, name)
            return self.variables(other, from_tries=True) if known else {}

        scope = Scope("tasks", dag.inputs, provide, lambda: plan.ancestors(name))
        exported = dag.context.workflow.status.outputs
        if exported:
            scope.add(output_variables("workflow", exported))
        return scope

    def variables(self, name: str, *, from_tries: bool = False) -> Variables:
        """What a task offers to others; a loop also offers what its items gave, ``from_tries`` where they are retried."""
        if name not in self._dag.siblings:
            return {}
        node = self._dag.siblings[name].node
        prefix = f"tasks.{name}"
        if node is None:
            if not from_tries:
                return {}
            raise TemplateError(f"Ancestor task node {name} not found")
        if node.type != "TaskGroup":
            return node_variables(prefix, last_try(self._dag.context, node) or node)
        if from_tries:
            return self._collected(name, node, prefix)
        return {**loop_variables(prefix, self._items(node)), **node_variables(prefix, node)}

    def _collected(self, name: str, node: Node, prefix: str) -> Variables:
        """What the items of a loop gave, kept once nothing can be added any more."""
        if name in self._loop_outputs:
            return self._loop_outputs[name]
        variables = loop_variables(prefix, self._dag.siblings[name].item_nodes())
        if node.fulfilled and not self._dag.context.tree.daemons.get(self._dag.node.id):
            self._loop_outputs[name] = variables
        return variables

    def _items(self, node: Node) -> list[Node]:
        nodes = self._dag.context.tree.nodes
        return [child for child in map(nodes.get, node.children) if child is not None]
