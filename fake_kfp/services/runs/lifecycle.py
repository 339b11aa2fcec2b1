"""Keeps run records up to date with their workflows, as the real persistence agent does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol

from fake_kfp.services.settings import Settings
from fake_kfp.simulator.cluster.cluster import Cluster, KubernetesError
from fake_kfp.simulator.cluster.expiry import expiry_of
from fake_kfp.simulator.cluster.labels import FINAL_STATE_LABEL
from fake_kfp.simulator.cluster.workflow import Key, Workflow
from fake_kfp.simulator.kubelet.drives import Drive, ReportedMetric
from fake_kfp.simulator.kubelet.mode import Mode
from fake_kfp.simulator.kubelet.simulation import Simulation
from fake_kfp.store.records import Run

_RECORDED = {FINAL_STATE_LABEL: "true"}


class Recorder(Protocol):
    """What the persistence agent calls of the API server."""

    def record_workflow(self, workflow: Workflow, *, again: bool = False) -> str | None:
        """Brings the run's record up to date with its live workflow, and gives the manifest stored; None if the run is gone.

        A workflow whose end is recorded is left alone, unless it is to be recorded ``again``.
        """

    def record_start(self, workflow: Workflow) -> None:
        """Notes that the workflow was seen running, before it is recorded as over."""

    def record_metrics(self, workflow: Workflow, metrics: list[ReportedMetric]) -> None:
        """Stores what finished tasks reported (ReportRunMetricsV1)."""


class Lifecycle:
    """Called by the services right before they show runs: whatever was due by the clock has happened by then."""

    def __init__(
        self, cluster: Cluster, simulation: Simulation, settings: Settings, recorder: Recorder
    ) -> None:
        self._cluster = cluster
        self._simulation = simulation
        self._settings = settings
        self._recorder = recorder
        self.make_seen: Callable[[], None] = lambda: None
        """Makes all that was only promised, though it counts as looked at."""
        cluster.collects_garbage = simulation.mode is not Mode.MANUAL
        if simulation.mode is Mode.CLOCKED:
            cluster.before_clash = self._catch_up

    def workflow_of(self, run: Run) -> Workflow | None:
        """The live workflow of a run; None if it is gone from the cluster."""
        return self._workflow(self.key_of(run))

    def seen_workflow_of(self, run: Run) -> Workflow | None:
        """The same for reading only."""
        try:
            return self._cluster.peek(*self.key_of(run))
        except KubernetesError:
            return None

    def has_workflow(self, run: Run) -> bool:
        """Whether the workflow of a run is in the cluster."""
        return self._cluster.has(*self.key_of(run))

    def bring_up_to_date(self, runs: Iterable[Run]) -> None:
        """Lets the workflows of these runs catch up with the clock and records the outcome."""
        if self._simulation.mode is not Mode.MANUAL:
            for run in runs:
                self._catch_up(self.key_of(run))

    def let_time_pass(self, run: Run) -> None:
        """What the clock alone has brought about by now: before a run is acted upon unseen.

        In an instant simulation that is nothing: a run that nobody has looked at yet is still to begin.
        """
        if self._simulation.mode is Mode.CLOCKED:
            self.bring_up_to_date([run])

    def bring_all_up_to_date(self) -> None:
        """Brings every run up to date that has something due: for lists that ask about status."""
        self.make_seen()
        for key in self._simulation.due_workflows():
            self._catch_up(key)

    def expect(self, run: Run, due: datetime | None = None) -> None:
        """The workflow of this run was promised: the operator is to look at it, as at any new one or when it is ``due``."""
        self._simulation.expect(self.key_of(run), due)

    def put_off(self, run: Run) -> datetime | None:
        """Nothing is due in the run's workflow for the time being; gives when something was."""
        return self._simulation.put_off(self.key_of(run))

    def untouched(self, run: Run) -> bool:
        """Whether nobody has looked at the run's workflow so far, or done anything to it."""
        return self._simulation.untouched(self.key_of(run))

    def over_by(self, finished_at: int, now: datetime) -> bool:
        """Whether a look finds a run over that finishes in this second: in an instant simulation it always does."""
        return self._simulation.mode is Mode.INSTANT or finished_at < int(now.timestamp())

    def log(self, run: Run, pod_or_node: str) -> str | None:
        """The log of a pod of a run, by its name or its node's id; None if none of that name ran."""
        workflow = self.seen_workflow_of(run)
        return None if workflow is None else self._simulation.log(workflow, pod_or_node)

    def restore(self, run: Run) -> None:
        """Puts the workflow of a run that is over back into the cluster, as it was stored with the run."""
        text = run.workflow_runtime_manifest
        self._cluster.rest(Workflow.from_manifest(json.loads(text)), text, _RECORDED, over=True)

    def look(self, workflow: Workflow) -> None:
        """One step by hand: the operator looks, and what came of it is recorded."""
        self._simulation.look(workflow)
        self._recorder.record_workflow(workflow)

    def key_of(self, run: Run) -> Key:
        """Which workflow is a run's, whether there is one or not."""
        return (run.namespace or self._settings.pod_namespace, run.workflow_name)

    def _workflow(self, key: Key) -> Workflow | None:
        try:
            return self._cluster.get(*key)
        except KubernetesError:
            return None

    def _catch_up(self, key: Key) -> None:
        """Time that has passed has: what a walk came to stays, even where who looked is sent on an errand, or driven out.

        Else the workflow would be further than its record, its metadata and the ids that it has used up.
        """
        with self._cluster.changes.lasting():
            workflow = None if self._cluster.over(*key) else self._workflow(key)
            if workflow is not None:
                with self._cluster.pace.working_on(key):
                    self.record(self._simulation.catch_up(workflow))

    def record(self, drive: Drive) -> None:
        """Records what came of a workflow since the last time."""
        workflow = drive.workflow
        changes = self._cluster.changes
        if drive.metrics:
            changes.note(setattr, drive, "metrics", drive.metrics)
            metrics, drive.metrics = drive.metrics, []
            self._recorder.record_metrics(workflow, metrics)
        if drive.changed:
            changes.note(setattr, drive, "changed", True)
            drive.changed = not self._record(workflow)

    def _record(self, workflow: Workflow) -> bool:
        """What the agent does with a workflow in which something happened (``workflow_saver.go: Save``); whether it did it.

        The end of one that was submitted as recorded already is recorded again, and the workflow deleted, once it has had its time.
        """
        over = workflow.status.finished_at is not None
        again = FINAL_STATE_LABEL in workflow.labels
        if again and not self._is_expired(workflow):
            return False
        if over:
            self._recorder.record_start(workflow)
        text = self._recorder.record_workflow(workflow, again=again)
        if text is not None and over:
            self._simulation.forget(workflow)
            self._cluster.rest(workflow, text, _RECORDED, over=True)
        return True

    def _is_expired(self, workflow: Workflow) -> bool:
        expiry = expiry_of(workflow)
        return expiry is not None and expiry <= self._simulation.now
