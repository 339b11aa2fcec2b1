"""Recurring runs as the scheduled-workflow controller makes them (``crd/controller/scheduledworkflow/controller.go``).

Nothing here runs by itself. Whoever is about to look at the world calls :meth:`Scheduler.fire_due` first, and every run that was
due by then is made, each as of the moment when it was due; so one big step of the clock gives the same as many small ones.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import ceil

from fake_kfp.errors import KfpError
from fake_kfp.services.jobs.late_runs import LateRuns
from fake_kfp.services.jobs.schedules import next_due
from fake_kfp.services.jobs.workflows import next_name, next_workflow
from fake_kfp.services.reports.service import Reports
from fake_kfp.services.runs.creation import RunCreation
from fake_kfp.services.runs.requests import NewRun
from fake_kfp.services.settings import Settings
from fake_kfp.simulator.cluster.cluster import Cluster, KubernetesError
from fake_kfp.simulator.cluster.labels import RUN_ID_LABEL
from fake_kfp.store.heaps import Agenda
from fake_kfp.store.records import Job, PipelineSpec
from fake_kfp.store.world import World

_log = logging.getLogger("fake_kfp")

_STEPS_A_LOOK = 2
"""What a look at a recurring run counts for, which may make a run of it."""


@dataclass(frozen=True, slots=True)
class SchedulerState:
    """When to look at which job, in order, and by job; live runs by job; jobs that have as many as they may, and since when."""

    agenda: list[tuple[int, str]] = field(default_factory=list)
    planned: dict[str, int] = field(default_factory=dict)
    live: dict[str, list[str]] = field(default_factory=dict)
    full: dict[str, int] = field(default_factory=dict)


class Scheduler:
    """Makes the runs of recurring runs by the world's clock; one that is not ``active`` makes none.

    A look costs what it makes: jobs wait in a heap by the time at which there is something to do for them, and those that have as
    many live runs as they may are asked for again at each look.
    """

    def __init__(
        self,
        world: World,
        cluster: Cluster,
        reports: Reports,
        settings: Settings,
        late_runs: LateRuns,
        active: bool = True,
    ) -> None:
        self._world = world
        self._changes = world.changes
        self._cluster = cluster
        self._reports = reports
        self._late_runs = late_runs
        self._settings = settings
        self._creation = RunCreation(world, cluster, settings)
        self._active = active
        # the clock is read in whole seconds: one more, so that it is never less
        self._delay = ceil(settings.controllers_delay) + 1 if settings.controllers_delay else 0
        self._agenda: Agenda[int, str] = Agenda(world.changes)
        self._firing = False
        self.pause: Callable[[], None] = lambda: None
        """Lets others in for a moment, between two slices of much work."""
        self._looks_per_slice = max(1, cluster.pace.steps // _STEPS_A_LOOK)
        self._made = 0
        self._live: dict[str, list[str]] = {}
        self._full: dict[str, int] = {}
        for job in world.jobs.find():
            self.wake(job)

    def state(self) -> SchedulerState:
        """What is still to be looked at."""
        agenda = self._agenda.state()
        return SchedulerState(agenda, {job_id: at for at, job_id in agenda}, self._live, self._full)

    def restore(self, state: SchedulerState) -> None:
        """Goes on from there, over jobs that were restored already."""
        self._agenda.restore(state.agenda, state.planned)
        self._full = dict(state.full)
        self._live = {job_id: list(runs) for job_id, runs in state.live.items()}

    def wake(self, job: Job) -> None:
        """Looks after a job that is new or was changed, as soon as a controller would notice."""
        if self._active:
            self._push(self._world.clock.seconds() + self._delay, job.id)

    def forget(self, job_id: str) -> None:
        """Drops what is known of a job that was deleted."""
        self._agenda.drop(job_id)
        self._changes.drop_entry(self._live, job_id)
        self._changes.drop_entry(self._full, job_id)
        self._late_runs.forget(job_id)

    def fire_due(self) -> None:
        """Makes every run that is due by now; who comes in at a pause finds as many as are made by then."""
        if self._firing or not (self._full or self._owes_something()):
            return
        self._changes.note(setattr, self, "_firing", False)
        try:
            self._firing = True
            with self._changes.lasting():
                self._fire_until(self._world.clock.seconds())
        finally:
            self._firing = False

    def _owes_something(self) -> bool:
        due = self.next_due()
        return due is not None and due <= self._world.clock.seconds()

    def next_due(self) -> int | None:
        """When there is something to do for a recurring run next, in seconds since 1970."""
        first = self._agenda.first()
        return None if first is None else first[0]

    def _fire_until(self, now: int) -> None:
        if self._full:
            self._resume(now)
        enough = self._made + self._settings.runs_per_look
        looks = 0
        while self._made < enough:
            looks += 1
            if looks % self._looks_per_slice == 0:
                self.pause()
            first = self._agenda.first()
            if first is None or first[0] > now:
                return
            at, job_id = self._agenda.take()
            self._look_after_job(job_id, at, now)
        _log.warning(
            "fake_kfp: recurring runs owe more than %d runs; the next call goes on with them",
            self._settings.runs_per_look,
        )

    def _push(self, at: int, job_id: str) -> None:
        """Plans a look at a job, unless an earlier one is planned."""
        planned = self._agenda.get(job_id)
        if planned is None or at < planned:
            self._agenda.plan(job_id, at)

    def _resume(self, now: int) -> None:
        for job_id, since in list(self._full.items()):
            job = self._world.jobs.get(job_id)
            free_at = since if job is None else self._free_at(job, since, now)
            if free_at is not None:
                self._changes.drop_entry(self._full, job_id)
                self._push(free_at, job_id)

    def _look_after_job(self, job_id: str, at: int, now: int) -> None:
        job = self._world.jobs.get(job_id)
        if job is None:
            self._changes.drop_entry(self._live, job_id)
        else:
            self._look_after(job, at, now)

    def _look_after(self, job: Job, at: int, now: int) -> None:
        """What the controller does at ``at`` for one job: at most one new run (``syncHandler``)."""
        self._show_status(job, at)
        due = next_due(job.trigger, job.last_due_at, job.created_at, at, not job.no_catchup)
        if due is None or not job.enabled or job.id in self._full:
            return
        if due > at:
            self._push(due, job.id)
            return
        free_at = self._free_at(job, at, now)
        if self._world.jobs.get(job.id) is not job:  # others may have been in
            return
        if free_at is None:
            self._changes.note_entry(self._full, job.id)
            self._full[job.id] = at
        elif free_at > at:
            self._push(free_at, job.id)
        elif self._fire(job, due, at):
            self._push(at, job.id)

    def _free_at(self, job: Job, at: int, now: int) -> int | None:
        """When, from ``at`` on, the job has fewer live runs than it may have; None if that is not so by ``now``."""
        live = self._live.get(job.id, [])
        if len(live) < job.max_concurrency:
            return at
        ends = {run_id: self._late_runs.finished_at(run_id) for run_id in live}
        left = {run_id: end for run_id, end in ends.items() if end is not None}
        left = {run_id: end for run_id, end in left.items() if not end or min(end, now) > at}
        self._set_live(job, list(left))
        surplus = len(left) - job.max_concurrency
        over = sorted(min(end, now) for end in left.values() if end)
        if surplus < 0:
            return at
        return over[surplus] if surplus < len(over) else None

    def _set_live(self, job: Job, run_ids: list[str]) -> None:
        self._changes.note_entry(self._live, job.id)
        self._live[job.id] = run_ids

    def _fire(self, job: Job, due: int, at: int) -> bool:
        """Makes the job's next run; one that can't be made is the job's last."""
        clock = self._world.clock
        self._changes.note(clock.show_present)
        try:
            with clock.showing(at):
                run_id = self._make_run(job, due, at)
        except (KfpError, KubernetesError) as error:
            _log.warning("fake_kfp: recurring run %s makes no more runs: %s", job.id, error)
            return False
        self._made += 1
        self._set_live(job, [*self._live.get(job.id, ()), run_id])
        self._world.jobs.update(job, last_index=job.last_index + 1, last_due_at=due, updated_at=at)
        return True

    def _make_run(self, job: Job, due: int, at: int) -> str:
        if not (job.spec.workflow_manifest or job.spec.pipeline_manifest):
            return self._make_run_of_newest_version(job)
        kind = self._late_runs.kind_of(job)
        run_id = self._late_runs.make(kind, job, due, at)
        if run_id is not None:
            return run_id
        manifest = next_workflow(job, kind.template, self._settings, self._world.ids.uuid(), due, at)
        workflow = self._cluster.create(manifest)
        self._reports.record_new_workflow(workflow)
        run_id = workflow.labels[RUN_ID_LABEL]
        self._late_runs.note_model(kind, run_id)
        return run_id

    def _make_run_of_newest_version(self, job: Job) -> str:
        """A job that names a pipeline but no version takes the newest one each time."""
        asked = NewRun(
            name=next_name(job),
            namespace=job.namespace if self._settings.multi_user else "",
            experiment_id=job.experiment_id,
            job_id=job.id,
            service_account=job.service_account,
            plugins_input=job.plugins_input,
            spec=PipelineSpec(
                pipeline_id=job.spec.pipeline_id,
                runtime_parameters=job.spec.runtime_parameters,
                pipeline_root=job.spec.pipeline_root,
            ),
        )
        return self._creation.create(asked, asked.experiment_id, asked.namespace).id

    def _show_status(self, job: Job, at: int) -> None:
        """What the persistence agent reports of a scheduled workflow: one without trigger never counts as disabled.

        Its report knows no absent schedules, only empty ones.
        """
        one_off = not job.trigger.cron and not job.trigger.interval_seconds
        conditions = "ENABLED" if job.enabled or one_off else "DISABLED"
        if job.conditions != conditions:
            trigger = replace(
                job.trigger, cron=job.trigger.cron or "", interval_seconds=job.trigger.interval_seconds or 0
            )
            self._world.jobs.update(job, conditions=conditions, trigger=trigger, updated_at=at)
