"""Drives the live workflows through simulated time: which pod does what, and when the operator looks.

Nothing here runs by itself. Whoever is about to show a run calls :meth:`Simulation.catch_up` first, and all that was due by then
happens, each event at its own simulated moment; so one big step of the clock gives the same as many small ones.
"""

from __future__ import annotations

import heapq
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from fake_kfp.golang.times import later
from fake_kfp.simulator.cluster.cluster import Cluster
from fake_kfp.simulator.cluster.labels import COMPLETED_LABEL
from fake_kfp.simulator.cluster.workflow import Key, Pod, Workflow
from fake_kfp.simulator.engine.locks import LocksState
from fake_kfp.simulator.engine.operator import Operator
from fake_kfp.simulator.kubelet.addresses import address_of
from fake_kfp.simulator.kubelet.deadlines import Cut, next_cut, stopped
from fake_kfp.simulator.kubelet.drives import Drive, DriveState, ReportedMetric
from fake_kfp.simulator.kubelet.failures import waiting_message
from fake_kfp.simulator.kubelet.mode import Mode
from fake_kfp.simulator.kubelet.outcomes import Outcome, Outcomes, made_up_log
from fake_kfp.simulator.kubelet.players import Notes, Players
from fake_kfp.store.clock import Clock
from fake_kfp.store.heaps import Agenda

_log = logging.getLogger("fake_kfp")

EVENTS_PER_CATCH_UP = 1_000_000
"""Where a workflow that never ends is left for the time being, so that no call hangs."""

TRIES_PER_TASK = 1_000
"""The try of a task that never ends by itself, whatever was scripted: retries without a limit would go on for ever."""

_A_MOMENT = 1e-6
_INTERRUPTED = "it was interrupted in the middle of a look"


@dataclass(frozen=True, slots=True)
class SimulationState:
    """What is still to happen: ``due`` says when something is, in order, ``noted`` the same by workflow."""

    drives: list[DriveState] = field(default_factory=list)
    due: list[tuple[datetime, Key]] = field(default_factory=list)
    noted: dict[Key, datetime] = field(default_factory=dict)
    to_be_seen: set[Key] = field(default_factory=set)
    logs: dict[Key, dict[str, str]] = field(default_factory=dict)
    locks: dict[Key, LocksState] = field(default_factory=dict)


