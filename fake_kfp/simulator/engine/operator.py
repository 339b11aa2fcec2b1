"""One look of the operator at a workflow: ``workflow/controller/operator.go: operate``.

A look has four parts, in this order: what happened to the pods goes into their nodes (``pods``); the walk from the entrypoint does
whatever can be done by now (``executor``); the workflow's hooks and its exit handler get their turn; and if all of that is over, so
is the workflow.
"""

from __future__ import annotations

from datetime import datetime

from fake_kfp.errors import PROJECT_PAGE
from fake_kfp.expressions import evaluate_bool, function_env
from fake_kfp.golang.errors import GoError
from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.cluster.budget import Spent
from fake_kfp.simulator.cluster.labels import COMPLETED_LABEL, PHASE_LABEL, POD_NAMES_ANNOTATION
from fake_kfp.simulator.cluster.phases import NodePhase, WorkflowPhase
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.simulator.engine.calls import Call
from fake_kfp.simulator.engine.context import Context
from fake_kfp.simulator.engine.executor import execute
from fake_kfp.simulator.engine.hooks import exit_hook, lifecycle_hooks
from fake_kfp.simulator.engine.pods.pods import reconcile
from fake_kfp.simulator.engine.pods.volumes import claim_volumes, release_claims
from fake_kfp.simulator.engine.recursion import deep_calls
from fake_kfp.simulator.engine.stops import STOPS, TROUBLE, Blocked, TemplateError
from fake_kfp.simulator.engine.templates import to_text
from fake_kfp.simulator.engine.tree.names import exit_node_name, hook_node_name
from fake_kfp.simulator.engine.variables.globals import STATUS
from fake_kfp.simulator.engine.variables.metadata import update_metadata
from fake_kfp.simulator.validation.pod_metadata import spread_pod_metadata

_WORKFLOW_PHASES: dict[NodePhase, WorkflowPhase] = {
    "Pending": "Pending",
    "Running": "Running",
    "Succeeded": "Succeeded",
    "Skipped": "Succeeded",
    "Omitted": "Succeeded",
    "Failed": "Failed",
    "Error": "Error",
}
_LOOKED_AT_ALWAYS = frozenset({"hooks", "parallelism", "shutdown", "suspend", "synchronization"})
"""What a workflow's spec may say that makes any look find something to do."""
_MOST_LOOKS = 10_000
_MOST_SAID = 500
_SUSPICIOUS = 20
"""Looks without coming to rest after which states are compared."""


