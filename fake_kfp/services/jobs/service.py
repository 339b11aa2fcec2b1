"""Recurring runs (``server/job_server.go``, ``resource_manager.go``, ``storage/job_store.go``)."""

from __future__ import annotations

from dataclasses import replace

from fake_kfp.errors import invalid_input, wrapping
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.auth.guards import Guard
from fake_kfp.services.auth.ownership import Ownership
from fake_kfp.services.jobs.creation import JobCreation
from fake_kfp.services.jobs.requests import NewJob
from fake_kfp.services.jobs.scheduler import Scheduler
from fake_kfp.services.settings import Settings
from fake_kfp.services.storage.job_records import get_job
from fake_kfp.services.storage.job_schedules import (
    check_schedule_to_disable,
    check_schedule_to_enable,
    drop_schedule,
)
from fake_kfp.services.storage.pipeline_records import latest_version
from fake_kfp.store.lists.options import ListOptions
from fake_kfp.store.records import Job, PipelineSpec
from fake_kfp.store.table import Page
from fake_kfp.store.world import World


class Jobs:
    """The rules of JobService."""

    def __init__(
        self, world: World, guard: Guard[Job], ownership: Ownership, settings: Settings, scheduler: Scheduler
    ) -> None:
        self._world = world
        self._guard = guard
        self._ownership = ownership
        self._creation = JobCreation(world, settings)
        self._scheduler = scheduler

    def pinned(self, spec: PipelineSpec) -> PipelineSpec:
        """A spec that names nothing but a pipeline, with the version of it that is newest now."""
        if not spec.pipeline_id or (
            spec.pipeline_version_id or spec.workflow_manifest or spec.pipeline_manifest
        ):
            return spec
        with wrapping(f"Failed to fetch a pipeline version from pipeline {spec.pipeline_id}"):
            return replace(spec, pipeline_version_id=latest_version(self._world, spec.pipeline_id).id)

    def create(self, asked: NewJob, caller: Caller) -> Job:
        """Makes a recurring run; the scheduler notices it."""
        if not asked.name:
            raise invalid_input("Recurring run name is empty. Please specify a valid name")
        with wrapping(
            "Failed to create a recurring run due to invalid experimentId and namespace combination"
        ):
            experiment_id, namespace = self._ownership.valid_pair(asked.experiment_id, asked.namespace)
        if self._guard.multi_user and not namespace:
            raise invalid_input("Recurring run cannot have an empty namespace in multi-user mode")
        with wrapping(
            "Failed to create a recurring run due to authorization error."
            f" Check if you have write permission to namespace {namespace}"
        ):
            self._guard.require_in(caller, "create", namespace, asked.name)
        job = self._creation.create(asked._replace(experiment_id=experiment_id, namespace=namespace))
        self._scheduler.wake(job)
        return job

    def get(self, job_id: str, caller: Caller) -> Job:
        """The job with this id."""
        self._guard.require_on(caller, "get", job_id)
        return get_job(self._world, job_id)

    def list(
        self, options: ListOptions[Job], namespace: str, experiment_id: str, caller: Caller
    ) -> Page[Job]:
        """A page of an experiment's jobs, or of a namespace's (of all, in single-user mode)."""
        namespace, where = self._ownership.scope_of_list(namespace, experiment_id, "recurring runs")
        with wrapping(
            "Failed to list recurring runs due to authorization error."
            f" Check if you have permission to access namespace {namespace}"
        ):
            self._guard.require_in(caller, "list", namespace)
        with wrapping("Failed to list recurring runs"):
            return self._world.jobs.page(options, where)

    def enable(self, job_id: str, caller: Caller) -> None:
        """Lets a job make runs; what it missed it catches up with, unless it is not to."""
        self._guard.require_on(caller, "enable", job_id)
        self._change_mode(job_id, True)

    def disable(self, job_id: str, caller: Caller) -> None:
        """Keeps a job from making runs."""
        self._guard.require_on(caller, "disable", job_id)
        self._change_mode(job_id, False)

    def _change_mode(self, job_id: str, enable: bool) -> None:
        word = "true" if enable else "false"
        with wrapping(
            f"Failed to change recurring run's mode to enable:{word}. Check if recurring run {job_id} exists"
        ):
            job = get_job(self._world, job_id)
        (check_schedule_to_enable if enable else check_schedule_to_disable)(self._world, job, job_id)
        if job.enabled != enable:
            self._world.jobs.update(job, enabled=enable, updated_at=self._world.clock.seconds())
        self._scheduler.wake(job)

    def delete(self, job_id: str, caller: Caller) -> None:
        """Deletes a job; its runs stay."""
        self._guard.require_on(caller, "delete", job_id)
        with wrapping(f"Failed to delete recurring run {job_id}. Check if exists"):
            job = get_job(self._world, job_id)
        drop_schedule(self._world, job)
        self._world.jobs.delete(job.id)
        self._scheduler.forget(job.id)
