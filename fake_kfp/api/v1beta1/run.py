"""``api.RunService`` (``server/run_server.go``)."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from fake_kfp.api.descriptors import message_class
from fake_kfp.api.lists import list_reply
from fake_kfp.api.text_format import format_message
from fake_kfp.api.v1beta1 import run_messages
from fake_kfp.api.v1beta1.lists import namespace_and_experiment, requested_options
from fake_kfp.api.v1beta1.references import resource_key
from fake_kfp.errors import wrapping
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.registry import Services
from fake_kfp.services.runs.metrics import Outcome
from fake_kfp.services.storage.lengths import check_lengths
from fake_kfp.store.lists.schemas import RUNS

# api.ReportRunMetricsResponse.ReportRunMetricResult.Status
_METRIC_STATUS = {Outcome.OK: 1, Outcome.INVALID: 2, Outcome.DUPLICATE: 3, Outcome.INTERNAL: 4}


class RunService:
    """The RPCs of RunService."""

    service = "RunService"

    def __init__(self, services: Services) -> None:
        self._dialect = services.dialect
        self._runs = services.runs
        self._metrics = services.metrics
        self._artifacts = services.artifacts
        self._empty = message_class("google.protobuf.Empty")

    def CreateRunV1(self, request: Any, caller: Caller) -> Message:
        with wrapping("CreateJob(job.ToV2())Failed to create a v1beta1 run due to conversion error"):
            asked = run_messages.read_run(request.run)
            check_lengths(
                self._dialect,
                "Run",
                UUID=asked.run_id,
                Namespace=asked.namespace,
                ExperimentId=asked.experiment_id,
            )
        with wrapping("Failed to create a new v1beta1 run"):
            run = self._runs.create(asked, caller)
        reply = run_messages.run_detail(run)
        run_messages.echo_metrics(reply.run, request.run)
        return reply

    def GetRunV1(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to get a v1beta1 run"):
            return run_messages.run_detail(self._runs.get(request.run_id, caller))

    def ListRunsV1(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to list v1beta1 runs: validating filter failed"):
            key = resource_key(request)
        with wrapping("Failed to create list options"):
            options = requested_options(RUNS, request, self._dialect)
        with wrapping("Failed to list v1beta1 runs"):
            page = self._runs.list(options, *namespace_and_experiment(key), caller)
        reply = list_reply("api.ListRunsResponse", page)
        for run in page.records:
            run_messages.fill_run(reply.runs.add(), run)
        return reply

    def ArchiveRunV1(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to archive a v1beta1 run"):
            self._runs.archive(request.id, caller)
        return self._empty()

    def UnarchiveRunV1(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to unarchive a v1beta1 run"):
            self._runs.unarchive(request.id, caller)
        return self._empty()

    def DeleteRunV1(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to delete a v1beta1 run"):
            self._runs.delete(request.id, caller)
        return self._empty()

    def ReportRunMetricsV1(self, request: Any, caller: Caller) -> Message:
        self._metrics.require_run(request.run_id)
        metrics = [run_messages.read_metric(metric, request.run_id) for metric in request.metrics]
        with wrapping("Failed to report v1beta1 run metrics"):
            results = self._metrics.report(request.run_id, metrics, caller)
        reply: Any = message_class("api.ReportRunMetricsResponse")()
        for result in results:
            reply.results.add(
                metric_name=result.name,
                metric_node_id=result.node_id,
                status=_METRIC_STATUS[result.outcome],
                message=result.message,
            )
        return reply

    def ReadArtifactV1(self, request: Any, caller: Caller) -> Message:
        self._artifacts.require_access(request.run_id, caller)
        with wrapping(f"failed to read artifact '{format_message(request)}'"):
            content = self._artifacts.read(request.run_id, request.node_id, request.artifact_name)
        return message_class("api.ReadArtifactResponse")(data=content)

    def TerminateRunV1(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to terminate a v1beta1 run"):
            self._runs.terminate(request.run_id, caller)
        return self._empty()

    def RetryRunV1(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to retry a run"):
            self._runs.retry(request.run_id, caller)
        return self._empty()