class Simulation:
    """The simulated kubelet and controller queue of one world, and the keeper of its operators.

    ``players`` tell what pods do. ``delay`` is how many simulated seconds it takes the operator to look at a workflow that is new or
    was changed.
    """

    def __init__(
        self,
        cluster: Cluster,
        clock: Clock,
        players: Players,
        mode: Mode,
        delay: float = 0,
    ) -> None:
        self.mode = mode
        self._changes = cluster.changes
        self._cluster = cluster
        self._clock = clock
        self._players = players
        self._delay = delay
        self._operators: dict[Key, Operator] = {}
        self._drives: dict[Key, Drive] = {}
        self._agenda: Agenda[datetime, Key] = Agenda(cluster.changes)
        self._to_be_seen: set[Key] = set()
        """Workflows that the next look only shows as they stand, in an instant simulation, where they would end in the same look."""
        self._order = count()
        self._logs: dict[Key, dict[str, str]] = {}
        cluster.on_change = self._on_change
        cluster.on_written = self.expect
        cluster.on_delete = self._on_delete
        cluster.on_undone = self._on_undone

    @property
    def now(self) -> datetime:
        """The time of the world."""
        return self._clock.now()

    def state(self) -> SimulationState:
        """What is still to happen."""
        due = self._agenda.state()
        return SimulationState(
            [drive.state() for drive in self._drives.values()],
            due,
            {key: moment for moment, key in due},
            self._to_be_seen,
            self._logs,
            dict(self._locks()),
        )

    def _locks(self) -> Iterator[tuple[Key, LocksState]]:
        for key, operator in self._operators.items():
            locks = operator.context.locks.state()
            if locks != LocksState() and self._cluster.awake(key) is operator.workflow:
                yield key, locks

    def restore(self, state: SimulationState) -> None:
        """Goes on from there, in a cluster that was restored already. Raises KeyError for a workflow that is not alive in it."""
        self._operators.clear()
        self._drives = {each.key: self._restored(each) for each in state.drives}
        self._agenda.restore(state.due, state.noted)
        self._to_be_seen = set(state.to_be_seen)
        self._logs = {key: dict(logs) for key, logs in state.logs.items()}
        for key, locks in state.locks.items():
            self._operator_of(self._awake(key)).context.locks.restore(locks)

    def _awake(self, key: Key) -> Workflow:
        workflow = self._cluster.awake(key)
        if workflow is None:
            raise KeyError(f"no live workflow {key!r}")
        return workflow

    def _restored(self, state: DriveState) -> Drive:
        workflow = self._awake(state.key)
        told = None
        if state.told is not None:
            told = Outcomes()
            told.restore(state.told)
        drive = self._new_drive(workflow, state.look_at, state.time, state.notes, told)
        if state.looked is not None:
            drive.operator.context.now = state.looked
        drive.owed = state.owed
        drive.ends = [
            (moment, next(self._order), pod, outcome, cut) for moment, pod, outcome, cut in state.ends
        ]
        drive.outcomes = dict(state.outcomes)
        drive.metrics = list(state.metrics)
        drive.changed = state.changed
        return drive

    def catch_up(self, workflow: Workflow) -> Drive:
        """Lets everything happen in a workflow that is due by now (in instant mode: all of it). No-op in manual mode."""
        drive = self._drive(workflow)
        if workflow.key in self._to_be_seen:
            self._see(workflow.key)
            self._agenda.plan(workflow.key, self._clock.now())
        elif self.mode is not Mode.MANUAL:
            self._try(drive, None if self.mode is Mode.INSTANT else self._clock.now())
        return drive

    def play(self, workflow: Workflow, told: Outcomes) -> Drive:
        """Lets everything happen in a workflow that was just made, whatever the mode, its pods doing what is told here."""
        now = self._clock.now()
        self._changes.note_entry(self._drives, workflow.key)
        drive = self._drives[workflow.key] = self._new_drive(workflow, now, now, told=told)
        self._try(drive, None)
        return drive

    def hold(self, workflow: Workflow) -> None:
        """Keeps the operator from looking at a new workflow before somebody changes it, as where it may work on so many alone."""
        now = self._clock.now()
        self._changes.note_entry(self._drives, workflow.key)
        self._drives[workflow.key] = self._new_drive(workflow, None, now)
        self._remember(workflow.key, None)

    def expect(self, key: Key, due: datetime | None = None) -> None:
        """The operator is to look at a workflow that is not alive yet: as at any new one, or when it is ``due``."""
        self._remember(key, due or later(self._clock.now(), self._delay))

    def put_off(self, key: Key) -> datetime | None:
        """Nothing is due in this workflow for the time being; gives when something was."""
        due = self._agenda.get(key)
        self._agenda.drop(key)
        return due

    def untouched(self, key: Key) -> bool:
        """Whether nobody has looked at a workflow so far, or done anything to it."""
        return key in self._agenda and key not in self._drives

    def forget(self, workflow: Workflow) -> None:
        """Drops what is known of a workflow that is over."""
        operator = self._operators.get(workflow.key)
        if operator is not None and operator.workflow is workflow:
            operator.take_apart()
        self._drop(workflow.key)

    def due_workflows(self) -> list[Key]:
        """The workflows in which something is due by now, each to be caught up with."""
        if self.mode is Mode.INSTANT:
            return [key for _, key in self._agenda.state()]
        return self._agenda.due(self._clock.now())

    def next_event(self) -> datetime | None:
        """When time alone lets something happen next, in whatever workflow; a moment that is over means: once somebody looks."""
        first = self._agenda.first()
        return None if first is None else first[0]

    def next_event_of(self, key: Key) -> datetime | None:
        """The same for one workflow; None is one that hangs, is over, or moves only when told."""
        return self._agenda.get(key)

    def ends_of(self, key: Key) -> dict[str, datetime]:
        """When the pods of a workflow that are under way will end, by the ids of their nodes; those that hang are left out."""
        drive = self._drives.get(key)
        return {pod.node_id: end for end, _, pod, _, _ in sorted(drive.ends)[::-1]} if drive else {}

    def look(self, workflow: Workflow) -> bool:
        """One step by hand: the operator looks now; says whether anything changed."""
        operator, now = self._operator_of(workflow), self._clock.now()
        if operator.under_way:
            operator.give_up(RuntimeError(_INTERRUPTED), now)
            return True
        operator.under_way = True
        changed = operator.settle(now)
        operator.under_way = False
        return changed

    def log(self, workflow: Workflow, pod_or_node: str) -> str | None:
        """The log of a pod, by its name or its node's id; None if none of that name ran."""
        node = workflow.status.nodes.get(pod_or_node)
        if node is None:
            node_hash = pod_or_node.rpartition("-")[2]
            node = workflow.status.nodes.get(f"{workflow.name}-{node_hash}")
        if node is None or node.type != "Pod" or node.phase == "Pending":
            return None
        scripted = self._logs.get(workflow.key, {})
        return scripted.get(node.id, made_up_log(node.display_name, pod_or_node))

    def _drive(self, workflow: Workflow) -> Drive:
        """What is known of a workflow; of one that nobody has looked at yet, when the operator is to."""
        drive = self._drives.get(workflow.key)
        if drive is None:
            start = self._agenda.get(workflow.key) or self._clock.now()
            drive = self._drives[workflow.key] = self._new_drive(workflow, start, start)
        return drive

    def _new_drive(
        self,
        workflow: Workflow,
        look_at: datetime | None,
        time: datetime,
        notes: Notes | None = None,
        told: Outcomes | None = None,
    ) -> Drive:
        notes = Notes() if notes is None else notes
        player = self._players(workflow, notes, told)
        drive = Drive(workflow, self._operator_of(workflow), player, notes, look_at, time, told=told)
        drive.changed = (
            workflow.labels.get(COMPLETED_LABEL) == "true"
        )  # it was made so, and nothing else will happen
        return drive

    def _operator_of(self, workflow: Workflow) -> Operator:
        """The operator that looks at a workflow; one that was replaced has left its own behind."""
        operator = self._operators.get(workflow.key)
        if operator is None or operator.workflow is not workflow:
            operator = self._operators[workflow.key] = Operator(workflow)
        return operator

    def _on_change(self, workflow: Workflow) -> None:
        """Somebody created or changed a workflow: the operator is to look at it."""
        now, key = self._clock.now(), workflow.key
        due = later(now, self._delay)
        drive = self._drives.get(key)
        if drive is not None and drive.workflow is not workflow:  # replaced; its time goes on
            self._changes.note_entry(self._drives, key)
            drive = self._drives[key] = self._new_drive(workflow, now, drive.time)
        elif drive is not None or key in self._agenda:  # terminated: clients see that first
            due = max(due, later(now, _A_MOMENT))
            if self.mode is Mode.INSTANT and key not in self._to_be_seen:
                self._changes.note(self._to_be_seen.discard, key)
                self._to_be_seen.add(key)
        if drive is not None:
            self._changes.note(setattr, drive, "look_at", drive.look_at)
            due = drive.look_at = max(due, drive.time)
        self._remember(key, due)

    def _on_delete(self, key: Key) -> None:
        self._drop(key)
        self._changes.drop_entry(self._logs, key)

    def _on_undone(self, workflow: Workflow) -> None:
        """A workflow never came to life. While it is alive it keeps its operator and drive: they know of a look that was interrupted."""
        keepers: tuple[dict[Key, Any], ...] = (self._operators, self._drives)
        for known in keepers:
            found = known.get(workflow.key)
            if found is not None and found.workflow is workflow:
                del known[workflow.key]

    def _drop(self, key: Key) -> None:
        self._changes.drop_entry(self._operators, key)
        self._changes.drop_entry(self._drives, key)
        self._agenda.drop(key)
        self._see(key)

    def _see(self, key: Key) -> None:
        if key in self._to_be_seen:
            self._changes.note(self._to_be_seen.add, key)
            self._to_be_seen.discard(key)

    def _remember(self, key: Key, due: datetime | None) -> None:
        """Notes when something is due in a workflow; what was noted before does not hold any more."""
        if due is None or self.mode is Mode.MANUAL:
            self._agenda.drop(key)
        elif self._agenda.get(key) != due:
            self._agenda.plan(key, due)

    def _try(self, drive: Drive, until: datetime | None) -> None:
        """Runs a workflow as far as it is due. One that cannot be walked ends there: that is its own trouble, and not its list's."""
        operator = drive.operator
        try:
            if operator.under_way:
                raise RuntimeError(_INTERRUPTED)
            operator.under_way = True
            self._run(drive, until)
            operator.under_way = False
        except MemoryError:
            raise
        except Exception as error:
            _log.exception("fake_kfp: workflow %s cannot be walked", drive.workflow.name)
            drive.ends.clear()
            operator.give_up(error, drive.time)
            drive.changed = True
            self._remember(drive.workflow.key, None)

    def _run(self, drive: Drive, until: datetime | None) -> None:
        """Lets events happen one moment after the other, up to and including ``until`` (None: as long as there are any)."""
        for _ in range(EVENTS_PER_CATCH_UP):
            due = drive.due()
            if due is None or (until is not None and due > until):
                break
            self._happen(drive, due)
        else:
            _log.warning(
                "fake_kfp: workflow %s is still not over after many events, let it rest", drive.workflow.name
            )
        self._remember(drive.workflow.key, drive.due())

    def _happen(self, drive: Drive, moment: datetime) -> None:
        """Everything of one moment: pods end, the operator looks, new pods start and are seen running, until nothing new comes."""
        drive.time = max(drive.time, moment)
        drive.look_at = drive.owed = None
        while drive.ends and drive.ends[0][0] <= drive.time:
            _, _, pod, outcome, cut = heapq.heappop(drive.ends)
            self._end(drive, pod, outcome, cut)
        self._settle(drive)
        while self._start_pods(drive):
            self._settle(drive)

    def _settle(self, drive: Drive) -> None:
        """The operator looks, and what it told to stop is going to."""
        drive.changed |= drive.operator.settle(drive.time)
        for pod in drive.workflow.take_stopped():
            outcome = drive.outcomes.get(pod.node_id)
            if outcome is not None and not drive.workflow.status.fulfilled:
                self._note_end(drive, pod, outcome, stopped(drive.time))

    def _start_pods(self, drive: Drive) -> bool:
        """Takes up new pods and notes when they will end. New pods are the last ones."""
        fresh = []
        for pod in reversed(drive.workflow.pods.values()):
            if pod.begun:
                break
            pod.begun = True
            if pod.phase == "Pending":  # else somebody has moved it by hand
                fresh.append(pod)
        for pod in reversed(fresh):
            self._start(drive, pod)
        return bool(fresh)

    def _start(self, drive: Drive, pod: Pod) -> None:
        outcome = self._begin(drive, pod)
        drive.outcomes[pod.node_id] = outcome
        if outcome.log is not None:
            self._logs.setdefault(drive.workflow.key, {})[pod.node_id] = outcome.log
        if outcome.phase == "Pending":
            drive.workflow.move_pod(pod.node_id, "Pending", drive.time, message=waiting_message(pod, outcome))
        elif not pod.of_agent:
            if pod.template.get("daemon"):  # nobody asks for the address of others
                pod.ip = address_of(pod)
            drive.workflow.move_pod(pod.node_id, "Running", drive.time)
        end = later(drive.time, outcome.seconds)
        cut = next_cut(pod, outcome, drive.operator.context.workflow_deadline())
        endless = outcome.phase in ("Pending", "Running") or bool(pod.template.get("daemon"))
        if cut is not None and (endless or cut.moment < end):
            self._note_end(drive, pod, outcome, cut)
        elif not endless:
            heapq.heappush(drive.ends, (end, next(self._order), pod, outcome, None))

    def _note_end(self, drive: Drive, pod: Pod, outcome: Outcome, cut: Cut) -> None:
        moment = max(cut.moment, drive.time)
        heapq.heappush(drive.ends, (moment, next(self._order), pod, outcome, cut))

    def _begin(self, drive: Drive, pod: Pod) -> Outcome:
        outcome = drive.player.begin(pod)
        if pod.attempt >= TRIES_PER_TASK:
            _log.warning("fake_kfp: try %d of %s never ends", pod.attempt + 1, pod.node_name)
            outcome.phase = "Running"
        return outcome

    def _end(self, drive: Drive, pod: Pod, outcome: Outcome, cut: Cut | None) -> None:
        if not drive.workflow.knows(pod) or not pod.live:
            return  # it ended before, or was moved by hand in the meantime
        drive.outcomes.pop(pod.node_id, None)
        ending = drive.player.end(pod, outcome if cut is None else cut.cut_short(outcome))
        drive.workflow.move_pod(
            pod.node_id,
            ending.phase,
            drive.time,
            exit_code=ending.exit_code,
            message=ending.message,
            outputs=ending.outputs,
            containers=ending.containers,
            container=ending.container,
        )
        pod.exit_code = ending.exit_code  # main may have none
        if cut is None:
            drive.metrics += [
                ReportedMetric(pod.node_id, name, value) for name, value in outcome.metrics.items()
            ]
