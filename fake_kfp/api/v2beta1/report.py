"""``ReportService`` (``server/report_server.go``)."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from fake_kfp.api.v2beta1.messages import empty
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.registry import Services


class ReportService:
    """The RPCs of ReportService, which do what those of v1beta1 do."""

    service = "ReportService"

    def __init__(self, services: Services) -> None:
        self._reports = services.reports

    def ReportWorkflow(self, request: Any, caller: Caller) -> Message:
        self._reports.report_workflow(request.workflow, caller)
        return empty()

    def ReportScheduledWorkflow(self, request: Any, caller: Caller) -> Message:
        self._reports.report_scheduled_workflow(request.scheduled_workflow, caller)
        return empty()
