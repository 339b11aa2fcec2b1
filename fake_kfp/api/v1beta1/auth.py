"""``api.AuthService`` (``server/auth_server.go``)."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message

from fake_kfp.api.descriptors import message_class
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.registry import Services


class AuthService:
    """The RPC of AuthService."""

    service = "AuthService"

    def __init__(self, services: Services) -> None:
        self._auth = services.auth

    def AuthorizeV1(self, request: Any, caller: Caller) -> Message:
        self._auth.authorize(request.namespace, _enum(request, "resources"), _enum(request, "verb"), caller)
        return message_class("google.protobuf.Empty")()


def _enum(request: Any, field: str) -> tuple[int, str]:
    """An enum's number and its name, the number again where it has none."""
    number = getattr(request, field)
    names = request.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number
    return number, names[number].name if number in names else str(number)
