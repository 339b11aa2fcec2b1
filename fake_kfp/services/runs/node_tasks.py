"""The nodes of reported workflows as tasks (``report_server.go: reportTasksFromExecution``, ``task_store.go: CreateOrUpdateTasks``).

The real server writes them at every report. Of what the fake's own agent reports only the changes of state are kept meanwhile, and the
tasks are written from the stored manifest when somebody asks for them, since hardly anybody does.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from fake_kfp.golang.json_text import Json
from fake_kfp.golang.times import ZERO_SECONDS
from fake_kfp.services.storage import run_states
from fake_kfp.services.storage.run_records import history_with
from fake_kfp.simulator.cluster.pace import Pace
from fake_kfp.simulator.cluster.retrying import pod_name
from fake_kfp.simulator.cluster.status import parse_time
from fake_kfp.store.mariadb.collation import sort_key
from fake_kfp.store.records import Run, StateChange, Task
from fake_kfp.store.world import World

_NO_HISTORY: Sequence[StateChange] = ()
_NO_HISTORIES: dict[str, list[StateChange]] = {}
"""Of runs that were over when they were reported first, to which nothing is added."""
_TO_COME: dict[str, list[StateChange]] = {}
"""Of runs that will have been over when they were reported first, once somebody looks."""
_KEPT_MANIFESTS = 20
"""As many as a page of runs shows: whoever looks at a page asks for the tasks right after."""


@dataclass(slots=True)
class Unwritten:
    """What was reported of a run since its tasks were written: the states that its nodes entered, by the nodes' ids.

    Of a run that was over when it was reported first only the time is kept: all nodes are as its manifest says ``since`` then.
    """

    since: int | None = None
    histories: Mapping[str, list[StateChange]] = field(default_factory=dict)

    def added(self, nodes: Mapping[str, Json], now: int) -> Unwritten:
        """The same and what the nodes were reported as now."""
        known = self.histories
        reported = {
            node_id: history_with(known.get(node_id, []), *_entered(_state(node), now))
            for node_id, node in nodes.items()
        }
        return Unwritten(self.since, {**known, **reported})

    def history_of(self, node_id: str, node: Json) -> Sequence[StateChange]:
        """The states that a node has entered."""
        if self.since is not None:
            return _entered(_state(node), self.since)
        return self.histories.get(node_id, _NO_HISTORY)


@dataclass(frozen=True, slots=True)
class NodeTasksState:
    """What was reported and is not written yet, by the runs' ids, and the ids of tasks by the names of their pods."""

    unwritten: dict[str, Unwritten] = field(default_factory=dict)
    tasks: dict[str, str] = field(default_factory=dict)


