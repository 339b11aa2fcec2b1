"""What all parts of a look share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from heapq import heappop, heappush
from itertools import count

from fake_kfp.golang.times import later, whole_seconds
from fake_kfp.simulator.cluster.status import Node
from fake_kfp.simulator.cluster.workflow import Workflow
from fake_kfp.simulator.engine.calls import Call, Owner
from fake_kfp.simulator.engine.locks import Locks
from fake_kfp.simulator.engine.templates import Library, Template
from fake_kfp.simulator.engine.tree.tree import Tree
from fake_kfp.simulator.engine.variables.globals import Globals

Execute = Callable[["Context", Call], None]


class Context:
    """The state of the operator for one workflow: its tree, templates, variables, alarms.

    ``execute`` runs a call as far as it goes (``executor.execute``); it is here so that dags and steps can call templates that
    are dags and steps again.
    """

    def __init__(self, workflow: Workflow, execute: Execute) -> None:
        self.workflow = workflow
        self.dialect = workflow.dialect
        self.tree = Tree(workflow)
        self.library = Library(workflow.spec)
        self.globals = Globals()
        self.locks = Locks(workflow)
        self.now = datetime.min.replace(tzinfo=timezone.utc)
        self.deadline: datetime | None = None
        self.shutdown = ""
        """``spec.shutdown``: empty, ``Stop`` or ``Terminate``."""
        self.pod_limit: int | None = None
        """``spec.parallelism``: how many pods there may be at a time."""
        self.active_pods = 0
        """Pods when the walk began, and those it made since: what ``spec.parallelism`` looks at."""
        self.depth = 0
        self._resumed = bool(self.tree.nodes)
        self._leaf_calls: dict[str, list[Call]] = {}
        self._execute = execute
        self._alarms: list[tuple[datetime, int, Call]] = []
        self._order = count()
        self._again: list[tuple[Owner, int]] = []

    def execute(self, call: Call) -> None:
        """Runs a call as far as it goes. Raises the stops of ``stops``."""
        self._execute(self, call)

    def begin(self, now: datetime) -> None:
        """A new look: what is due by now, or asked for another visit, is touched."""
        self.now = now
        self.tree.now = now.replace(microsecond=0)
        self.tree.changed = False
        self.deadline = self.workflow_deadline()
        self.read_spec()
        again, self._again = self._again, []
        for owner, position in again:
            owner.touch(position)
        while self._alarms and self._alarms[0][0] <= now:
            heappop(self._alarms)[2].touch()
        if self.past_deadline() or self.shutdown:
            for _, _, call in self._alarms:
                call.touch()

    def read_spec(self) -> None:
        """Takes over what the spec says of the whole workflow, now or once its variables are filled in."""
        spec = self.workflow.spec
        self.shutdown, self.pod_limit = str(spec.get("shutdown") or ""), spec.get("parallelism")

    def watch(self, node: Node, call: Call) -> None:
        """Remembers whose node this is, for when its pod moves. Nodes whose names have the same hash are one node to Argo."""
        calls = self._leaf_calls.setdefault(node.id, [])
        if not calls or not any(known is call for known in calls):
            calls.append(call)

    def touch(self, node: Node) -> None:
        """Has the calls of a node that runs, waits or is suspended visited again."""
        calls = self._leaf_calls.pop(node.id, ()) if node.fulfilled else self._leaf_calls.get(node.id, ())
        for call in calls:
            call.touch()

    def wake_at(self, moment: datetime, call: Call) -> None:
        """Has the call visited again at that moment."""
        heappush(self._alarms, (moment, next(self._order), call))

    def visit_again(self, owner: Owner, position: int) -> None:
        """Has that position visited again in the next look, whatever happens until then."""
        self._again.append((owner, position))

    def expects_visits(self) -> bool:
        """Whether the next look, if it came now, would come by somewhere because a time is over or somebody asked for it."""
        alarm = bool(self._alarms) and self._alarms[0][0] <= self.now
        return alarm or bool(self._again) or self.past_deadline() or bool(self.shutdown)

    def goes_straight(self, template: Template) -> bool:
        """Whether nothing keeps calls of a template from going on but parallelism, and none of them is tried again."""
        return template.is_plain and self.workflow.spec.get("retryStrategy") is None

    def reads_anew(self) -> bool:
        """Whether spec or templates hold variables that may be others in the next look."""
        return self.globals.in_spec or self.library.volatile

    def heeds_starts(self) -> bool:
        """Whether a walk may do more than come by where a pod has begun to run: templates read otherwise by then, or nodes are taken up
        that may lack their ancestors. Hooks have themselves visited in each look anyway."""
        return self._resumed or self.reads_anew()

    def next_alarm(self) -> datetime | None:
        """The first moment for which a call that is not over asked to be woken."""
        while self._alarms:
            moment, _, call = self._alarms[0]
            if call.node is None or not call.node.fulfilled:
                return moment
            heappop(self._alarms)
        return None

    def may_run(self, on_exit: bool) -> bool:
        """Whether the shutdown strategy, if any, lets a pod start (``ShutdownStrategy.ShouldExecute``)."""
        return not self.shutdown or (self.shutdown == "Stop" and on_exit)

    def past_deadline(self) -> bool:
        """Whether the workflow's ``activeDeadlineSeconds`` are over."""
        return self.deadline is not None and self.now >= self.deadline

    def workflow_deadline(self) -> datetime | None:
        """When the workflow's ``activeDeadlineSeconds`` are over; None without a limit (``getWorkflowDeadline``)."""
        seconds = self.workflow.spec.get("activeDeadlineSeconds")
        started = self.workflow.status.started_at
        if seconds is None or started is None:
            return None
        return later(started, whole_seconds(int(seconds)))
