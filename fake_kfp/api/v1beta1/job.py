"""``api.JobService`` (``server/job_server.go``)."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from fake_kfp.api.descriptors import message_class
from fake_kfp.api.lists import list_reply
from fake_kfp.api.v1beta1.job_messages import fill_job, read_job
from fake_kfp.api.v1beta1.lists import namespace_and_experiment, requested_options
from fake_kfp.api.v1beta1.references import resource_key
from fake_kfp.errors import wrapping
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.registry import Services
from fake_kfp.store.lists.schemas import JOBS
from fake_kfp.store.records import Job


class JobService:
    """The RPCs of JobService."""

    service = "JobService"

    def __init__(self, services: Services) -> None:
        self._dialect = services.dialect
        self._jobs = services.jobs
        self._empty = message_class("google.protobuf.Empty")

    def CreateJob(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to create a recurring run due to conversion error"):
            job = read_job(request.job)
        job = job._replace(spec=self._jobs.pinned(job.spec))
        with wrapping("Failed to create a recurring run"):
            return _message(self._jobs.create(job, caller))

    def GetJob(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to fetch a v1beta1 recurring run"):
            return _message(self._jobs.get(request.id, caller))

    def ListJobs(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to list v1beta1 runs: validating filter failed"):
            key = resource_key(request)
        with wrapping("Failed to list jobs due to error parsing the listing options"):
            options = requested_options(JOBS, request, self._dialect)
        with wrapping("Failed to list jobs"):
            page = self._jobs.list(options, *namespace_and_experiment(key), caller)
        reply = list_reply("api.ListJobsResponse", page)
        for job in page.records:
            fill_job(reply.jobs.add(), job)
        return reply

    def EnableJob(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to enable a v1beta1 recurring run"):
            self._jobs.enable(request.id, caller)
        return self._empty()

    def DisableJob(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to disable a v1beta1 recurring run"):
            self._jobs.disable(request.id, caller)
        return self._empty()

    def DeleteJob(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to disable a recurring run"):
            self._jobs.delete(request.id, caller)
        return self._empty()


def _message(job: Job) -> Message:
    message = message_class("api.Job")()
    fill_job(message, job)
    return message
