"""Which of several worlds on one server a request is for: a header or the beginning of its path says so."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from fake_kfp.api.dispatch import Api
from fake_kfp.errors import Code, KfpError
from fake_kfp.transport.http.wire.message import JSON, HttpRequest, HttpResponse
from fake_kfp.transport.http.wire.server import Handler

WORLD_HEADER = "x-fake-kfp-world"
"""The name of a world, as an HTTP header or in gRPC's metadata."""
WORLD_PREFIX = "/worlds/"
"""What stands before the name of a world at the beginning of a path: ``/worlds/NAME/apis/...``."""

_PATH = re.compile(r"/worlds/([^/?]*)([^?]*)(.*)", re.DOTALL)


def no_such_world(name: str) -> KfpError:
    """What is said to who asks for a world that there is not."""
    return KfpError(
        Code.NOT_FOUND,
        f"fake_kfp: there is no world {name!r} on this server; POST /_fake_kfp/worlds makes one, fake.world() in Python",
        None,
    )


def no_other(name: str) -> Api:
    """Where there is the usual world alone. Raises KfpError."""
    raise no_such_world(name)


class WorldSwitch:
    """Hands requests to the world that they name, and to the ``usual`` one those that name none; ``find`` raises KfpError."""

    def __init__(self, usual: Handler, find: Callable[[str], Handler]) -> None:
        self._usual = usual
        self._find = find

    def handle(self, request: HttpRequest, /) -> HttpResponse:
        """Answers a request."""
        if request.target.startswith(WORLD_PREFIX):
            return self._below(request)
        name = request.header(WORLD_HEADER)
        return self._in(name, request) if name else self._usual.handle(request)

    def _below(self, request: HttpRequest) -> HttpResponse:
        found = _PATH.fullmatch(request.target)
        assert found is not None
        name, path, query = found.groups()
        reply = self._in(name, replace(request, target=f"{path or '/'}{query}"))
        headers = [
            (key, f"{WORLD_PREFIX}{name}{value}" if key == "Location" and value.startswith("/") else value)
            for key, value in reply.headers
        ]
        return replace(reply, headers=tuple(headers))

    def _in(self, name: str, request: HttpRequest) -> HttpResponse:
        try:
            world = self._find(name)
        except KfpError as error:
            return HttpResponse(404, json.dumps({"error": error.message}).encode(), JSON)
        return world.handle(request)


def world_of(metadata: Iterable[tuple[str, str | bytes]]) -> str:
    """The name of the world that the metadata of a call ask for; empty where they ask for none."""
    for key, value in metadata:
        if key == WORLD_HEADER:
            return value if isinstance(value, str) else ""
    return ""


def api_of(
    metadata: Iterable[tuple[str, str | bytes]], usual: Callable[[], Api], find: Callable[[str], Api]
) -> Api:
    """The RPCs of the world that a call is for. Raises KfpError for one that there is not."""
    name = world_of(metadata)
    return find(name) if name else usual()
