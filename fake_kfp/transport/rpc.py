"""What the gRPC doors have in common: the RPCs they serve, and the way from request bytes and metadata to reply bytes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

import grpc
from google.protobuf.message import DecodeError, Message

from fake_kfp.api import descriptors
from fake_kfp.api.dispatch import Api, Method
from fake_kfp.api.exchange import Exchange
from fake_kfp.api.replies import Encoded
from fake_kfp.api.status import STATUS_DETAILS, status_details
from fake_kfp.errors import Code, KfpError
from fake_kfp.golang.textproto import all_values
from fake_kfp.services.auth.caller import Caller
from fake_kfp.versions import Dialect


class Metadatum(NamedTuple):
    """One pair of metadata, readable by name as well, as gRPC's own are."""

    key: str
    value: str | bytes


Metadata = tuple[Metadatum, ...]

MAX_MESSAGE_BYTES = 256 * 1024 * 1024
"""The largest request that the gRPC doors take. The real server's bound is 2 GiB; a test has no use for that."""

# main.go: startRpcServer. The health checks of the API itself are the gateway's alone.
SERVICES = (
    "api.AuthService",
    "api.ExperimentService",
    "api.JobService",
    "api.PipelineService",
    "api.ReportService",
    "api.RunService",
    "api.TaskService",
    "api.VisualizationService",
    "kubeflow.pipelines.backend.api.v2beta1.ExperimentService",
    "kubeflow.pipelines.backend.api.v2beta1.PipelineService",
    "kubeflow.pipelines.backend.api.v2beta1.RecurringRunService",
    "kubeflow.pipelines.backend.api.v2beta1.ReportService",
    "kubeflow.pipelines.backend.api.v2beta1.RunService",
)

_CODES: Mapping[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}


@cache
def served_methods(dialect: Dialect) -> Mapping[str, Method]:
    """The RPCs of :data:`SERVICES` that a dialect has, by every gRPC path it has them under."""
    served = {
        path: method
        for path, method in descriptors.methods().items()
        if service_of(path) in SERVICES and dialect.has(path)
    }
    old = {old: served[path] for old, path in descriptors.old_names().items() if path in served}
    if not dialect.suffixed:
        renamed = set(descriptors.old_names().values())
        served = {path: method for path, method in served.items() if path not in renamed}
    return MappingProxyType(old | served if dialect.plain else served)


@cache
def served_services(dialect: Dialect) -> frozenset[str]:
    """The services that a dialect has."""
    return frozenset(map(service_of, served_methods(dialect)))


def service_of(path: str) -> str:
    """The service in a gRPC path: ``api.RunService`` of ``/api.RunService/GetRunV1``."""
    return path.lstrip("/").rpartition("/")[0]


def unknown_method(path: str, services: Collection[str]) -> KfpError:
    """What a server of grpc-go says of a path that it does not serve (``server.go: handleStream``)."""
    service, slash, method = path.removeprefix("/").rpartition("/")
    if not slash:
        return KfpError(Code.UNIMPLEMENTED, f'malformed method name: "{path}"', None)
    if service not in services:
        return KfpError(Code.UNIMPLEMENTED, f"unknown service {service}", None)
    return KfpError(Code.UNIMPLEMENTED, f"unknown method {method} for service {service}", None)


def answer(api: Api, method: Method | None, request: bytes, exchange: Exchange) -> bytes:
    """Calls an RPC with a serialised request; None is one that there isn't. Raises :class:`KfpError` for every refusal."""
    try:
        if method is None:
            raise unknown_method(exchange.path, served_services(api.dialect))
        reply = api.exchange(exchange, method, _parsed(method, request), caller_of(exchange.headers))
        sent = reply.SerializeToString()
        exchange.reply = reply if isinstance(reply, Encoded) else sent
        if exchange.spoil is not None:
            exchange.reply = sent = exchange.spoil(sent)
        exchange.size += len(sent)
        return sent
    except KfpError as error:
        exchange.error = error
        raise
    finally:
        api.watch.over(exchange)


def _parsed(method: Method, request: bytes) -> Message:
    try:
        return method.parse(request)
    except DecodeError:
        text = "grpc: error unmarshalling request: proto: cannot parse invalid wire-format data"
        raise KfpError(Code.INTERNAL, text, None) from None


def caller_of(metadata: Any) -> Caller:
    """The caller as the metadata of a call shows them; binary metadata says nothing of identity and is left out."""
    if not metadata:  # as most calls in process
        return Caller({})
    return Caller(all_values((key, value) for key, value in metadata if isinstance(value, str)))


def grpc_code(error: KfpError) -> grpc.StatusCode:
    """The code of a refusal as gRPC's own enum."""
    return _CODES[error.code]


def trailers(error: KfpError) -> Metadata:
    """The trailing metadata of a refusal."""
    details = status_details(error)
    return () if details is None else (Metadatum(STATUS_DETAILS, details),)