class NodeTasks:
    """Keeps the tasks of reported workflows: one for each pod name, whichever run it was last reported with."""

    def __init__(self, world: World, pace: Pace) -> None:
        self._world = world
        self._pace = pace
        self._unwritten: dict[str, Unwritten] = {}
        self._manifests: OrderedDict[str, tuple[str, Json]] = OrderedDict()
        """What was stored last with runs, as text and as what it says, by the runs' ids: reading it again costs."""
        self._tasks: dict[str, Task] = {}
        self._listed: dict[Any, Sequence[Task]] = {}
        self.make_seen: Callable[[], None] = lambda: None
        """Makes all runs that are only promised, though they count as reported."""

    def state(self) -> NodeTasksState:
        """What was noted, and of which pods there are tasks."""
        known = self._world.tasks
        tasks = {pod: task.id for pod, task in self._tasks.items() if known.get(task.id) is task}
        return NodeTasksState(self._unwritten, tasks)

    def restore(self, state: NodeTasksState) -> None:
        """Goes on from there, over tasks that were restored already. Raises KeyError for one that is not there."""
        self._unwritten = dict(state.unwritten)
        self._tasks = {}
        for pod, task_id in state.tasks.items():
            task = self._world.tasks.get(task_id)
            if task is None:
                raise KeyError(f"no task {task_id!r}")
            self._tasks[pod] = task

    def note(self, run: Run, manifest: Json, is_final: bool) -> None:
        """The fake's own agent reports the run's workflow, which is about to be stored with the run."""
        now = self._world.clock.seconds()
        unwritten = self._unwritten.get(run.id)
        if is_final and (unwritten is None or unwritten.histories is _TO_COME):
            self._set_unwritten(run.id, Unwritten(now))
            return
        if unwritten is None or unwritten.since is not None:
            self.record_run(run)
            unwritten = Unwritten()
        self._set_unwritten(run.id, unwritten.added(_nodes(manifest), now))

    def note_end(self, run: Run, at: int) -> None:
        """The run will have been reported at this time, for the first time, and as over."""
        self._set_unwritten(run.id, Unwritten(at, _TO_COME))

    def _set_unwritten(self, run_id: str, unwritten: Unwritten) -> None:
        self._world.changes.note_entry(self._unwritten, run_id)
        self._unwritten[run_id] = unwritten

    def _take_unwritten(self, run_id: str) -> Unwritten | None:
        if run_id in self._unwritten:
            self._world.changes.note_entry(self._unwritten, run_id)
        return self._unwritten.pop(run_id, None)

    def note_over(self, runs: Sequence[Run]) -> None:
        """These runs, of which nothing is known yet, were over when they were reported first."""
        self._world.changes.note(self._forget_over, runs)
        for run in runs:
            self._unwritten[run.id] = Unwritten(run.finished_at, _NO_HISTORIES)

    def _forget_over(self, runs: Sequence[Run]) -> None:
        for run in runs:
            self._unwritten.pop(run.id, None)

    def keep(self, run: Run, manifest: Json) -> None:
        """The run has just been stored with this manifest, whose nodes nobody else is going to change."""
        self._manifests[run.id] = (run.workflow_runtime_manifest, manifest)
        self._manifests.move_to_end(run.id)
        if len(self._manifests) > _KEPT_MANIFESTS:
            self._manifests.popitem(last=False)

    def of_run(self, run: Run) -> Sequence[Task]:
        """All tasks of a run in the order of their ids: the very same sequence until something about them changes."""
        self.record_run(run)
        key = sort_key(run.id)
        if key not in self._listed:
            self._listed[key] = sorted(self._world.tasks.find(run_id=run.id), key=lambda task: task.id)
        return self._listed[key]

    def changed(self, run_id: str) -> None:
        """Something about the tasks of this run is another."""
        self._world.changes.note(self._unlist, run_id)
        self._unlist(run_id)

    def _unlist(self, run_id: str) -> None:
        self._listed.pop(sort_key(run_id), None)

    def forget(self, run: Run) -> None:
        """The run is deleted, and its tasks with it."""
        self._pace.wait(_tasks_of(run))
        self._take_unwritten(run.id)
        self._manifests.pop(run.id, None)
        self.changed(run.id)
        tasks = list(self._world.tasks.find(run_id=run.id))
        for task in tasks:
            if self._tasks.get(task.pod_name) is task:
                self._world.changes.drop_entry(self._tasks, task.pod_name)
        self._world.tasks.delete_all([task.id for task in tasks])

    def record(self) -> None:
        """Brings the tasks of all runs that were reported since the last time up to date."""
        self.make_seen()
        self._pace.wait_for_all()
        for run_id in list(self._unwritten):
            run = self._world.runs.get(run_id)
            if run is None:
                self._take_unwritten(run_id)
            else:
                self.record_run(run)

    def record_run(self, run: Run) -> None:
        """Brings the tasks of one run up to date with all that was noted."""
        self._pace.wait(_tasks_of(run))
        has_manifest = run.workflow_runtime_manifest  # which may be what the run is made for
        unwritten = self._take_unwritten(run.id)
        if unwritten is None or not has_manifest:
            return
        try:
            with self._pace.working_on(_tasks_of(run)):
                self._write(self._manifest_of(run), run.id, unwritten)
        except BaseException:  # what was changed before a pause would else be settled
            self._unwritten.setdefault(run.id, unwritten)
            raise

    def _manifest_of(self, run: Run) -> Json:
        text, manifest = self._manifests.pop(run.id, ("", {}))
        if text is not run.workflow_runtime_manifest:
            manifest = json.loads(run.workflow_runtime_manifest)
        return manifest

    def record_workflow(self, manifest: Json, run_id: str) -> None:
        """Brings the tasks of one reported workflow up to date."""
        self._write(manifest, run_id, Unwritten(self._world.clock.seconds()))

    def _write(self, manifest: Json, run_id: str, reported: Unwritten) -> None:
        metadata, nodes = manifest["metadata"], _nodes(manifest)
        shared = {
            "namespace": metadata.get("namespace", ""),
            "run_id": run_id,
            "created_at": _seconds(metadata.get("creationTimestamp")),
        }
        self.changed(run_id)
        new: dict[str, Task] = {}
        for key in sorted(nodes):
            self._pace.step()
            node = nodes[key]
            pod, columns = pod_name(manifest, node), {**shared, **_columns(node)}
            changes = reported.history_of(key, node)
            if pod in new:  # two nodes whose names have the same hash
                self._insert(new)
            task = self._known(pod)
            if task is not None:
                self._update(task, columns, changes)
            else:
                new[pod] = Task(
                    self._world.ids.uuid(), pod_name=pod, **columns, state_history=history_with((), *changes)
                )
        self._insert(new)

    def _known(self, pod: str) -> Task | None:
        """The task of a pod, unless it was deleted meanwhile."""
        task = self._tasks.get(pod)
        return task if task is not None and self._world.tasks.get(task.id) is task else None

    def _update(self, task: Task, columns: dict[str, Any], changes: Sequence[StateChange]) -> None:
        self.changed(task.run_id)
        kept = {name: value for name, value in columns.items() if value or name == "state"}
        self._world.tasks.update(task, **kept, state_history=history_with(task.state_history, *changes))

    def _insert(self, new: dict[str, Task]) -> None:
        """Stores the tasks of new pods all at once, and forgets that they are new."""
        self._world.tasks.extend(list(new.values()))
        self._tasks.update(new)
        new.clear()


def _tasks_of(run: Run) -> Hashable:
    """By what the pace knows them."""
    return "tasks", run.id


def _nodes(manifest: Json) -> Mapping[str, Json]:
    nodes: Mapping[str, Json] = manifest["status"].get("nodes") or {}
    return nodes


def _state(node: Json) -> str:
    return run_states.state_of(node.get("phase", ""))


@lru_cache(maxsize=1024)
def _entered(state: str, at: int) -> Sequence[StateChange]:
    """That a node entered one state: the nodes of a run have much in common, and a record each costs memory."""
    return (StateChange(at, state),)


def _columns(node: Json) -> dict[str, Any]:
    """What a task takes over from its node; what is empty there leaves a known task as it was (``patchTask``)."""
    return {
        "name": node.get("displayName", ""),
        "state": _state(node),
        "started_at": _seconds(node.get("startedAt")),
        "finished_at": _seconds(node.get("finishedAt")),
        "children": list(node.get("children") or ()),
    }


@lru_cache(maxsize=1024)
def _seconds(text: str | None) -> int:
    """Seconds since 1970; what is not set counts as Go's zero time."""
    moment = parse_time(text)
    return ZERO_SECONDS if moment is None else int(moment.timestamp())
