"""``RecurringRunService`` (``server/job_server.go``)."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from fake_kfp.api.filters import V2BETA1
from fake_kfp.api.lists import list_options_of, list_reply
from fake_kfp.api.replies import Reply
from fake_kfp.api.shown import Shown
from fake_kfp.api.v2beta1.messages import empty, v2_name
from fake_kfp.api.v2beta1.plugins import read_plugins_input
from fake_kfp.api.v2beta1.recurring_run_messages import fill_recurring_run, read_recurring_run
from fake_kfp.errors import wrapping
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.registry import Services
from fake_kfp.store.lists.schemas import JOBS
from fake_kfp.store.records import Job


class RecurringRunService:
    """The RPCs of RecurringRunService."""

    service = "RecurringRunService"

    def __init__(self, services: Services) -> None:
        self._dialect = services.dialect
        self._plugin_limits = services.settings.environment.plugins
        self._jobs = services.jobs
        listed = (v2_name("ListRecurringRunsResponse"), "recurringRuns")
        self._shown = Shown(Job, v2_name("RecurringRun"), fill_recurring_run, listed)

    def CreateRecurringRun(self, request: Any, caller: Caller) -> Reply:
        with wrapping("Failed to create a recurring run due to conversion error"):
            asked = read_recurring_run(request.recurring_run)
            if self._dialect.plugins:
                asked = asked._replace(
                    plugins_input=read_plugins_input(request.recurring_run, self._plugin_limits)
                )
        with wrapping("Failed to create a recurring run"):
            return self._shown.reply(self._jobs.create(asked, caller))

    def GetRecurringRun(self, request: Any, caller: Caller) -> Reply:
        with wrapping("Failed to fetch a recurring run"):
            return self._shown.reply(self._jobs.get(request.recurring_run_id, caller))

    def ListRecurringRuns(self, request: Any, caller: Caller) -> Reply:
        with wrapping("Failed to list recurring runs due to error parsing the listing options"):
            options = list_options_of(request, JOBS, V2BETA1, self._dialect)
        with wrapping("Failed to list jobs"):
            page = self._jobs.list(options, request.namespace, request.experiment_id, caller)
        return self._shown.page(list_reply(v2_name("ListRecurringRunsResponse"), page), page.records)

    def EnableRecurringRun(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to enable a recurring run"):
            self._jobs.enable(request.recurring_run_id, caller)
        return empty()

    def DisableRecurringRun(self, request: Any, caller: Caller) -> Message:
        with wrapping("Failed to disable a recurring run"):
            self._jobs.disable(request.recurring_run_id, caller)
        return empty()

    def DeleteRecurringRun(self, request: Any, caller: Caller) -> Message:
        doing = "disable" if self._dialect.deleting_called_disabling else "delete"
        with wrapping(f"Failed to {doing} a recurring run"):
            self._jobs.delete(request.recurring_run_id, caller)
        return empty()
