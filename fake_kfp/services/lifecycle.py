"""Keeps run records up to date with their workflows, as the real persistence agent does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from fake_kfp.services.settings import Settings
from fake_kfp.simulator.cluster import Cluster, KubernetesError
from fake_kfp.simulator.simulation import Mode, ReportedMetric, Simulation
from fake_kfp.simulator.workflow import Workflow
from fake_kfp.store.records import Run


class Recorder(Protocol):
    """What the persistence agent calls of the API server."""

    def record_workflow(self, workflow: Workflow) -> None:
        """Brings the run's record up to date with its live workflow (the heart of ReportWorkflowV1)."""

    def record_metrics(self, workflow: Workflow, metrics: list[ReportedMetric]) -> None:
        """Stores what finished tasks reported (ReportRunMetricsV1)."""


class Lifecycle:
    """Called by the services right before they show runs: whatever was due by the clock has happened by then.

    ``recorder`` has to be set before the first run is shown.
    """

    recorder: Recorder

    def __init__(self, cluster: Cluster, simulation: Simulation, settings: Settings) -> None:
        self._cluster = cluster
        self._simulation = simulation
        self._settings = settings

    def workflow_of(self, run: Run) -> Workflow | None:
        """The live workflow of a run; None if it is gone from the cluster."""
        try:
            return self._cluster.get(run.namespace or self._settings.pod_namespace, run.workflow_name)
        except KubernetesError:
            return None

    def bring_up_to_date(self, runs: Iterable[Run]) -> None:
        """Lets the workflows of these runs catch up with the clock and records the outcome."""
        if self._simulation.mode is Mode.MANUAL:
            return
        for run in runs:
            workflow = self.workflow_of(run)
            if workflow is not None:
                self._catch_up(workflow)

    def let_time_pass(self, run: Run) -> None:
        """What the clock alone has brought about by now: before a run is acted upon unseen.

        In an instant simulation that is nothing: a run that nobody has looked at yet is still to begin.
        """
        if self._simulation.mode is Mode.CLOCKED:
            self.bring_up_to_date([run])

    def bring_all_up_to_date(self) -> None:
        """The same for every run that has something due: for lists that ask about status."""
        for workflow in self._simulation.due_workflows():
            self._catch_up(workflow)

    def log(self, pod_or_node: str) -> str | None:
        """The log of a pod or node; None if it has not run in this cluster."""
        return self._simulation.log(pod_or_node)

    def look(self, workflow: Workflow) -> None:
        """One step by hand: the operator looks, and what came of it is recorded."""
        self._simulation.look(workflow)
        self.recorder.record_workflow(workflow)

    def _catch_up(self, workflow: Workflow) -> None:
        drive = self._simulation.catch_up(workflow)
        if drive.changed:
            drive.changed = False
            self.recorder.record_workflow(workflow)
        if drive.metrics:
            metrics, drive.metrics = drive.metrics, []
            self.recorder.record_metrics(workflow, metrics)
