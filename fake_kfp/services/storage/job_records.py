"""Finding recurring runs (``storage/job_store.go``)."""

from __future__ import annotations

from fake_kfp.errors import resource_not_found
from fake_kfp.store.records import Job
from fake_kfp.store.world import World


def get_job(world: World, job_id: str) -> Job:
    """``JobStore.GetJob``, which ``ResourceManager.GetJob`` adds no words to."""
    job = world.jobs.get(job_id)
    if job is None:
        raise resource_not_found("Job", job_id)
    return job
