"""The scheduled workflows behind recurring runs (``resource_manager.go: ChangeJobMode``, ``DeleteJob``).

The cluster knows a scheduled workflow by the name it was made with. The server asks for it by the name in the job's record, which reports
overwrite: after a report under another name it finds nothing, or the scheduled workflow of another job.
"""

from __future__ import annotations

from collections.abc import Iterable

from fake_kfp.errors import internal_error, invalid_input, resource_not_found
from fake_kfp.store.mariadb.collation import sort_key
from fake_kfp.store.records import Job
from fake_kfp.store.world import World


def check_schedule_to_enable(world: World, job: Job, job_id: str) -> None:
    """A job can be enabled only where the scheduled workflow that is found is its own, by its id to the letter."""
    owner = _owner_of_schedule(world, job)
    if owner is None:
        failure = f"Failed to enable recurring run {job_id}. Check if the scheduled workflow exists"
        raise internal_error(_not_found(job), failure)
    if owner.id != job_id:
        raise resource_not_found("recurring run", job.workflow_name).wrapped(
            f"Failed to enable recurring run {job_id}. Check if its k8s resource exists"
        )


def check_schedule_to_disable(world: World, job: Job, job_id: str) -> None:
    """A job can be disabled where any scheduled workflow is found."""
    if _owner_of_schedule(world, job) is None:
        failure = f"Failed to change recurring run's {job_id} mode to enable:false"
        raise internal_error(_not_found(job), failure)


def check_schedules_to_archive(world: World, jobs: Iterable[Job], experiment_id: str) -> None:
    """An experiment can be archived only where for each of its jobs some scheduled workflow is found (``ArchiveExperiment``)."""
    for job in sorted(jobs, key=lambda job: (sort_key(job.name), job.id)):
        if _owner_of_schedule(world, job) is None:
            failure = f"Failed to disable job {job.id} while archiving experiment {experiment_id}"
            raise internal_error(_not_found(job), failure)


def schedule_to_own_runs(world: World, job: Job) -> Job:
    """The job whose scheduled workflow will own the runs made for ``job``. Raises INTERNAL where there is none."""
    owner = _owner_of_schedule(world, job)
    if owner is None:
        raise internal_error(
            invalid_input(f"ScheduledWorkflow doesn't exist: {job.workflow_name}"),
            "Failed to create a run due to invalid name",
        )
    return owner


def drop_schedule(world: World, job: Job) -> None:
    """Deletes the scheduled workflow that goes with a job's name, whoever's it is; nothing happens where there is none."""
    owner = _owner_of_schedule(world, job)
    if owner is not None:
        world.jobs.update(owner, schedule_name="")


def _owner_of_schedule(world: World, job: Job) -> Job | None:
    if job.schedule_name == job.workflow_name:
        return job
    place = (job.namespace, job.workflow_name)
    return next((other for other in world.jobs if (other.namespace, other.schedule_name) == place), None)


def _not_found(job: Job) -> str:
    return f'scheduledworkflows.kubeflow.org "{job.workflow_name}" not found'
