"""One task of a running dag: ``dag.go: executeDAGTask``."""

from __future__ import annotations

from fake_kfp.expressions import should_execute
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.phases import NodePhase, NodeType
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.engine.calls import Call, Owner
from fake_kfp.simulator.engine.dags.dag import Dag
from fake_kfp.simulator.engine.dags.loop import LoopRun
from fake_kfp.simulator.engine.dags.phase import evaluate_depends
from fake_kfp.simulator.engine.dags.results import Results
from fake_kfp.simulator.engine.hooks import Hooks, Place, exit_hook, hooks_fulfilled, lifecycle_hooks
from fake_kfp.simulator.engine.loop_nodes import item_nodes
from fake_kfp.simulator.engine.loops import expand, is_loop
from fake_kfp.simulator.engine.stops import STOPS, TROUBLE, Blocked, TimedOut, TooDeep
from fake_kfp.simulator.engine.templates import is_volatile, to_text
from fake_kfp.simulator.engine.tree.outbound import tie
from fake_kfp.simulator.engine.variables.scope import Layers, Scope, resolve_artifacts

_OMITTED = "omitted: depends condition not met"
_EMPTY = "Skipped, empty params"


class TaskRun:
    """A task and, once it may start, its calls: one, or for a loop one for each item."""

    __slots__ = (
        "_hooks",
        "_read",
        "_results",
        "calls",
        "dag",
        "loop",
        "name",
        "node",
        "node_name",
        "open_dependencies",
        "position",
        "settled",
    )

    def __init__(self, dag: Dag, results: Results, position: int, name: str, node: Node | None) -> None:
        self.dag, self.position, self.name, self.node = dag, position, name, node
        self._results = results
        self.node_name = f"{dag.name}.{name}"
        self.open_dependencies = len(dag.plan.dependencies[name])
        self.settled = False
        self.calls: list[Call] | None = None
        self.loop: LoopRun | None = None
        self._hooks: Hooks | None = None
        self._read: Json | None = None

    @property
    def task(self) -> Json:
        """The task as the dag's template has it."""
        return self.dag.tasks[self.name]

    def is_settled(self) -> bool:
        """Whether what depends on the task may be judged: it is over, and so are its hooks."""
        node = self.node
        if node is None or not node.fulfilled:
            return False
        return not node.children or hooks_fulfilled(self.dag.context, node)

    def visit(self) -> None:
        """One visit of the operator."""
        over = self.node is not None and self.node.fulfilled
        if over and not self.dag.is_reachable(self.name):
            return
        if not self.dag.needs_care or self._look_after(over):
            self._go_on()
        if not over and self._is_hooked and self.node is not None and self._awaits_hooks(self.node):
            self.dag.context.visit_again(self.dag.children, self.position)

    def _look_after(self, over: bool) -> bool:
        """Sees to what is before the task, and to its hooks; whether it goes on."""
        node = self.node
        if node is None or not (over or node.phase == "Running"):
            return True
        try:
            self._results.check_ancestors(self.name)
            return not self._is_hooked or self._run_lifecycle_hooks(node)
        except STOPS as error:
            self.dag.context.tree.mark_error(node, error.text)
            return False

    def _go_on(self) -> None:
        node = self.node
        if node is not None and node.fulfilled:
            self._release_locks(node)
            self._run_exit_hook(node)
            return
        if (self.calls is None or self._is_volatile()) and not self._prepare():
            return
        if self.loop is not None:
            if self.calls is not None and not self.loop.walk(self.calls, self.advance):
                self._hold()
        elif self.calls:
            self.advance(self.calls[0])
            self._remember(self.calls[0])

    def take_apart(self) -> list[Call]:
        """Lets go of the items of a loop, and gives all calls."""
        if self.loop is not None:
            self.loop.children.take_apart()
        return self.calls or []

    def visit_hooks(self) -> None:
        """Runs the hooks of the task in whatever state it is; what goes wrong with them is not held back here."""
        if self.node is not None:
            self._results.check_ancestors(self.name)
            if self._is_hooked:
                self._run_lifecycle_hooks(self.node)
                if self.node.completed:
                    self._call_exit_hook(self.node)

    def _remember(self, call: Call) -> None:
        self.node = call.node
        if call.restless:
            self._hold()

    def _hold(self) -> None:
        """The task lacked room; it wants to be visited again when there is some."""
        self.dag.children.hold(self.position, started=self.node is not None)

    def _release_locks(self, node: Node) -> None:
        locks = self.dag.context.locks
        if self.calls and self.calls[0].processed is not None:
            locks.release(node, self.calls[0].processed.get("synchronization"))
        else:  # it ended under another operator
            locks.leave(node)

    # ------------------------------------------------------------ getting ready

    def _prepare(self) -> bool:
        """Makes the calls of the task if it may start; else it waits, or is over without having run."""
        try:
            proceed = self.node is not None or self._may_run()
            callers = self._expand() if proceed else []
        except TROUBLE as error:
            if self.node is not None:
                self.dag.context.tree.mark_error(self.node, error.text)
            else:
                self._give_up("Error", error.text)
            return False
        if not proceed:
            return False
        if self.calls is not None:
            for call, caller in zip(self.calls, callers, strict=False):
                call.renew(caller)
        elif is_loop(self.task):
            self._prepare_loop(callers)
        else:
            self.calls = [self._new_call(callers[0], self.dag.children, self.position)]
            self.calls[0].node = self.node
        return bool(self.calls)

    def _is_volatile(self) -> bool:
        """Whether the task may read differently than in the last look."""
        return self.dag.volatile and (self.task != self._read or is_volatile(to_text(self.task)))

    def _may_run(self) -> bool:
        """Whether everything the task depends on is over and lets it run; if it does not, the task is Omitted."""
        plan = self.dag.plan
        logic = plan.logic[self.name]
        if not logic:
            return True
        if self.open_dependencies:
            return False
        dependencies: dict[str, Node] = {}
        for name in plan.dependencies[self.name]:
            run = self.dag.siblings[name]
            if run.node is None or not run.is_settled():
                return False
            dependencies[name] = run.node
        if evaluate_depends(logic, dependencies, self.dag.context.tree):
            return True
        self._give_up("Omitted", _OMITTED)
        return False

    def _expand(self) -> list[Json]:
        self._read = self.task
        caller = self._resolve()
        workflow = self.dag.context.workflow
        if not is_loop(caller):
            return [caller]
        return expand(caller, in_dag=True, most=workflow.budget.items, step=workflow.pace.step)

    def _resolve(self) -> Json:
        """The task with everything filled in that its ancestors gave (``resolveDependencyReferences``)."""
        scope = self._scope()
        caller = self.dag.filled(self.name, Layers(scope, self.dag.context.globals))
        try:
            proceed = should_execute(caller.get("when", ""))
        except GoError:
            if not is_loop(caller):
                raise
            proceed = True
        arguments = caller.get("arguments") or {}
        if not proceed or not arguments.get("artifacts"):
            return caller
        return {**caller, "arguments": resolve_artifacts(arguments, scope, in_dag=True)}

    def _scope(self) -> Scope:
        return self._results.scope_of(self.name)

    def _prepare_loop(self, callers: list[Json]) -> None:
        tree = self.dag.context.tree
        if not callers:
            self._give_up("Skipped", _EMPTY)
            return
        if self.node is None:
            self.connect(self.node_name)
            self.node = self._new_node("TaskGroup", "Running")
        self.loop = LoopRun(self.dag.context, self.node, len(callers), self.dag.children, self.position)
        self.calls = [
            self._new_call(caller, self.loop.children, index) for index, caller in enumerate(callers)
        ]
        for call in self.calls:
            call.node = tree.find(call.name)

    def _new_call(self, caller: Json, owner: Owner, position: int) -> Call:
        return self.dag.new_call(f"{self.dag.name}.{caller['name']}", caller, "tasks", owner, position)

    def _give_up(self, phase: NodePhase, message: str) -> None:
        """The task is over without having run."""
        self.node = self._new_node("Skipped", phase, message)
        self.connect(self.node_name)

    def _new_node(self, type_: NodeType, phase: NodePhase, message: str = "") -> Node:
        tree, boundary = self.dag.context.tree, self.dag.node.id
        return tree.create(self.node_name, type_, self.task, boundary, phase, {}, message)

    def connect(self, node_name: str) -> None:
        """Hangs a node under what comes before it: the loop, the dependencies' outbound nodes, or the dag."""
        tree = self.dag.context.tree
        if self.loop is not None and self.node is not None:
            tree.add_child(self.node, node_name)
            return
        dependencies = self.dag.plan.dependencies[self.name]
        if not dependencies:
            tree.add_child(self.dag.node, node_name)
            return
        before = [self.dag.siblings[name].node for name in dependencies]
        tied = [tie(tree, node, node_name) for node in before if node is not None]
        if not any(tied):
            self.dag.loose = True

    # ------------------------------------------------------------ running

    def advance(self, call: Call) -> bool:
        """Runs one call as far as it goes; False where the operator leaves the task at that for this look."""
        context = self.dag.context
        if call.node is None:
            self.connect(call.name)
            skipped = self._skip(call)
            if skipped is not None:
                call.node = skipped
                return True
        try:
            context.execute(call)
        except Blocked:
            return call.node is not None
        except TooDeep:
            pass
        except TimedOut as error:
            if call.node is not None:
                context.tree.mark(call.node, "Failed", error.text)
            return False
        except TROUBLE as error:
            if call.node is not None:
                context.tree.mark_error(call.node, f"task '{call.name}' errored: {error.text}")
            return False
        if call.node is None:
            return False
        return not self.dag.hooked or self._run_exit_hook(call.node)

    def _skip(self, call: Call) -> Node | None:
        """A Skipped node if the call's condition is false or cannot be read."""
        when = call.caller.get("when", "")
        phase: NodePhase = "Skipped"
        try:
            if should_execute(when):
                return None
            message = f"when '{when}' evaluated false"
        except GoError as error:
            phase, message = "Error", error.text
        return self.dag.context.tree.create(
            call.name, "Skipped", self.task, self.dag.node.id, phase, {}, message
        )

    # ------------------------------------------------------------ hooks

    @property
    def _is_hooked(self) -> bool:
        return self.name in self.dag.hooked

    def _run_lifecycle_hooks(self, node: Node) -> bool:
        hooks: Json | None = self.task.get("hooks")
        if not hooks or not lifecycle_hooks(hooks):
            return True
        scope = self._scope()
        scope.add({f"tasks.{self.name}.status": node.phase})
        return self._hook_calls().run_lifecycle(self.dag.context, self._place(), hooks, node, scope)

    def _run_exit_hook(self, node: Node) -> bool:
        """Whether a node that completed has no exit handler that is still to end."""
        try:
            return not self._is_hooked or not node.completed or self._call_exit_hook(node)
        except STOPS:
            return False

    def _call_exit_hook(self, node: Node) -> bool:
        hook = exit_hook(self.task, self.dag.context.workflow.spec.get("arguments") or {})
        if hook is None:
            return True
        scope = self._scope()
        scope.add({f"tasks.{self.name}.status": node.phase})
        return self._hook_calls().run_exit(self.dag.context, self._place(), hook, node, scope)

    def _awaits_hooks(self, node: Node) -> bool:
        """Lifecycle hooks are asked about in every look; a task that is over may have hooks to begin in the next one."""
        hooks = self.task.get("hooks")
        if not hooks:
            return bool(node.fulfilled and self.task.get("onExit"))
        return node.fulfilled or bool(lifecycle_hooks(hooks))

    def _hook_calls(self) -> Hooks:
        if self._hooks is None:
            self._hooks = Hooks()
        return self._hooks

    def _place(self) -> Place:
        return Place(self.dag.call, self.dag.node.id, self.dag.children, self.position, f"tasks.{self.name}")

    def item_nodes(self) -> list[Node]:
        """The nodes of the loop's items and of their tries, in the order of the items."""
        return item_nodes(self.dag.context.tree, self.dag.node.id, self.node_name, self.calls)