class Operator:
    """Looks at one workflow. What it knows besides the workflow itself can be built anew from the nodes at any time.

    Whoever drives the workflow keeps its operator for as long as it is under way.
    """

    def __init__(self, workflow: Workflow) -> None:
        self.workflow = workflow
        self.context = Context(workflow, execute)
        self._root = Call(workflow.name, {"template": workflow.spec.get("entrypoint", "")})
        self._exit: Call | None = None
        self._hooks: dict[str, Call] = {}
        self.under_way = False
        """Whether the workflow is being moved: where it is still so before that begins, it was interrupted in the middle."""

    def look(self, now: datetime) -> bool:
        """One look; returns whether it changed anything that Argo would store."""
        with deep_calls():
            return self._look_within_budget(now)

    def settle(self, now: datetime) -> bool:
        """Looks until nothing changes any more, as the controller's queue does; returns whether anything changed at all.

        Some errors change a node to and fro in every look: where a state comes up again, that was it.
        """
        changed = False
        seen: set[str] = set()
        with deep_calls():
            for count in range(_MOST_LOOKS):
                if not self._look_within_budget(now):
                    return changed
                changed = True
                if self._would_find_nothing():
                    return changed
                if count >= _SUSPICIOUS:
                    state = to_text(self.workflow.status.to_json())
                    if state in seen:
                        return changed
                    seen.add(state)
        raise RuntimeError(
            f"fake_kfp: the workflow engine does not come to rest; please report this workflow, see {PROJECT_PAGE}"
        )

    def take_apart(self) -> None:
        """The workflow is over, and nobody is going to look again: what was walked knows its surroundings and they know it."""
        for call in (self._root, self._exit, *self._hooks.values()):
            if call is not None:
                call.take_apart()

    def give_up(self, error: Exception, now: datetime) -> None:
        """Ends a workflow in whose look something unforeseen happened, as Argo does when it recovers from a panic (``operate``)."""
        self.context.begin(now)
        what = f"{type(error).__name__}: {error}"[:_MOST_SAID]
        self._stop_with(
            f"fake_kfp: this workflow cannot be walked; please report it, see {PROJECT_PAGE}: {what}"
        )
        self.under_way = False

    def _stop_with(self, text: str) -> None:
        """Ends the workflow as it stands, in the middle of a look."""
        self._mark("Error", text)
        self.workflow.status.finished_at = self.context.tree.now
        self.workflow.labels[COMPLETED_LABEL] = "true"
        self.workflow.progress_is_stale = True

    def _would_find_nothing(self) -> bool:
        """Whether a walk now would change nothing, as far as that is easy to tell.

        That is so where the entrypoint goes on inside, nothing in there asked for another visit, and nothing reads otherwise than in
        the walk before; or where it is a single pod that is under way. Half of all looks are spared so, and the walk of those that only
        see pods begin to run.
        """
        root, context = self._root, self.context
        return (
            (root.is_going_on or self._is_pod_under_way(root))
            and self._exit is None
            and not self.workflow.moved
            and not self.workflow.lingering()
            and not context.expects_visits()
            and not context.reads_anew()
            and self.workflow.spec.keys().isdisjoint(_LOOKED_AT_ALWAYS)
        )

    def _is_pod_under_way(self, call: Call) -> bool:
        """Whether a call has its pod, and nothing but that moves it."""
        if call.node is None or call.node.fulfilled or call.template is None:
            return False
        straight = call.template.is_pod and self.context.goes_straight(call.template)
        return straight and call.node.id in self.workflow.pods

    def next_due(self) -> datetime | None:
        """The earliest moment at which a look would do something though no pod moves; None if there is none.

        That is an alarm, or the workflow's deadline unless a look has seen it already. A moment that is over means: look at once. When
        the operator first looks at a workflow is up to its driver.
        """
        status = self.workflow.status
        if status.fulfilled or not status.phase:
            return None
        deadline = self.context.workflow_deadline()
        if deadline is not None and deadline <= self.context.now:
            deadline = None
        moments = (self.context.next_alarm(), deadline)
        return min((moment for moment in moments if moment is not None), default=None)

    def _look_within_budget(self, now: datetime) -> bool:
        try:
            return self._look(now)
        except Spent as spent:
            self._stop_with(str(spent))
            return True

    def _look(self, now: datetime) -> bool:
        if (self.workflow.metadata.get("labels") or {}).get(COMPLETED_LABEL) == "true":
            return False
        first = not self.workflow.status.phase
        known = len(self.workflow.status.conditions)
        self.context.begin(now)
        running = self._operate(first)
        changed = self.context.tree.changed
        if changed:
            self.workflow.progress_is_stale = True
            if not first and running is not None:
                self._note_running(running, known)
        return changed

    def _operate(self, first: bool) -> bool | None:
        """The four parts of a look; returns whether a pod came to be Running, None where pods were not looked at."""
        if not self._set_globals(first):
            return None
        self.context.read_spec()
        self._lock_workflow()
        running = None
        if first:
            self._begin()
        else:
            running = reconcile(self.context)
        if not self._would_find_nothing() and not self.workflow.spec.get("suspend"):
            self._walk()
        return running

    # ------------------------------------------------------------ the beginning

    def _set_globals(self, first: bool) -> bool:
        """Whether the variables could be set (``setExecWorkflow``). A spec that they cannot be filled into rests for ever."""
        context, workflow = self.context, self.workflow
        try:
            context.globals.renew(workflow)
        except TemplateError as error:
            self._end("Failed", f"failed to set global parameters: {error.text}")
            return False
        except GoError:
            return False
        try:
            if first and update_metadata(workflow, context.globals):
                context.tree.changed = True
        except TROUBLE as error:
            self._end("Error", error.text)
            return False
        context.globals[STATUS] = workflow.status.phase
        context.globals.set_duration(workflow, context.now)
        return True

    def _begin(self) -> None:
        self._mark("Running", "")
        self.workflow.annotations[POD_NAMES_ANNOTATION] = "v2"
        self.context.deadline = self.context.workflow_deadline()
        if self.context.dialect.pod_metadata_on_templates:
            self.workflow.note_spec()
            spread_pod_metadata(self.workflow.spec)

    def _lock_workflow(self) -> None:
        """Takes the locks of the workflow as a whole, which nobody else competes for."""
        synchronization = self.workflow.spec.get("synchronization")
        if synchronization and self.workflow.status.synchronization is None:
            self.context.locks.acquire("", synchronization)
            self.context.tree.changed = True

    # ------------------------------------------------------------ the walk

    def _walk(self) -> None:
        context = self.context
        context.active_pods = context.tree.active_pods
        claim_volumes(context)
        self._root.caller["arguments"] = self.workflow.spec.get("arguments") or {}
        node = self._execute_top(self._root, "error in entry template execution: ")
        if node is None:
            return
        # As it is now: hooks that come to grief leave their mark on the node, but not on how the workflow ends.
        phase, message, fulfilled = _WORKFLOW_PHASES[node.phase], node.message, node.fulfilled
        context.globals[STATUS] = phase
        hooks_done = self._run_hooks(node)
        if not hooks_done or not fulfilled:
            return
        exit_node = self._run_exit_handler()
        if exit_node is None or exit_node.fulfilled:
            self._finish(phase, message, exit_node)

    def _execute_top(self, call: Call, prefix: str) -> Node | None:
        """Executes a call of the workflow itself; None where the look is over after it."""
        try:
            self.context.execute(call)
        except Blocked:
            return None
        except STOPS as error:
            if not self.workflow.status.fulfilled:
                self._end("Error", prefix + error.text)
            return None
        return call.stand_in or call.node

    # ------------------------------------------------------------ hooks and the exit handler

    def _run_hooks(self, root: Node) -> bool:
        """Runs the workflow's hooks (``executeWfLifeCycleHook``); whether none of them is still going on."""
        hooks = lifecycle_hooks(self.workflow.spec.get("hooks"))
        if not hooks:
            return True
        self.context.globals.set_failures(self.context.tree)
        try:
            nodes = [node for name, hook in hooks for node in self._run_hook(name, hook)]
        except STOPS as error:
            self.context.tree.mark_error(root, error.text)
            return True
        return all(node.fulfilled for node in nodes)

    def _run_hook(self, name: str, hook: Json) -> list[Node]:
        node_name = hook_node_name(self.workflow.name, name)
        if not hook.get("expression"):
            raise TemplateError(f"Expression required for hook {node_name}")
        wanted = evaluate_bool(hook["expression"], function_env(self.context.globals))
        if not wanted and self.context.tree.find(node_name) is None:
            return []
        call = self._hooks.get(name)
        if call is None:
            call = self._hooks[name] = Call(node_name, dict(hook), flag={"hooked": True})
        self.context.execute(call)
        self.context.tree.add_child(self.context.tree.nodes[self.workflow.name], node_name)
        return [call.node] if call.node is not None else []

    def _run_exit_handler(self) -> Node | None:
        """The node of the exit handler; None if there is none, or it is not to run."""
        context, spec = self.context, self.workflow.spec
        hook = exit_hook(spec, spec.get("arguments") or {})
        if hook is None:
            return None
        name = exit_node_name(self.workflow.name)
        if context.tree.find(name) is None and not context.may_run(on_exit=True):
            return None
        if self._exit is None:
            self._exit = Call(name, hook, on_exit=True, flag={"hooked": True})
        context.globals.set_failures(context.tree)
        node = self._execute_top(self._exit, "error in exit template execution : ")
        return node if node is not None else _UNFINISHED

    # ------------------------------------------------------------ the end

    def _finish(self, phase: WorkflowPhase, message: str, exit_node: Node | None) -> None:
        """The workflow ends as its root did; a failed exit handler spoils a success."""
        if phase == "Succeeded" and exit_node is not None and exit_node.failed_or_error:
            self._end(_WORKFLOW_PHASES[exit_node.phase], exit_node.message)
        elif phase == "Succeeded":
            self._end("Succeeded", "")
        else:
            stopped = self.context.shutdown
            self._end(phase, f"Stopped with strategy '{stopped}'" if stopped else message)

    def _end(self, phase: WorkflowPhase, message: str) -> None:
        """Marks the workflow as over (``markWorkflowPhase``), unless a daemon of its own has to be killed first."""
        tree = self.context.tree
        if any(tree.daemons.values()):
            tree.kill_daemons("")
            return
        self._mark(phase, message)
        root = self.context.tree.nodes.get(self.workflow.name)
        if phase == "Error" and root is not None and root.phase == "Running":
            ended = root.finished_at
            tree.mark(root, "Error", "Workflow operation error").finished_at = ended
        status = self.workflow.status
        status.finished_at = tree.now
        self.context.globals.set_duration(self.workflow, self.context.now)
        self.workflow.labels[COMPLETED_LABEL] = "true"
        status.set_condition("Completed", "True")
        self.context.locks.release_all()
        release_claims(self.workflow)
        tree.changed = True

    def _mark(self, phase: WorkflowPhase, message: str) -> None:
        status, tree = self.workflow.status, self.context.tree
        if status.phase != phase:
            status.phase = phase
            self.workflow.labels[PHASE_LABEL] = phase
            self.workflow.labels.setdefault(COMPLETED_LABEL, "false")
            tree.changed = True
        if status.started_at is None:
            status.started_at = tree.now
            tree.changed = True
        if status.message != message:
            status.message = message
            tree.changed = True

    def _note_running(self, running: bool, known: int) -> None:
        """Sets the condition PodRunning. It comes before what the walk added to the ``known`` ones, since pods are looked at first."""
        conditions = self.workflow.status.conditions
        if not any(condition.get("type") == "PodRunning" for condition in conditions):
            conditions.insert(known, {"type": "PodRunning", "status": ""})
        self.workflow.status.set_condition("PodRunning", "True" if running else "False")


_UNFINISHED = Node("", "", "", "", "Running", None)
