"""The world: every table, the artifact objects, the clock and the ids."""

from __future__ import annotations

from fake_kfp.store.clock import Clock
from fake_kfp.store.ids import Ids
from fake_kfp.store.lists import schemas
from fake_kfp.store.objects import Objects
from fake_kfp.store.records import Experiment, Job, Pipeline, PipelineVersion, Run, Task
from fake_kfp.store.table import Table
from fake_kfp.versions import UNNAMED, Dialect


class World:
    """The state of one fake server; a reset is a new world. It has no lock: whoever comes in by a door is let in by the deployment.

    ``dialect`` is how the release answers that the server is of.
    """

    def __init__(
        self, clock: Clock, ids: Ids, objects: Objects | None = None, dialect: Dialect = UNNAMED
    ) -> None:
        self.dialect = dialect
        self.clock = clock
        self.ids = ids
        self.objects = objects or Objects()
        self.experiments: Table[Experiment] = Table(schemas.EXPERIMENTS, unique=[("name", "namespace")])
        self.runs: Table[Run] = Table(
            schemas.RUNS,
            indexed=["experiment_id", *(["job_id"] if dialect.recurring_runs_made_once else ())],
        )
        self.pipelines: Table[Pipeline] = Table(schemas.PIPELINES, unique=[("namespace", "name")])
        self.pipeline_versions: Table[PipelineVersion] = Table(
            schemas.PIPELINE_VERSIONS, unique=[("pipeline_id", "name")]
        )
        self.jobs: Table[Job] = Table(schemas.JOBS)
        self.tasks: Table[Task] = Table(schemas.TASKS)
        self.default_experiment_id = ""
        """Where runs without an experiment go; empty where there is none (yet)."""
