"""``api.HealthzService``."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from fake_kfp.api.descriptors import message_class
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.registry import Services


class HealthzService:
    """The RPC of HealthzService; anybody may call it."""

    service = "HealthzService"

    def __init__(self, services: Services) -> None:
        self._access = services.access

    def GetHealthz(self, request: Any, caller: Caller) -> Message:
        self._access.waive(caller)
        return message_class("api.GetHealthzResponse")(multi_user=self._access.multi_user)
