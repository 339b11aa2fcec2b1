"""``api.VisualizationService`` (``server/visualization_server.go``)."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from fake_kfp.api.descriptors import message_class
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.registry import Services
from fake_kfp.services.visualizations import NO_ARGUMENTS


class VisualizationService:
    """The RPC of VisualizationService."""

    service = "VisualizationService"

    def __init__(self, services: Services) -> None:
        self._visualizations = services.visualizations

    def CreateVisualizationV1(self, request: Any, caller: Caller) -> Message:
        """Without a visualization the real server dies; here that is one that lacks all."""
        reply = message_class("api.Visualization")()
        reply.CopyFrom(request.visualization)
        reply.arguments = reply.arguments or NO_ARGUMENTS
        reply.html = self._visualizations.create(
            _kind(reply), reply.source, reply.arguments, request.namespace, caller
        )
        return reply


def _kind(visualization: Any) -> str:
    """The name of its type; empty for a number that has none."""
    names = visualization.DESCRIPTOR.fields_by_name["type"].enum_type.values_by_number
    return names[visualization.type].name if visualization.type in names else ""
