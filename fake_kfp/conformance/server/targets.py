"""Servers under test, as a client reaches them: REST and gRPC over sockets, the control endpoints where there are any."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import grpc
from google.protobuf import json_format

from fake_kfp.api import descriptors
from fake_kfp.conformance.server.connections import exchange
from fake_kfp.conformance.server.connections import metadata as all_metadata
from fake_kfp.upstream.connections import SECONDS, grpc_channel, http_connection

Json = Any


class ControlRefused(Exception):
    """A control endpoint answered with an error."""


class Target:
    """One server, by the base URL of its REST side and the address of its gRPC side; ``headers`` go with every request."""

    def __init__(self, url: str, grpc_target: str, headers: Mapping[str, str] | None = None) -> None:
        self._prefix = urlsplit(url).path.rstrip("/")
        self._http = http_connection(url)
        self._channel = grpc_channel(grpc_target)
        self._headers = headers or {}

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()
        self._channel.close()

    def http(
        self,
        method: str,
        path: str,
        body: Json = None,
        raw: str | None = None,
        raw64: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, str, bytes]:
        """Sends a request; gives the status, the content type and the body of the reply."""
        content = None if body is None else json.dumps(body).encode()
        content = raw.encode() if raw is not None else content
        content = base64.b64decode(raw64) if raw64 is not None else content
        all_headers = {"Content-Type": "application/json", **self._headers, **(headers or {})}
        return exchange(self._http, method, self._prefix + path, content, all_headers)

    def grpc(self, method: str, request: Json, metadata: dict[str, str] | None = None) -> dict[str, Json]:
        """Calls a method with a JSON-shaped request; gives a JSON-shaped reply, with the details of errors."""
        known = descriptors.methods()[method]
        message = json_format.ParseDict(request, known.input_class(), descriptor_pool=descriptors.pool())
        call: Any = self._channel.unary_unary(
            method,
            request_serializer=known.input_class.SerializeToString,
            response_deserializer=known.output_class.FromString,
        )
        try:
            reply = call(message, timeout=SECONDS, metadata=all_metadata(self._headers, metadata))
        except grpc.RpcError as error:
            return _error(error)
        shown = json_format.MessageToDict(
            reply, preserving_proto_field_name=True, descriptor_pool=descriptors.pool()
        )
        return {"code": "OK", "body": shown}

    def control(self, path: str, body: Json = None) -> None:
        """Posts to a control endpoint; raises ControlRefused."""
        status, _, content = self.http("POST", f"/_fake_kfp/{path}", body or {})
        if status >= 300:
            raise ControlRefused(f"{path}: {status} {content[:300]!r}")

    def reset(self, options: dict[str, Json]) -> None:
        """An empty world in which pods move by hand only."""
        self.control("reset", {"simulation": "manual", **options})
        self.second()

    def second(self) -> None:
        """Lets a second pass, so that no two records share their time of creation."""
        self.control("clock/advance", {"seconds": 1})

    def task(self, run: str, task: str, **step: Json) -> None:
        """Moves a task's pod."""
        self.control(f"runs/{quote(run)}/tasks/{quote(task, safe='')}", step)

    def settle(self, run: str) -> None:
        """Lets the workflow engine look at a run."""
        self.control(f"runs/{quote(run)}/settle")

    def object(self, key: str, text: str) -> None:
        """Puts an object into the artifact store."""
        self.http("PUT", "/_fake_kfp/objects/" + quote(key), raw=text)


def _error(error: Any) -> dict[str, Json]:
    reply: dict[str, Json] = {"code": error.code().name, "message": error.details(), "details": []}
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            reply["details"] = [
                _detail(each)
                for each in descriptors.message_class("google.rpc.Status").FromString(value).details
            ]
    return reply


def _detail(packed: Any) -> dict[str, Json]:
    if not packed.type_url.endswith("/google.rpc.Status"):
        return {"@type": packed.type_url}
    status: Any = descriptors.message_class("google.rpc.Status").FromString(packed.value)
    return {"@type": packed.type_url, "code": status.code, "message": status.message}
