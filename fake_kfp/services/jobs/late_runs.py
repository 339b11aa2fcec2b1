"""Runs of recurring runs that nobody has looked at yet.

Of such a run there is a row, with its id, name and times, and nothing else. Its manifests and its workflow are made when somebody reads
them; and where the scheduler asks whether it is over, it is told when it will have been, since it is like those before it
(:mod:`~fake_kfp.services.jobs.likeness`). What it would have done at that moment it does when somebody looks, as of that moment.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from fake_kfp.golang.rfc3339 import format_rfc3339
from fake_kfp.services.jobs.likeness import alike, said_alike
from fake_kfp.services.jobs.workflows import next_name, next_workflow
from fake_kfp.services.reports.service import Reports
from fake_kfp.services.runs.lifecycle import Lifecycle
from fake_kfp.services.runs.node_tasks import NodeTasks
from fake_kfp.services.settings import Settings
from fake_kfp.services.storage.database import COLUMN_LENGTH
from fake_kfp.services.storage.run_records import insert_late
from fake_kfp.services.templates.sources import fetch_template
from fake_kfp.services.templates.template import Template
from fake_kfp.simulator.cluster.cluster import Cluster
from fake_kfp.simulator.kubelet.outcomes import Outcomes
from fake_kfp.store.records import LATE_FIELDS, Job, PipelineSpec, Run
from fake_kfp.store.world import World

_SMALL = 65_536
"""How long the manifest of a run may be that others like it are left for later: a walk without pauses must be short."""

_STEPS_A_RUN = 20
"""What a run that is made late counts for, with its walk."""


@dataclass(slots=True)
class Kind:
    """What the runs of a recurring run have in common: ``job`` as it is, and how long such a run takes, by what was ``said`` then.

    ``models`` are runs of this kind that were made at once, of which nobody has seen the end yet.
    """

    job: Job
    template: Template
    alike: bool
    facts: tuple[Any, ...]
    namespace: str = ""
    seconds: int | None = None
    said: Outcomes | None = None
    models: set[str] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class LateRun:
    """What is to be made of a run later: the job's ``index``-th, for which it is ``due_at`` a second, its workflow with this ``uid``.

    Once it was ``seen``, over by its ``end``, all that was ``said`` until then holds for it, and the operator was to look at it first
    when it is ``due``. It is a workflow that the cluster was promised, too.
    """

    kind: Kind
    run: Run
    index: int
    due_at: int
    uid: str
    make: Callable[[LateRun], None]
    seen: datetime | None = None
    end: int = 0
    due: datetime | None = None
    said: Outcomes | None = None

    def keep(self) -> None:
        """Makes what is missing."""
        self.make(self)

    __call__ = keep


class LateRuns:
    """Makes rows of runs, and the runs themselves when somebody needs them.

    ``pause`` lets others in, where there are many. ``said`` is what was said of tasks until now; None where runs are never alike.
    """

    def __init__(
        self,
        world: World,
        cluster: Cluster,
        lifecycle: Lifecycle,
        node_tasks: NodeTasks,
        reports: Reports,
        settings: Settings,
    ) -> None:
        self._world = world
        self._changes = world.changes
        self._cluster = cluster
        self._lifecycle = lifecycle
        self._node_tasks = node_tasks
        self._reports = reports
        self._settings = settings
        self.said: Callable[[], Outcomes | None] = lambda: None
        self.pause: Callable[[], None] = lambda: None
        self.listened_to: Outcomes | None = None
        """What holds of tasks while a run does what it would have done before; None: what was said last."""
        self._kinds: dict[str, Kind] = {}
        self._late: dict[str, LateRun] = {}
        self._maker = self._make  # one object for all of them
        self._seen: dict[str, LateRun] = {}
        lifecycle.make_seen = self.make_seen
        node_tasks.make_seen = self.make_seen

    # ------------------------------------------------------------ rows

    def kind_of(self, job: Job) -> Kind:
        """What kind of runs the job makes now; KfpError where its manifest cannot be read."""
        kind, facts = self._kinds.get(job.id), self._facts(job)
        if kind is None or kind.facts != facts:
            template, _ = fetch_template(self._world, _pinned(job.spec))
            kind = self._kinds[job.id] = Kind(replace(job), template, alike(template, job.spec), facts)
        return kind

    def _facts(self, job: Job) -> tuple[Any, ...]:
        """What its runs have of a job, but for their number."""
        experiment = self._world.experiments.get(job.experiment_id)
        return (
            job.spec,
            job.name,
            job.namespace,
            job.service_account,
            job.workflow_name,
            job.schedule_name,
            job.experiment_id,
            experiment and experiment.namespace,
        )

    def forget(self, job_id: str) -> None:
        """The job is gone."""
        self._kinds.pop(job_id, None)

    def make(self, kind: Kind, job: Job, due: int, at: int) -> str | None:
        """A row for the job's next run, which is due at ``due`` and made ``at``; gives its id, or None where it is to be made at once."""
        said = self.said()
        if kind.seconds is None or said is None or kind.said is not said:
            return None
        name = next_name(job)
        key = (kind.namespace, name)
        if len(name) > COLUMN_LENGTH or not self._cluster.free(key):
            return None
        ids = self._world.ids
        run = _row(job, ids.uuid(), name, kind.namespace, due, at)
        late = LateRun(kind, run, job.last_index, due, ids.uuid(), self._maker)
        run.complete = late
        self._cluster.promise(key, late)
        self._lifecycle.expect(run)
        self._note_entry(self._late, late)
        insert_late(self._world, run)
        return run.id

    def note_model(self, kind: Kind, run_id: str) -> None:
        """This run of the kind was made at once."""
        if kind.alike:
            kind.models.add(run_id)

    # ------------------------------------------------------------ their ends

    def finished_at(self, run_id: str) -> int | None:
        """When a run was over, 0 where it is not over by now, None where there is no such run. The run counts as looked at."""
        late = self._late.get(run_id)
        if late is not None and (late.seen is not None or self._see(late)):
            return late.end
        run = self._world.runs.get(run_id)
        if run is None:
            return None
        kind = self._kinds.get(run.job_id)
        is_model = kind is not None and (run_id in kind.models if late is None else late.kind is kind)
        said = self.said() if is_model and self._lifecycle.untouched(run) else None
        self._lifecycle.bring_up_to_date([run])
        if kind is not None and said is not None and said is self.said():
            self._learn(kind, run, said)
        return run.finished_at

    def _learn(self, kind: Kind, run: Run, said: Outcomes) -> None:
        """A run of the kind has been walked from its beginning, and nobody had a hand in it."""
        over = run.finished_at and run.namespace and run.experiment_id == kind.job.experiment_id
        small = len(run.workflow_runtime_manifest) <= _SMALL
        if over and small and said_alike(said, kind.job.workflow_name):
            kind.namespace = run.namespace
            kind.seconds, kind.said = run.finished_at - run.created_at, said
            kind.models.clear()

    def _see(self, late: LateRun) -> bool:
        """Leaves a look at a run that is over by now for later; False where it is not, or may not be as those before it."""
        kind, run, now = late.kind, late.run, self._world.clock.now()
        if kind.seconds is None or kind.said is not self.said():
            return False
        late.end = run.created_at + kind.seconds
        if not self._lifecycle.over_by(late.end, now):
            return False
        self._changes.note(setattr, late, "seen", None)
        late.due = self._lifecycle.put_off(run)
        late.said, late.seen = kind.said, now
        self._note_entry(self._seen, late)
        self._node_tasks.note_end(run, int(now.timestamp()))
        return True

    # ------------------------------------------------------------ the runs themselves

    def make_seen(self) -> None:
        """Makes all that counts as looked at."""
        self._make_all(self._seen)

    def make_all(self) -> None:
        """Makes all that was left for later."""
        self._make_all(self._late)

    def _make_all(self, runs: dict[str, LateRun]) -> None:
        runs_per_slice = max(1, self._cluster.pace.steps // _STEPS_A_RUN)
        while runs:  # others may come in a pause
            for done, late in enumerate(tuple(runs.values()), 1):
                late.keep()
                if done % runs_per_slice == 0:
                    self.pause()

    def _make(self, late: LateRun) -> None:
        if self._late.get(late.run.id) is late:
            with self._changes.lasting():
                self._complete(late)

    def _complete(self, late: LateRun) -> None:
        run, clock = late.run, self._world.clock
        self._changes.note(self._leave, late)
        with suppress(AttributeError):
            del run.complete
        self._changes.drop_entry(self._late, run.id)
        self._changes.drop_entry(self._seen, run.id)
        with clock.showing(run.created_at):
            self._reports.complete(run, self._cluster.adopt(self._manifest(late)), late.kind.job)
        if late.seen is not None:
            self._look(late, late.seen)

    def _manifest(self, late: LateRun) -> dict[str, Any]:
        kind, run = late.kind, late.run
        job = replace(kind.job, last_index=late.index)
        manifest = next_workflow(job, kind.template, self._settings, run.id, late.due_at, run.created_at)
        manifest["metadata"]["uid"] = late.uid
        manifest["metadata"]["creationTimestamp"] = format_rfc3339(self._world.clock.now())
        return manifest

    def _look(self, late: LateRun, seen: datetime) -> None:
        """What the scheduler's look would have come to when it asked."""
        before = self.listened_to
        try:
            self.listened_to = late.said
            with self._world.clock.showing(seen):
                self._lifecycle.expect(late.run, late.due)
                self._lifecycle.bring_up_to_date([late.run])
        finally:
            self.listened_to = before

    def _leave(self, late: LateRun) -> None:
        """It was not made, since that was interrupted."""
        for name in LATE_FIELDS:
            with suppress(AttributeError):  # that was all
                delattr(late.run, name)
        late.run.complete = late

    def _note_entry(self, runs: dict[str, LateRun], late: LateRun) -> None:
        self._changes.note_entry(runs, late.run.id)
        runs[late.run.id] = late


def _pinned(spec: PipelineSpec) -> PipelineSpec:
    """The manifest that a job was made with: it outlives the version that it came from."""
    return PipelineSpec(pipeline_manifest=spec.pipeline_manifest, workflow_manifest=spec.workflow_manifest)


def _row(job: Job, run_id: str, name: str, namespace: str, due: int, at: int) -> Run:
    run = Run(
        id=run_id,
        name=name,
        workflow_name=name,
        namespace=namespace,
        experiment_id=job.experiment_id,
        job_id=job.id,
        created_at=at,
        scheduled_at=due or at,
    )
    for unset in LATE_FIELDS:
        delattr(run, unset)
    return run
