"""A gateway over an API that answers every RPC with an empty message and remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from fake_kfp import visits
from fake_kfp.api import descriptors
from fake_kfp.api.dispatch import Api, Handler
from fake_kfp.golang.textproto import all_values
from fake_kfp.services.auth.caller import Caller
from fake_kfp.services.settings import Settings
from fake_kfp.store.changes import Changes
from fake_kfp.transport.http.gateway.gateway import Gateway
from fake_kfp.transport.http.places.healthz import healthz_mounts
from fake_kfp.transport.http.places.mounts import MountPoint
from fake_kfp.transport.http.wire.message import HttpRequest, HttpResponse
from fake_kfp.versions import UNNAMED
from fake_kfp.visits import Visit


class Door:
    """A gateway and the calls that came through it; ``answers`` replaces an RPC's empty reply."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any, Caller]] = []
        self.answers: dict[str, Callable[[Any], Any]] = {}
        methods = descriptors.methods()
        handlers = {name: self._handler(name) for name in methods}
        api = Api(
            methods,
            handlers,
            Visit(visits.Door(Changes()), None).handle,
            replace(UNNAMED, absent=frozenset()),
        )
        mounts = [
            *healthz_mounts(Settings),
            MountPoint("/apis/v1alpha1/runs/{run}/nodes/{node}/log", _echo),
            MountPoint("/_fake_kfp/{call=**}", _echo),
        ]
        self.gateway = Gateway(lambda: api, mounts)

    def _handler(self, name: str) -> Handler:
        output = descriptors.methods()[name].output_class

        def handle(request: Any, caller: Caller) -> Any:
            self.calls.append((name.rpartition("/")[2], request, caller))
            answer = self.answers.get(name.rpartition("/")[2])
            return answer(request) if answer else output()

        return handle

    def send(self, method: str, target: str, body: bytes | str = b"", **headers: str) -> HttpResponse:
        """Sends a request; header names have underscores for dashes."""
        pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
        content = body.encode() if isinstance(body, str) else body
        return self.gateway.handle(HttpRequest(method, target, all_values(pairs), content))

    def asked(self, method: str, target: str, body: bytes | str = b"", **headers: str) -> tuple[str, Any]:
        """The RPC that a request leads to, and its message."""
        response = self.send(method, target, body, **headers)
        assert response.status == 200, response.body
        name, request, _ = self.calls[-1]
        return name, request

    def refusal(
        self, method: str, target: str, body: bytes | str = b"", **headers: str
    ) -> tuple[int, int, str]:
        """HTTP status, code and message of a refused request."""
        response = self.send(method, target, body, **headers)
        answer = json.loads(response.body)
        assert response.content_type == "application/json"
        assert "details" not in answer
        return response.status, answer["code"], answer["message"]


def _echo(request: HttpRequest, parameters: Any) -> HttpResponse:
    return HttpResponse(200, json.dumps(dict(parameters)).encode())


@pytest.fixture
def door() -> Door:
    return Door()
