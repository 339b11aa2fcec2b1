"""The world: every table, the artifact objects, the clock and the ids."""

from __future__ import annotations

from dataclasses import dataclass, field

from fake_kfp.store.changes import Changes
from fake_kfp.store.clock import Clock, ClockState
from fake_kfp.store.ids import Ids, IdsState
from fake_kfp.store.lists import schemas
from fake_kfp.store.objects import Objects
from fake_kfp.store.records import Experiment, Job, Pipeline, PipelineVersion, Run, Task
from fake_kfp.store.table import Table
from fake_kfp.versions import UNNAMED, Dialect

_DEFAULT_EXPERIMENT = "default experiment"


@dataclass(frozen=True, slots=True)
class WorldState:
    """What a world holds, in the order in which it came. The records are the world's own."""

    clock: ClockState
    ids: IdsState
    experiments: list[Experiment] = field(default_factory=list)
    pipelines: list[Pipeline] = field(default_factory=list)
    pipeline_versions: list[PipelineVersion] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    objects: dict[str, bytes] = field(default_factory=dict)
    default_experiment_id: str = ""


class World:
    """The state of one fake server; a reset is a new world. It has no lock: whoever comes in by a door is let in by the deployment.

    ``dialect`` is how the release answers that the server is of. ``changes`` are what the present visit has changed so far.
    """

    def __init__(self, clock: Clock, seed: int | None = None, dialect: Dialect = UNNAMED) -> None:
        self.dialect = dialect
        self.clock = clock
        self.changes = changes = Changes()
        self.ids = Ids(seed, changes)
        self.objects = Objects(changes=changes)
        self.experiments: Table[Experiment] = Table(
            schemas.EXPERIMENTS, unique=[("name", "namespace")], changes=changes
        )
        self.runs: Table[Run] = Table(
            schemas.RUNS,
            indexed=["experiment_id", *(["job_id"] if dialect.recurring_runs_made_once else ())],
            changes=changes,
        )
        self.pipelines: Table[Pipeline] = Table(
            schemas.PIPELINES, unique=[("namespace", "name")], changes=changes
        )
        self.pipeline_versions: Table[PipelineVersion] = Table(
            schemas.PIPELINE_VERSIONS, unique=[("pipeline_id", "name")], changes=changes
        )
        self.jobs: Table[Job] = Table(schemas.JOBS, changes=changes)
        self.tasks: Table[Task] = Table(schemas.TASKS, changes=changes)
        self._single: dict[str, str] = {}

    @property
    def default_experiment_id(self) -> str:
        """Where runs without an experiment go; empty where there is none (yet)."""
        return self._single.get(_DEFAULT_EXPERIMENT, "")

    @default_experiment_id.setter
    def default_experiment_id(self, id: str) -> None:
        self.changes.note_entry(self._single, _DEFAULT_EXPERIMENT)
        self._single[_DEFAULT_EXPERIMENT] = id

    def state(self) -> WorldState:
        """All that it holds."""
        return WorldState(
            clock=self.clock.state(),
            ids=self.ids.state(),
            experiments=list(self.experiments),
            pipelines=list(self.pipelines),
            pipeline_versions=list(self.pipeline_versions),
            runs=list(self.runs),
            jobs=list(self.jobs),
            tasks=list(self.tasks),
            objects=self.objects.state(),
            default_experiment_id=self.default_experiment_id,
        )

    def restore(self, state: WorldState) -> None:
        """Holds this and nothing else. Raises DuplicateKey, ObjectsFull, and ValueError of the ids."""
        self.clock.restore(state.clock)
        self.ids.restore(state.ids)
        self.experiments.restore(state.experiments)
        self.pipelines.restore(state.pipelines)
        self.pipeline_versions.restore(state.pipeline_versions)
        self.runs.restore(state.runs)
        self.jobs.restore(state.jobs)
        self.tasks.restore(state.tasks)
        self.objects.restore(state.objects)
        self.default_experiment_id = state.default_experiment_id
