"""The world as a test author has it in Python: what lies in it, and placing more."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fake_kfp.control.builders.builders import place
from fake_kfp.control.builders.fields import (
    ExperimentFields,
    JobFields,
    PipelineFields,
    RunFields,
    VersionFields,
)
from fake_kfp.control.builders.groundwork import Groundwork
from fake_kfp.control.builders.population import Populated, PopulationFields, populate
from fake_kfp.control.views.collections import Experiments, Jobs, Pipelines, Runs, Tasks, Versions
from fake_kfp.control.views.experiments import ExperimentView
from fake_kfp.control.views.jobs import JobView
from fake_kfp.control.views.pipelines import PipelineView, VersionView
from fake_kfp.control.views.runs import RunView
from fake_kfp.deployment import Deployment

if TYPE_CHECKING:
    from typing_extensions import Unpack


class WorldSide(ABC):
    """What a fake has of its world: builders that place things as they are wanted, and looks at all that is there."""

    @property
    @abstractmethod
    def deployment(self) -> Deployment:
        """The present world and what stands around it; reach into it within ``deployment.visit()`` only."""

    @property
    def runs(self) -> Runs:
        """The runs, as they stand now: ``fake.runs.one(name="nightly").status``."""
        return Runs(lambda: self.deployment)

    @property
    def experiments(self) -> Experiments:
        """The experiments: ``fake.experiments.one(name="reviews").archived``."""
        return Experiments(lambda: self.deployment)

    @property
    def pipelines(self) -> Pipelines:
        """The pipelines: ``fake.pipelines.one(name="training").versions``."""
        return Pipelines(lambda: self.deployment)

    @property
    def versions(self) -> Versions:
        """The versions of pipelines: ``fake.versions.all(pipeline="training")``."""
        return Versions(lambda: self.deployment)

    @property
    def jobs(self) -> Jobs:
        """The recurring runs: ``fake.jobs.one(name="hourly").enabled``."""
        return Jobs(lambda: self.deployment)

    @property
    def tasks(self) -> Tasks:
        """The tasks of all runs: ``fake.tasks.one(run="nightly", name="train").message``."""
        return Tasks(lambda: self.deployment)

    def add_experiment(self, name: str, **fields: Unpack[ExperimentFields]) -> ExperimentView:
        """Places an experiment: ``fake.add_experiment("reviews", created="2024-05-01")``. Raises BuildError, as all builders do."""
        view: ExperimentView = self._place("experiments", name, fields)
        return view

    def add_pipeline(self, name: str, **fields: Unpack[PipelineFields]) -> PipelineView:
        """Places a pipeline, with its first version unless its ``manifest`` is an empty text."""
        view: PipelineView = self._place("pipelines", name, fields)
        return view

    def add_version(self, name: str, **fields: Unpack[VersionFields]) -> VersionView:
        """Places another version of a ``pipeline``."""
        view: VersionView = self._place("versions", name, fields)
        return view

    def add_job(self, name: str, **fields: Unpack[JobFields]) -> JobView:
        """Places a recurring run, which owes nothing of the time before now: ``fake.add_job("hourly", every=3600)``."""
        view: JobView = self._place("jobs", name, fields)
        return view

    def add_run(self, name: str, **fields: Unpack[RunFields]) -> RunView:
        """Places a run, as far as its ``state`` or ``nodes`` say: ``fake.add_run("old", state="FAILED", created="2024-05-01")``."""
        view: RunView = self._place("runs", name, fields)
        return view

    def populate(self, **fields: Unpack[PopulationFields]) -> Populated:
        """Fills the world with very many things, the same for the same seed: ``fake.populate(runs=100_000, seed=1)``."""
        with self.deployment.visit(step=False) as deployment:
            return populate(Groundwork(deployment), fields)

    def _place(self, kind: str, name: str, fields: Mapping[str, Any]) -> Any:
        with self.deployment.visit(step=False) as deployment:
            return place(deployment, kind, name, fields)
