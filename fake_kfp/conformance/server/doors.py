"""The doors of a server: the same RPC over gRPC or REST, with one shape of reply."""

from __future__ import annotations

import copy
import http.client
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urlsplit

import grpc
from google.protobuf import json_format

from fake_kfp.api import descriptors
from fake_kfp.api.dispatch import HttpRule, Method
from fake_kfp.conformance.errors import ContractError
from fake_kfp.conformance.server.connections import exchange, metadata
from fake_kfp.upstream.connections import SECONDS, http_connection

Json = Any

_STATUS_OF_CODE = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "UNKNOWN": 500,
    "INTERNAL": 500,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
_CODE_NAMES = {code.value[0]: code.name for code in grpc.StatusCode}


@dataclass(frozen=True, slots=True)
class Reply:
    """What an RPC answered: ``code`` is gRPC's name of it (``OK``), ``body`` a message, ``details`` code and text of each detail."""

    code: str
    body: Any = None
    message: str = ""
    details: tuple[tuple[int, str], ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the call was not refused."""
        return self.code == "OK"

    def shown(self) -> Json:
        """The whole reply as JSON."""
        if self.ok:
            return {"code": self.code, "body": as_json(self.body)}
        return {
            "code": self.code,
            "message": self.message,
            "details": [list(detail) for detail in self.details],
        }


class Door(Protocol):
    """One way to call a server's RPCs, from any thread."""

    name: str

    def expresses(self, method: Method, request: Any) -> bool:
        """Whether a request can be sent this way as it is."""

    def send(self, method: Method, request: Any, headers: Mapping[str, str] | None = None) -> Reply:
        """Calls an RPC."""

    def close(self) -> None:
        """Closes the connections."""


def as_json(message: Any) -> Json:
    """A message as JSON, with the names of the ``.proto`` files."""
    return json_format.MessageToDict(
        message, preserving_proto_field_name=True, descriptor_pool=descriptors.pool()
    )


def from_json(content: Json, method_class: Any) -> Any:
    """The message that JSON says; raises ``json_format.ParseError``."""
    return json_format.ParseDict(content, method_class(), descriptor_pool=descriptors.pool())


class GrpcDoor:
    """Calls over a ``grpc.Channel``: a socket's, or the one of a fake in this process.

    ``headers`` are the metadata of every call.
    """

    def __init__(
        self, channel: grpc.Channel, name: str = "grpc", headers: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self._channel = channel
        self._headers = headers or {}

    def expresses(self, method: Method, request: Any) -> bool:
        """All of them."""
        return True

    def send(self, method: Method, request: Any, headers: Mapping[str, str] | None = None) -> Reply:
        """Calls an RPC; the headers are metadata."""
        return self.send_bytes(method, request.SerializeToString(), headers)

    def send_bytes(self, method: Method, data: bytes, headers: Mapping[str, str] | None = None) -> Reply:
        """Calls an RPC with bytes that need not be a message at all."""
        call: Any = self._channel.unary_unary(
            method.name, request_serializer=None, response_deserializer=method.output_class.FromString
        )
        try:
            return Reply("OK", call(data, timeout=SECONDS, metadata=metadata(self._headers, headers)))
        except grpc.RpcError as error:
            return _refusal(error)

    def close(self) -> None:
        """Closes the channel."""
        self._channel.close()


def _refusal(error: Any) -> Reply:
    details: Sequence[tuple[int, str]] = ()
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            status: Any = descriptors.message_class("google.rpc.Status").FromString(value)
            details = [_detail(packed.value) for packed in status.details]
    return Reply(error.code().name, None, error.details() or "", tuple(details))


def _detail(packed: bytes) -> tuple[int, str]:
    status: Any = descriptors.message_class("google.rpc.Status").FromString(packed)
    return status.code, status.message


class RestDoor:
    """Calls over REST: each request is written by the RPC's own ``google.api.http`` rule. A connection for every thread.

    ``headers`` go with every request.
    """

    name = "rest"

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self._url, self._prefix = url, urlsplit(url).path.rstrip("/")
        self._headers = headers or {}
        self._open: dict[threading.Thread, http.client.HTTPConnection] = {}

    def expresses(self, method: Method, request: Any) -> bool:
        """A path has no place for ids that are empty, dots, or hold a slash; the query none for enum numbers without a name."""
        if not method.rules:
            return False
        places = [name for _, name in _places(method.rules[0].path)]
        texts = [str(reduce(getattr, name.split("."), request)) for name in places]
        return all(text and "/" not in text and text.strip(".") for text in texts)

    def send(self, method: Method, request: Any, headers: Mapping[str, str] | None = None) -> Reply:
        """Calls an RPC; a status that does not fit the code raises ContractError."""
        rule = method.rules[0]
        path, content = written(rule, as_json(request))
        status, body = self.exchange(rule.verb, path, content, headers)
        return _read(method, status, body)

    def exchange(
        self, verb: str, path: str, content: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """One request of any kind: the status and the body of the reply."""
        all_headers = {"Content-Type": "application/json", **self._headers, **(headers or {})}
        reply = exchange(self._connection(), verb, self._prefix + path, content, all_headers)
        return reply.status, reply.body

    def _connection(self) -> http.client.HTTPConnection:
        connection = self._open.get(threading.current_thread())
        if connection is None:
            self._close_idle()
            connection = self._open[threading.current_thread()] = http_connection(self._url)
        return connection

    def _close_idle(self) -> None:
        """Closes the connections of threads that have ended: rules start many."""
        for thread in [each for each in list(self._open) if not each.is_alive()]:
            ended = self._open.pop(thread, None)
            if ended is not None:
                ended.close()

    def close(self) -> None:
        """Closes the connections of all threads."""
        for connection in list(self._open.values()):
            connection.close()


def _places(template: str) -> Iterator[tuple[str, str]]:
    """The variables of a path template: as they stand there, and their names."""
    for part in template.split("{")[1:]:
        name = part.split("}")[0]
        yield "{" + name + "}", name


def _taken(fields: Json, name: str) -> Json:
    """The field of this name, such as ``pipeline.pipeline_id``, which is taken away."""
    *owners, last = name.split(".")
    for owner in owners:
        fields = fields.get(owner, {})
    return fields.pop(last, "")


def written(rule: HttpRule, request: Json) -> tuple[str, bytes | None]:
    """The path with its query, and the body, of a request."""
    path, rest = rule.path, copy.deepcopy(request)
    for place, name in _places(path):
        path = path.replace(place, quote(str(_taken(rest, name)), safe=""))
    if rule.body == "*":
        return path, json.dumps(rest).encode()
    content = json.dumps(rest.pop(rule.body, {})).encode() if rule.body else None
    query = urlencode(list(_query(rest)))
    return (f"{path}?{query}" if query else path), content


def _query(fields: Json, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from _query(value, f"{prefix}{name}.")
        elif isinstance(value, bool):
            yield prefix + name, "true" if value else "false"
        else:
            yield prefix + name, value


def _read(method: Method, status: int, body: bytes) -> Reply:
    try:
        content = json.loads(body)
    except ValueError:
        raise ContractError(
            f"{method.name}: HTTP {status} with a body that is no JSON: {body[:200]!r}"
        ) from None
    if status == 200:
        try:
            return Reply("OK", from_json(content, method.output_class))
        except json_format.ParseError as error:
            raise ContractError(f"{method.name}: the reply is not of its type: {error}") from None
    code = _CODE_NAMES.get(content.get("code", -1), "?") if isinstance(content, dict) else "?"
    if _STATUS_OF_CODE.get(code) != status:
        raise ContractError(f"{method.name}: code {code} does not go with HTTP {status}: {body[:200]!r}")
    details = tuple((detail["code"], detail["message"]) for detail in content.get("details", ()))
    return Reply(code, None, content.get("message", ""), details)
