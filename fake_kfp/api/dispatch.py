"""The switchboard: every RPC of the descriptor set by name, and the one way to call it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError, Message

from fake_kfp.api.exchange import Exchange, Unwatched, Watch
from fake_kfp.api.replies import Reply
from fake_kfp.errors import KfpError, not_modelled, own_fault
from fake_kfp.services.auth.caller import Caller
from fake_kfp.versions import UNNAMED, Dialect

Handler = Callable[[Any, Caller], Reply]

Visit = Callable[[Handler, Message, Caller], Reply]
"""Calls a handler inside the world, as often as it takes, and gives its reply."""

_LOG = logging.getLogger("fake_kfp")
_LOG.addHandler(logging.NullHandler())  # silent unless the application wants to hear


@dataclass(frozen=True, slots=True)
class HttpRule:
    """One ``google.api.http`` binding: verb, path template, and which field the body is (``*`` all, empty none)."""

    verb: str
    path: str
    body: str


@dataclass(frozen=True, slots=True)
class Method:
    """One RPC: ``name`` is its full gRPC path (``/api.RunService/GetRunV1``)."""

    name: str
    input_class: type[Message]
    output_class: type[Message]
    rules: tuple[HttpRule, ...]

    def parse(self, data: bytes) -> Message:
        """A request from its bytes. Raises :class:`google.protobuf.message.DecodeError` where they are none."""
        try:
            return self.input_class.FromString(data)
        except UnicodeDecodeError as error:  # from protobuf without C, for text that is no UTF-8
            raise DecodeError(str(error)) from None


class Api:
    """Calls RPCs of one world, one at a time.

    ``methods`` are all RPCs there are, ``handlers`` those that are built; the others answer UNIMPLEMENTED in the fake's own words.
    ``visit`` calls one handler at a time, after what is due by the clock has happened.
    ``dialect`` says which of the RPCs are served, and under which names. ``watch`` sees the calls that come through doors.
    """

    def __init__(
        self,
        methods: Mapping[str, Method],
        handlers: Mapping[str, Handler],
        visit: Visit,
        dialect: Dialect = UNNAMED,
        watch: Watch | None = None,
    ) -> None:
        self.methods = {path: method for path, method in methods.items() if dialect.has(path)}
        self.dialect = dialect
        self.watch: Watch = watch or Unwatched()
        self._handlers = handlers
        self._visit = visit

    def exchange(self, exchange: Exchange, method: Method, request: Message, caller: Caller) -> Reply:
        """Calls an RPC for a door, under the eyes of whoever watches. Raises as :meth:`call` does."""
        exchange.rpc = method.name
        self.watch.before(exchange)
        reply = self.call(method, request, caller)
        self.watch.after(exchange)
        return reply

    def call(self, method: Method, request: Message, caller: Caller) -> Reply:
        """Calls an RPC. Raises :class:`~fake_kfp.errors.KfpError` for every refusal, already as it goes onto the wire."""
        handler = self._handlers.get(method.name)
        if handler is None:
            raise not_modelled(method.name, "Of this API version only other methods are served.")
        try:
            return self._visit(handler, request, caller)
        except KfpError as error:
            raise error.as_seen() from None
        except Exception as error:
            _LOG.exception("%s failed", method.name)
            raise own_fault(method.name, error) from None
