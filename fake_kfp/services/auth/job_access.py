"""Finding recurring runs and asking for rights on them (``job_store.go: GetJob``, ``job_server.go: canAccessJob``)."""

from __future__ import annotations

from fake_kfp.errors import invalid_input, resource_not_found, wrapping
from fake_kfp.services.auth.access import Access, is_empty_namespace
from fake_kfp.services.auth.caller import Caller
from fake_kfp.store.records import Job
from fake_kfp.store.world import World


def get_job(world: World, job_id: str) -> Job:
    """``JobStore.GetJob``."""
    job = world.jobs.get(job_id)
    if job is None:
        raise resource_not_found("Job", job_id)
    return job


class JobAccess:
    """Asks for rights on recurring runs."""

    def __init__(self, world: World, access: Access) -> None:
        self._world = world
        self._access = access

    def require_on(self, caller: Caller, verb: str, job_id: str) -> None:
        """Asks for a right on a job. In multi-user mode (and only there) an unknown one is told to anybody."""
        namespace = name = ""
        with wrapping("Failed to authorize the request"):
            if self._access.multi_user and job_id:
                with wrapping("failed to authorize with the recurring run ID"):
                    job = get_job(self._world, job_id)
                namespace, name = job.namespace, job.name
            self.require_in(caller, verb, namespace, name)

    def require_in(self, caller: Caller, verb: str, namespace: str, name: str = "") -> None:
        """Asks for a right on the jobs of a namespace."""
        if self._access.multi_user and is_empty_namespace(namespace):
            raise invalid_input("a recurring run cannot have an empty namespace in multi-user mode")
        with wrapping("failed to authorize with API"):
            self._access.require(caller, verb, "jobs", namespace, name)
