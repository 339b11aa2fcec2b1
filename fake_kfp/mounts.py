"""The places of the REST side that are no RPCs: uploads, run logs, artifacts and the control endpoints."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping

from fake_kfp.control.endpoints.call import Host
from fake_kfp.control.endpoints.description import description
from fake_kfp.control.endpoints.routing import ControlEndpoints
from fake_kfp.deployment import Deployment
from fake_kfp.errors import KfpError
from fake_kfp.transport.http.places.artifacts import artifact_mounts
from fake_kfp.transport.http.places.healthz import healthz_mounts
from fake_kfp.transport.http.places.mounts import MountPoint
from fake_kfp.transport.http.places.mounts import Visit as VisitOf
from fake_kfp.transport.http.places.openapi import openapi_mounts
from fake_kfp.transport.http.places.uploads import upload_mounts
from fake_kfp.transport.http.wire.message import JSON, PLAIN_TEXT, HttpRequest, HttpResponse, Mount
from fake_kfp.visits import Visit


def mount_points(host: Host, control_token: str | None = None) -> list[MountPoint]:
    """Everything that stands beside the RPCs of one server; with a token, the control endpoints answer only those who have it."""

    def visit() -> Visit[Deployment]:
        return host.deployment.visit()

    return [
        *openapi_mounts(lambda: host.deployment.api.dialect, description),
        MountPoint("/_fake_kfp/{call=**}", _control(ControlEndpoints(host), control_token)),
        MountPoint("/apis/v1alpha1/runs/{run}/nodes/{node}/log", _logs(visit)),
        *upload_mounts(visit),
        *artifact_mounts(visit),
        *healthz_mounts(lambda: host.deployment.services.settings),
    ]


def _control(endpoints: ControlEndpoints, token: str | None) -> Mount:
    def answer(request: HttpRequest, parameters: Mapping[str, str]) -> HttpResponse:
        if token is not None and not _has_token(request, token):
            text = "fake_kfp: the control endpoints of this server ask for Authorization: Bearer and its control token"
            return HttpResponse(401, json.dumps({"error": text}).encode(), JSON)
        reply = endpoints.handle(request.method, parameters["call"], request.body, request.query)
        content = reply.content if isinstance(reply.content, bytes) else json.dumps(reply.content).encode()
        return HttpResponse(reply.status, content, reply.media)

    return answer


def _has_token(request: HttpRequest, token: str) -> bool:
    scheme, _, given = request.header("authorization").partition(" ")
    shown = given.strip().encode("utf-8", "surrogateescape")
    return scheme.lower() == "bearer" and hmac.compare_digest(shown, token.encode("utf-8", "surrogateescape"))


def _logs(visit: VisitOf) -> Mount:
    """``run_log_server.go: ReadRunLogV1``: errors are answered with 200, since the stream has begun by then."""

    def answer(request: HttpRequest, parameters: Mapping[str, str]) -> HttpResponse:
        try:
            with visit() as deployment:
                text = deployment.services.logs.read(parameters["run"], parameters["node"])
        except KfpError as error:
            body = json.dumps({"error_message": error.message, "error_details": error.verbose}).encode()
            return HttpResponse(200, body, PLAIN_TEXT)
        return HttpResponse(200, text.encode(), PLAIN_TEXT)

    return answer
