"""Reading artifacts without an RPC, as from release 2.15 on (``server/run_artifact_server.go: ReadArtifact``)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from fake_kfp.errors import Code, KfpError
from fake_kfp.services.auth.caller import Caller
from fake_kfp.transport.http.places.mounts import MountPoint, Visit
from fake_kfp.transport.http.wire.message import JSON, PLAIN_TEXT, HttpRequest, HttpResponse

_MISSING = KfpError(Code.NOT_FOUND, "artifact not found: <nil>", None)
_PLACE = "/apis/{version}/runs/{{run}}/nodes/{{node}}/artifacts/{{artifact}}:read"


def artifact_mounts(visit: Visit) -> list[MountPoint]:
    """The endpoint under both API versions, in the dialects that have it."""
    return [
        MountPoint(
            _PLACE.format(version=version),
            _ArtifactEndpoint(visit),
            verbs=frozenset({"GET"}),
            offered=lambda dialect: dialect.artifacts_over_http,
        )
        for version in ("v1beta1", "v2beta1")
    ]


class _ArtifactEndpoint:
    """Answers ``{"data": base64}``."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    def __call__(self, request: HttpRequest, parameters: Mapping[str, str]) -> HttpResponse:
        with self._visit() as deployment:
            artifacts = deployment.services.artifacts
            try:
                # the real handler hands none of the request's headers on: in multi-user mode it knows nobody
                artifacts.require_access(parameters["run"], Caller())
            except KfpError as error:
                return _refusal(403, error)
            try:
                content = artifacts.find(parameters["run"], parameters["node"], parameters["artifact"])
            except KfpError as error:
                return _refusal(500, error)
        if content is None:
            return _refusal(404, _MISSING)
        body = json.dumps({"data": base64.b64encode(content).decode()}, separators=(",", ":"))
        return HttpResponse(200, body.encode(), JSON, (("Cache-Control", "no-cache, private"),))


def _refusal(status: int, error: KfpError) -> HttpResponse:
    body = {"error_message": error.message, "error_details": error.verbose}
    return HttpResponse(status, json.dumps(body).encode(), PLAIN_TEXT)
