"""``api.ReportService`` (``server/report_server.go``)."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from fake_kfp.api.descriptors import message_class
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.registry import Services


class ReportService:
    """The RPCs of ReportService."""

    service = "ReportService"

    def __init__(self, services: Services) -> None:
        self._reports = services.reports
        self._empty = message_class("google.protobuf.Empty")

    def ReportWorkflowV1(self, request: Any, caller: Caller) -> Message:
        self._reports.report_workflow(request.workflow, caller)
        return self._empty()

    def ReportScheduledWorkflowV1(self, request: Any, caller: Caller) -> Message:
        self._reports.report_scheduled_workflow(request.scheduled_workflow, caller)
        return self._empty()
