"""Experiments (``server/experiment_server.go``, ``storage/experiment_store.go``)."""

from __future__ import annotations

from fake_kfp.errors import already_exists, bad_request, internal_error, invalid_input, wrapping
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.auth.guards import Guard
from fake_kfp.services.auth.ownership import Ownership
from fake_kfp.services.jobs.scheduler import Scheduler
from fake_kfp.services.storage.database import DatabaseError, check_row
from fake_kfp.services.storage.job_schedules import check_schedules_to_archive
from fake_kfp.store.lists.options import ListOptions
from fake_kfp.store.lists.schemas import EXPERIMENTS
from fake_kfp.store.records import Experiment, StorageState
from fake_kfp.store.table import DuplicateKey, Page
from fake_kfp.store.world import World


def require_name(name: str) -> None:
    """What is checked before anything else of a new experiment."""
    if not name:
        raise internal_error(
            invalid_input("Experiment must have a non-empty name"),
            "Failed to convert API experiment to model experiment",
        )


class Experiments:
    """The rules of ExperimentService."""

    def __init__(
        self, world: World, guard: Guard[Experiment], ownership: Ownership, scheduler: Scheduler
    ) -> None:
        self._world = world
        self._guard = guard
        self._ownership = ownership
        self._scheduler = scheduler

    def create(self, name: str, description: str, namespace: str, caller: Caller) -> Experiment:
        """Makes an experiment; ALREADY_EXISTS where its namespace has one of this name."""
        namespace = self._ownership.own_namespace(namespace)
        with wrapping("Failed to authorize the request"):
            self._guard.require_in(caller, "create", namespace, name)
        experiment = Experiment(
            id=self._world.ids.uuid(),
            name=name,
            description=description,
            namespace=namespace,
            created_at=self._world.clock.seconds(),
        )
        self._insert(experiment)
        return experiment

    def _insert(self, experiment: Experiment) -> None:
        try:
            check_row(EXPERIMENTS, experiment)
            self._world.experiments.insert(experiment)
        except DatabaseError as error:
            raise internal_error(
                str(error), f"Failed to add experiment to experiment table: {error}"
            ) from None
        except DuplicateKey:
            raise already_exists(
                f"Failed to create a new experiment. The name {experiment.name} already exists. Please specify a new name"
            ) from None

    def get(self, experiment_id: str, caller: Caller) -> Experiment:
        """The experiment with this id."""
        self._guard.require_on(caller, "get", experiment_id)
        return self._ownership.experiment(experiment_id)

    def list(self, options: ListOptions[Experiment], namespace: str, caller: Caller) -> Page[Experiment]:
        """A page of a namespace's experiments (of all, in single-user mode)."""
        namespace = self._ownership.own_namespace(namespace)
        with wrapping("Failed to authorize with API"):
            self._guard.require_in(caller, "list", namespace)
        with wrapping("List experiments failed"):
            return self._world.experiments.page(options, where={"namespace": namespace})

    def delete(self, experiment_id: str, caller: Caller) -> None:
        """Deletes an experiment; its runs and jobs stay behind."""
        self._guard.require_on(caller, "delete", experiment_id)
        default = self._world.default_experiment_id
        if default and experiment_id == default:
            raise bad_request(
                invalid_input(f"Experiment id cannot be equal to the default id {default}"),
                f"Failed to delete experiment {experiment_id}. The default experiment cannot be deleted",
            )
        with wrapping(f"Failed to delete experiment {experiment_id} due to error fetching it"):
            experiment = self._ownership.experiment(experiment_id)
        self._world.experiments.delete(experiment.id)
        if experiment.id == default:
            self._world.default_experiment_id = ""

    def archive(self, experiment_id: str, caller: Caller) -> None:
        """Archives an experiment with its runs and disables its jobs; an unknown one is no error."""
        self._guard.require_on(caller, "archive", experiment_id)
        world = self._world
        jobs = list(world.jobs.find(experiment_id=experiment_id))
        check_schedules_to_archive(world, jobs, experiment_id)
        experiment = world.experiments.get(experiment_id)
        if experiment is not None:
            world.experiments.update(experiment, storage_state=StorageState.ARCHIVED)
        for run in world.runs.find(experiment_id=experiment_id):
            world.runs.update(run, storage_state=StorageState.ARCHIVED)
        now = world.clock.seconds()
        for job in jobs:
            world.jobs.update(job, enabled=False, updated_at=now)
            self._scheduler.wake(job)

    def unarchive(self, experiment_id: str, caller: Caller) -> None:
        """Brings an experiment back, without its runs and jobs; an unknown one is no error."""
        self._guard.require_on(caller, "unarchive", experiment_id)
        experiment = self._world.experiments.get(experiment_id)
        if experiment is not None:
            self._world.experiments.update(experiment, storage_state=StorageState.AVAILABLE)
