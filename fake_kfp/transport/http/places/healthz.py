"""The health endpoints, which the real server's router answers itself, whatever the method (``main.go: startHttpProxy``)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from fake_kfp.transport.http.places.mounts import MountPoint
from fake_kfp.transport.http.wire.message import JSON, HttpRequest, HttpResponse, Mount

_BUILD = {"commit_sha": "unknown", "tag_name": "unknown"}


def healthz_mounts(multi_user: Callable[[], bool]) -> list[MountPoint]:
    """The health endpoints of both API versions."""
    return [
        MountPoint("/apis/v1beta1/healthz", _healthz(multi_user, {})),
        MountPoint(
            "/apis/v2beta1/healthz",
            _healthz(multi_user, {"pipeline_store": "database"}),
            offered=lambda dialect: dialect.v2beta1,
        ),
    ]


def _healthz(multi_user: Callable[[], bool], more: Mapping[str, Any]) -> Mount:
    def answer(request: HttpRequest, parameters: Mapping[str, str]) -> HttpResponse:
        health = {**_BUILD, "multi_user": multi_user(), **more}
        return HttpResponse(200, json.dumps(health).encode(), JSON)

    return answer
