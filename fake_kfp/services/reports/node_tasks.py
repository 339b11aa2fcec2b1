"""The nodes of reported workflows as tasks (``report_server.go: reportTasksFromExecution``, ``task_store.go: CreateOrUpdateTasks``).

The real server writes them at every report. Of what the fake's own agent reports they are read from the stored manifests when tasks
are listed, since hardly anybody asks.
"""

from __future__ import annotations

import json
from typing import Any

from fake_kfp.golang.json_text import Json
from fake_kfp.golang.times import ZERO_SECONDS
from fake_kfp.services.storage import run_states
from fake_kfp.simulator.cluster.retrying import pod_name
from fake_kfp.simulator.cluster.status import parse_time
from fake_kfp.store.records import Run, Task
from fake_kfp.store.world import World


class NodeTasks:
    """Keeps the tasks of reported workflows: one for each pod name, whichever run it was last reported with."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._reported: dict[str, None] = {}
        self._tasks: dict[str, Task] = {}

    def note(self, run: Run) -> None:
        """The fake's own agent reported the run's workflow."""
        self._reported[run.id] = None

    def record(self) -> None:
        """Brings the tasks of all runs that were reported since the last time up to date."""
        for run_id in self._reported:
            run = self._world.runs.get(run_id)
            if run is not None and run.workflow_runtime_manifest:
                self.record_workflow(json.loads(run.workflow_runtime_manifest), run.id)
        self._reported.clear()

    def record_workflow(self, manifest: Json, run_id: str) -> None:
        """Brings the tasks of one reported workflow up to date."""
        metadata = manifest["metadata"]
        shared = {
            "namespace": metadata.get("namespace", ""),
            "run_id": run_id,
            "created_at": _seconds(metadata.get("creationTimestamp")),
        }
        nodes = manifest["status"].get("nodes") or {}
        for key in sorted(nodes):
            self._store(pod_name(manifest, nodes[key]), {**shared, **_columns(nodes[key])})

    def _store(self, pod: str, columns: dict[str, Any]) -> None:
        task = self._tasks.get(pod)
        if task is not None and self._world.tasks.get(task.id) is task:
            self._world.tasks.update(task, **columns)
            return
        self._tasks[pod] = task = Task(self._world.ids.uuid(), pod_name=pod, **columns)
        self._world.tasks.insert(task)


def _columns(node: Json) -> dict[str, Any]:
    return {
        "name": node.get("displayName", ""),
        "state": run_states.state_of(node.get("phase", "")),
        "started_at": _seconds(node.get("startedAt")),
        "finished_at": _seconds(node.get("finishedAt")),
    }


def _seconds(text: str | None) -> int:
    """Seconds since 1970; what is not set counts as Go's zero time."""
    moment = parse_time(text)
    return ZERO_SECONDS if moment is None else int(moment.timestamp())
