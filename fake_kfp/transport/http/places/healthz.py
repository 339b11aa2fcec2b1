"""The health endpoints, which the real server's router answers itself, whatever the method (``main.go: startHttpProxy``)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from fake_kfp.services.settings import Settings
from fake_kfp.transport.http.places.mounts import MountPoint
from fake_kfp.transport.http.wire.message import JSON, HttpRequest, HttpResponse, Mount


def healthz_mounts(settings: Callable[[], Settings]) -> list[MountPoint]:
    """The health endpoints of both API versions."""
    return [
        MountPoint("/apis/v1beta1/healthz", _healthz(settings, {})),
        MountPoint(
            "/apis/v2beta1/healthz",
            _healthz(settings, {"pipeline_store": "database"}),
            offered=lambda dialect: dialect.v2beta1,
        ),
    ]


def _healthz(settings: Callable[[], Settings], more: Mapping[str, Any]) -> Mount:
    def answer(request: HttpRequest, parameters: Mapping[str, str]) -> HttpResponse:
        said = settings()
        build = {"commit_sha": said.environment.commit_sha, "tag_name": said.environment.tag_name}
        health = {**build, "multi_user": said.multi_user, **more}
        return HttpResponse(200, json.dumps(health).encode(), JSON)

    return answer
