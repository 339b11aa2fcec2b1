"""Recurring runs as they stood when they were looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fake_kfp.control.views.texts import moment, moment_or_none, name_of, parameters_of
from fake_kfp.deployment import Deployment
from fake_kfp.store.records import Job


@dataclass(frozen=True, slots=True)
class JobView:
    """A recurring run: a value, which neither changes with the world nor changes it.

    It fires by its ``cron`` line or ``every`` so many seconds, once where it has neither, from ``start`` to ``end`` where these are
    set. ``pipeline`` and ``version`` are names, ``status`` is ENABLED or DISABLED once the controller has seen it.
    """

    id: str
    name: str
    description: str
    namespace: str
    experiment_id: str
    experiment: str
    pipeline_id: str
    pipeline: str
    version_id: str
    version: str
    manifest: str
    parameters: Mapping[str, object]
    service_account: str
    created_at: datetime
    updated_at: datetime
    enabled: bool
    status: str
    cron: str
    every: int | None
    start: datetime | None
    end: datetime | None
    catch_up: bool
    max_concurrency: int
    runs_made: int
    last_due_at: datetime | None
    """The time for which its latest run was due."""


def job_view(deployment: Deployment, job: Job) -> JobView:
    """The recurring run as it stands now."""
    world, spec, trigger = deployment.world, job.spec, job.trigger
    return JobView(
        id=job.id,
        name=job.name,
        description=job.description,
        namespace=job.namespace,
        experiment_id=job.experiment_id,
        experiment=name_of(world.experiments, job.experiment_id),
        pipeline_id=spec.pipeline_id,
        pipeline=name_of(world.pipelines, spec.pipeline_id),
        version_id=spec.pipeline_version_id,
        version=name_of(world.pipeline_versions, spec.pipeline_version_id),
        manifest=spec.pipeline_manifest or spec.workflow_manifest,
        parameters=parameters_of(spec),
        service_account=job.service_account,
        created_at=moment(job.created_at),
        updated_at=moment(job.updated_at),
        enabled=job.enabled,
        status=job.conditions,
        cron=trigger.cron or "",
        every=trigger.interval_seconds or None,
        start=moment_or_none(trigger.cron_start if trigger.cron else trigger.periodic_start),
        end=moment_or_none(trigger.cron_end if trigger.cron else trigger.periodic_end),
        catch_up=not job.no_catchup,
        max_concurrency=job.max_concurrency,
        runs_made=job.last_index,
        last_due_at=moment_or_none(job.last_due_at),
    )
