"""Holds every RPC to asking for its caller's rights in multi-user mode, so that none can forget to."""

from __future__ import annotations

from collections.abc import Mapping

from google.protobuf.message import Message

from fake_kfp.api.dispatch import Handler
from fake_kfp.api.replies import Reply
from fake_kfp.services.auth.access import Access
from fake_kfp.services.auth.caller import Caller

EXEMPT = frozenset(
    {"/api.HealthzService/GetHealthz", "/api.TaskService/CreateTaskV1", "/api.TaskService/ListTasksV1"}
)
"""The RPCs that anybody may call, in the real server too."""


class NobodyAskedError(Exception):
    """A handler answered in multi-user mode though nothing had decided on the caller's rights: a fault of the fake."""


def guarded(handlers: Mapping[str, Handler], access: Access) -> Mapping[str, Handler]:
    """The handlers, each of them watched over; the same ones in single-user mode, where there is nothing to watch."""
    if not access.multi_user:
        return handlers
    return {
        name: handler if name in EXEMPT else _guarded(name, handler) for name, handler in handlers.items()
    }


def _guarded(name: str, handler: Handler) -> Handler:
    def watched(request: Message, caller: Caller) -> Reply:
        caller.asked = False
        reply = handler(request, caller)
        if not caller.asked:
            raise NobodyAskedError(f"{name} answered without asking for the caller's rights")
        return reply

    return watched
