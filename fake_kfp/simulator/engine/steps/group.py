"""One group of parallel steps: ``steps.go: executeStepGroup``."""

from __future__ import annotations

from fake_kfp.expressions import should_execute
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.phases import NodePhase
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.engine.calls import Call
from fake_kfp.simulator.engine.children import Boundary, Children, continues_on
from fake_kfp.simulator.engine.hooks import Hooks, Place, exit_hook, lifecycle_hooks
from fake_kfp.simulator.engine.loop_nodes import item_nodes
from fake_kfp.simulator.engine.loops import expand, is_loop
from fake_kfp.simulator.engine.stops import STOPS, TROUBLE, Blocked, TemplateError, TimedOut, TooDeep
from fake_kfp.simulator.engine.variables.filling import filled
from fake_kfp.simulator.engine.variables.scope import Layers, Scope, resolve_artifacts

_EMPTY = "Skipped, empty params"


class GroupRun:
    """The live side of one StepGroup node.

    ``boundary`` is the steps node around it, ``scope`` what its steps may refer to, ``steps`` its steps as the template has them,
    before loops are expanded.
    """

    def __init__(self, boundary: Boundary, scope: Scope, node: Node, steps: list[Json]) -> None:
        self.node, self.steps = node, steps
        self._boundary, self._scope, self._context = boundary, scope, boundary.context
        self._calls: list[Call] | None = None
        self._stale = True
        self._children = Children(boundary.has_room, boundary.call.owner, boundary.call.position)
        self._started: set[int] = set()
        self._finished: set[int] = set()
        self._hooks: dict[int, Hooks] = {}
        self.halted = False
        """Whether a hook came to grief: that the group is over with it is noticed in the next look only."""
        self.exit_failed = False
        """Whether it was an exit handler."""
        self._has_hooks = any(step.get("hooks") or step.get("onExit") for step in steps)

    @property
    def restless(self) -> bool:
        """Whether a step waits for room."""
        return self._children.restless

    def take_apart(self) -> list[Call]:
        """Gives the calls of the steps."""
        self._children.take_apart()
        return self._calls or []

    def renew(self, steps: list[Json]) -> None:
        """Takes the steps as they read now."""
        self.steps, self._stale = steps, True

    def walk(self) -> None:
        """Goes on with the group; its node tells how far it got."""
        if self.node.fulfilled:
            return
        try:
            if self._stale:
                self._prepare()
            if not self._advance():
                return
        except STOPS as error:
            self._context.tree.mark_error(self.node, error.text)
            return
        try:
            if self._look_after_children():
                self._finish()
        except STOPS as error:
            self._context.tree.mark_error(self.node, error.text)
            self.halted = True
            self._context.visit_again(self._children, 0)

    # ------------------------------------------------------------ getting ready

    def _prepare(self) -> None:
        callers = self._callers()
        if self._calls is None:
            self._calls = [self._new_call(caller, position) for position, caller in enumerate(callers)]
            self._children.fill(len(self._calls))
        else:
            for call, caller in zip(self._calls, callers, strict=False):
                call.renew(caller)
        self._stale = False

    def _callers(self) -> list[Json]:
        """The steps, loops expanded."""
        callers: list[Json] = []
        workflow = self._context.workflow
        most, pace = workflow.budget.items, workflow.pace
        for step in self._resolved():
            expanded = expand(step, most=most, step=pace.step) if is_loop(step) else [step]
            name = f"{self.node.name}.{step['name']}"
            if not expanded and self._context.tree.find(name) is None:
                self._skip(name, step, "Skipped", _EMPTY)
            callers.extend(expanded)
        return callers

    def _resolved(self) -> list[Json]:
        """The steps with everything filled in that earlier steps gave (``resolveReferences``)."""
        return [self._resolve(step) for step in self.steps]

    def _resolve(self, step: Json) -> Json:
        scope = self._scope
        try:
            step = filled(step, Layers(scope, self._context.globals))
            if not self._may_run(step):
                return step
        except GoError as error:
            raise self._unresolved(error.text) from None
        arguments = step.get("arguments") or {}
        try:
            return {**step, "arguments": resolve_artifacts(arguments, scope, in_dag=False)}
        except TROUBLE as error:
            raise self._unresolved(f"unable to resolve references: {error.text}") from None

    def _unresolved(self, text: str) -> TemplateError:
        first = "F" if self._context.dialect.step_errors_capitalised else "f"
        return TemplateError(f"{first}ailed to resolve references: {text}")

    @staticmethod
    def _may_run(step: Json) -> bool:
        """Whether the condition is true, or can't be read yet since it is about the item of a loop."""
        try:
            return bool(should_execute(step.get("when", "")))
        except GoError:
            if not is_loop(step):
                raise
            return True

    def _new_call(self, caller: Json, position: int) -> Call:
        name = f"{self.node.name}.{caller['name']}"
        call = self._boundary.new_call(name, caller, "steps", self._children, position)
        call.node = self._context.tree.find(call.name)
        return call

    # ------------------------------------------------------------ running

    def _advance(self) -> bool:
        """Runs the steps at which something happened; False where the operator leaves the group at that for this look."""
        assert self._calls is not None
        for position in self._children.walk():
            call = self._calls[position]
            try:
                proceed = should_execute(call.caller.get("when", ""))
            except GoError as error:
                self._skip(call.name, call.caller, "Error", error.text)
                raise
            if proceed:
                if not self._execute(call):
                    return False
            elif call.node is None:
                when = call.caller.get("when", "")
                call.node = self._skip(call.name, call.caller, "Skipped", f"when '{when}' evaluated false")
            if call.restless:
                self._children.hold(position, started=call.node is not None)
            if call.node is not None:
                self._started.add(position)
                if call.node.fulfilled:
                    self._finished.add(position)
        return True

    def _execute(self, call: Call) -> bool:
        tree = self._context.tree
        try:
            self._context.execute(call)
        except (Blocked, TooDeep):
            pass
        except TimedOut as error:
            tree.mark(self.node, "Failed", error.text)
            return False
        except TROUBLE as error:
            tree.add_child(self.node, call.name)
            raise TemplateError(
                f"step group deemed errored due to child {call.name} error: {error.text}"
            ) from None
        if call.node is not None:
            tree.add_child(self.node, call.name)
        return True

    def _skip(self, name: str, step: Json, phase: NodePhase, message: str) -> Node:
        tree = self._context.tree
        node = tree.find(name)
        if node is None:
            node = tree.create(name, "Skipped", step, self._boundary.node.id, phase, {}, message)
        tree.add_child(self.node, name)
        return node

    # ------------------------------------------------------------ the end

    def _look_after_children(self) -> bool:
        """Whether all steps that have a node are over, hooks and all."""
        assert self._calls is not None
        done = len(self._finished) == len(self._started)
        if not self._has_hooks:
            return done
        scope = self._scope.copy()
        for position, call in enumerate(self._calls):
            if call.node is None or call.node.phase == "Skipped":
                continue
            hooks_done = self._run_hooks(call, call.node, position, scope)
            if hooks_done is None:
                return False
            done = done and hooks_done
        return done

    def _run_hooks(self, call: Call, node: Node, position: int, scope: Scope) -> bool | None:
        """Whether the exit handler of a step is over; None while another hook of it goes on."""
        scope.add({f"steps.{node.display_name}.status": node.phase})
        hooks = self._hooks.setdefault(position, Hooks())
        place = Place(
            self._boundary.call,
            self._boundary.node.id,
            self._children,
            position,
            f"steps.{call.caller['name']}",
        )
        lifecycle = call.caller.get("hooks")
        if any(lifecycle_hooks(lifecycle)):
            if not node.fulfilled:
                self._context.visit_again(self._children, position)
            if not hooks.run_lifecycle(self._context, place, lifecycle or {}, node, scope):
                return None
        if not node.completed:
            return node.fulfilled
        hook = exit_hook(call.caller, self._context.workflow.spec.get("arguments") or {})
        try:
            return hooks.run_exit(self._context, place, hook, node, scope)
        except STOPS:
            self.exit_failed = True
            raise

    def _finish(self) -> None:
        """The group fails with the first step that failed and may not."""
        assert self._calls is not None
        tree = self._context.tree
        for call in self._calls:
            node = call.node
            if node is not None and node.failed_or_error and not continues_on(call.caller, node.phase):
                tree.mark(self.node, "Failed", f"child '{node.id}' failed")
                return
        tree.mark(self.node, "Succeeded")

    def item_nodes(self, step: str) -> list[Node]:
        """The nodes of a loop's items and of their tries, in the order of the items, but for those that did not run."""
        loop = f"{self.node.name}.{step}"
        nodes = item_nodes(self._context.tree, self._boundary.node.id, loop, self._calls)
        return [node for node in nodes if node.type != "Skipped"]
