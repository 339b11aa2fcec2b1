"""Running steps: ``workflow/controller/steps.go``. One group after the other; the members of a group at once."""

from __future__ import annotations

from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.engine.calls import Call
from fake_kfp.simulator.engine.children import Boundary
from fake_kfp.simulator.engine.context import Context
from fake_kfp.simulator.engine.limits import await_fail_fast
from fake_kfp.simulator.engine.memoize import remember
from fake_kfp.simulator.engine.nodes import new_node, node_of
from fake_kfp.simulator.engine.retries import last_try
from fake_kfp.simulator.engine.steps.group import GroupRun
from fake_kfp.simulator.engine.stops import INLINE_LOOP, TemplateError
from fake_kfp.simulator.engine.tree.outbound import outbound_nodes, tie
from fake_kfp.simulator.engine.variables.outputs import export_outputs, loop_variables, template_outputs
from fake_kfp.simulator.engine.variables.scope import Scope, input_variables, node_variables, output_variables


def execute_steps(context: Context, call: Call, name: str, processed: Json) -> Node:
    """Goes on with the steps of a call, or of its current try. Raises TemplateError and GoError."""
    node = node_of(context, call, name) or new_node(context, call, name, "Steps", "Running", processed)
    if call.body is None or call.body.name != name:
        call.body = StepsRun(context, call, node, processed)
    try:
        call.body.walk()
    finally:
        if node.fulfilled:
            context.tree.kill_daemons(node.id)
    await_fail_fast(context, call, node)
    return node


class StepsRun:
    """The live side of one steps node: the scope so far, and the group that goes on."""

    def __init__(self, context: Context, call: Call, node: Node, template: Json) -> None:
        self.context, self.call, self.node, self.name = context, call, node, node.name
        self._boundary = Boundary(context, call, node)
        self.template = template
        self.scope = Scope("steps", input_variables(template))
        self.scope.add(output_variables("workflow", context.workflow.status.outputs))
        self._index = 0
        self._group: GroupRun | None = None
        self._begun: list[GroupRun] = []
        self._previous: Node | None = None
        self._serving: list[GroupRun] = []
        """Finished groups with daemons, whose outputs may yet come."""

    @property
    def restless(self) -> bool:
        """Whether something in the current group waits for room."""
        return self._group is not None and self._group.restless

    def take_apart(self) -> list[Call]:
        """Lets go of the groups, and gives their calls."""
        return [call for group in self._begun for call in group.take_apart()]

    def renew(self, template: Json) -> None:
        """Takes the template as it reads now."""
        self.template = template
        self.scope.add(output_variables("workflow", self.context.workflow.status.outputs))
        if self._group is not None and self._index < len(template["steps"]):
            self._group.renew(template["steps"][self._index])

    def walk(self) -> None:
        """Goes on with the current group and those after it, until one has to wait or has failed (``executeSteps``)."""
        groups = self.template["steps"]
        for group in self._serving:
            self._add_outputs(group)
        while self._index < len(groups):
            group = self._group or self._begin_group(groups[self._index])
            group.walk()
            if group.halted or not group.node.fulfilled:
                if group.exit_failed and self.name == self.call.name:
                    self.call.stand_in = group.node
                group.halted = group.exit_failed = False
                return
            if group.node.failed_or_error:
                self._set_outbound()
                self.context.tree.mark(self.node, "Failed", group.node.message)
                return
            self._add_outputs(group)
            if self.context.tree.daemons.get(self.node.id):
                self._serving.append(group)
            self._index, self._group, self._previous = self._index + 1, None, group.node
        self._succeed()

    def _begin_group(self, steps: list[Json]) -> GroupRun:
        tree = self.context.tree
        name = f"{self.name}[{self._index}]"
        node = tree.find(name)
        if node is None:
            node = tree.create(name, "StepGroup", {}, self.node.id, "Running", {})
        self._tie_group(node)
        self._group = GroupRun(self._boundary, self.scope, node, steps)
        self._begun.append(self._group)
        return self._group

    def _tie_group(self, node: Node) -> None:
        """Hangs a group under the steps node, or under the outbound nodes of the group before."""
        tree = self.context.tree
        if self._previous is None:
            tree.add_child(self.node, node.name)
        elif not self._previous.children:
            tree.add_child(self._previous, node.name)
        else:
            for child in map(tree.nodes.get, list(self._previous.children)):
                if child is not None:
                    tie(tree, child, node.name)

    def _add_outputs(self, group: GroupRun) -> None:
        """What the steps of a finished group offer to those after it."""
        for step in group.steps:
            prefix = f"steps.{step['name']}"
            node = self.context.tree.find(f"{group.node.name}.{step['name']}")
            if node is not None:
                self.scope.add(node_variables(prefix, last_try(self.context, node) or node))
            else:
                items = group.item_nodes(step["name"])
                if items and step.get("inline") is not None:
                    raise TemplateError(INLINE_LOOP)
                self.scope.add(loop_variables(prefix, items))

    def _succeed(self) -> None:
        self._set_outbound()
        outputs = template_outputs(self.template, self.scope)
        if outputs is not None:
            self.node.outputs = outputs
            export_outputs(self.context.tree, self.context.globals, outputs)
        remember(self.context.workflow.caches, self.node, self.context.now)
        self.context.tree.mark(self.node, "Succeeded")

    def _set_outbound(self) -> None:
        """The outbound nodes of the last group there is."""
        tree = self.context.tree
        for index in range(len(self.template["steps"]) - 1, -1, -1):
            group = tree.find(f"{self.name}[{index}]")
            if group is not None:
                children = map(tree.nodes.get, group.children)
                self.node.outbound = [
                    outbound
                    for child in children
                    if child is not None
                    for outbound in outbound_nodes(tree, child)
                ]
                return
