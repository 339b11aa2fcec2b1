"""``RunService`` (``server/run_server.go``)."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from fake_kfp.api.filters import V2BETA1
from fake_kfp.api.lists import list_options_of, list_reply
from fake_kfp.api.replies import Reply
from fake_kfp.api.shown import Shown
from fake_kfp.api.text_format import format_message
from fake_kfp.api.v2beta1.messages import empty, v2_class, v2_name
from fake_kfp.api.v2beta1.plugins import read_plugins_input
from fake_kfp.api.v2beta1.run_messages import echo_request, fill_run, read_run
from fake_kfp.api.v2beta1.task_details import fill_tasks
from fake_kfp.errors import bad_request, wrapping
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.registry import Services
from fake_kfp.services.storage.lengths import check_lengths
from fake_kfp.store.lists.schemas import RUNS
from fake_kfp.store.records import Run

_OUTPUT_IS_THE_SERVERS = "plugins_output is server-owned and populated exclusively via plugin lifecycle hooks"


class RunService:
    """The RPCs of RunService. The ``experiment_id`` of a request for one run is not looked at."""

    service = "RunService"

    def __init__(self, services: Services) -> None:
        self._dialect = services.dialect
        self._plugin_limits = services.settings.environment.plugins
        self._runs = services.runs
        self._tasks = services.tasks
        self._artifacts = services.artifacts
        self._run = v2_class("Run")
        listed = (v2_name("ListRunsResponse"), "runs")
        self._shown = Shown(Run, v2_name("Run"), self._fill, listed, beside=self._tasks.of_run)

    def CreateRun(self, request: Any, caller: Caller) -> Message:
        if self._dialect.plugins and request.run.plugins_output:
            raise bad_request("plugins_output must not be set by the client", _OUTPUT_IS_THE_SERVERS)
        with wrapping("CreateJob(job.ToV2())Failed to create a run due to conversion error"):
            asked = read_run(request.run)
            if self._dialect.plugins:
                asked = asked._replace(plugins_input=read_plugins_input(request.run, self._plugin_limits))
            check_lengths(
                self._dialect,
                "Run",
                UUID=asked.run_id,
                Namespace=asked.namespace,
                ExperimentId=asked.experiment_id,
            )
        with wrapping("Failed to create a new run"):
            run = self._runs.create(asked, caller)
        reply = self._run()
        fill_run(reply, run)
        echo_request(reply, request.run)
        return reply

    def GetRun(self, request: Any, caller: Caller) -> Reply:
        with wrapping("Failed to get a run"):
            run = self._runs.get(request.run_id, caller)
        return self._shown.reply(run)

    def ListRuns(self, request: Any, caller: Caller) -> Reply:
        with wrapping("Failed to create list options"):
            options = list_options_of(request, RUNS, V2BETA1, self._dialect)
        with wrapping("Failed to list runs"):
            page = self._runs.list(options, request.namespace, request.experiment_id, caller)
        return self._shown.page(list_reply(v2_name("ListRunsResponse"), page), page.records)

    def ArchiveRun(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to archive a run"):
            self._runs.archive(request.run_id, caller)
        return empty()

    def UnarchiveRun(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to unarchive a run"):
            self._runs.unarchive(request.run_id, caller)
        return empty()

    def DeleteRun(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to delete a run"):
            self._runs.delete(request.run_id, caller)
        return empty()

    def ReadArtifact(self, request: Any, caller: Caller) -> Message:
        self._artifacts.require_access(request.run_id, caller)
        with wrapping(f"failed to read artifact '{format_message(request)}'"):
            content = self._artifacts.read(request.run_id, request.node_id, request.artifact_name)
        reply: Message = v2_class("ReadArtifactResponse")(data=content)
        return reply

    def TerminateRun(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to terminate a run"):
            self._runs.terminate(request.run_id, caller)
        return empty()

    def RetryRun(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to retry a run"):
            self._runs.retry(request.run_id, caller)
        return empty()

    def _fill(self, message: Any, run: Run) -> None:
        """Shows a run with its tasks, unless it can't be shown at all."""
        fill_run(message, run)
        tasks = self._tasks.of_run(run)
        if tasks and not message.HasField("error"):
            fill_tasks(message.run_details, tasks)
