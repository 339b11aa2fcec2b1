"""gRPC's own health check: serving, as long as there is anybody to answer.

The real server has none (its health endpoint is the gateway's ``/apis/v1beta1/healthz``); readiness probes of test environments
ask for it, so the fake offers it without listing it in reflection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import grpc
from google.protobuf.message import Message

from fake_kfp.api import descriptors
from fake_kfp.transport import rpc

_PACKAGE = "grpc.health.v1"
_SERVING = 1


def handlers() -> Mapping[str, grpc.RpcMethodHandler[Any, Any]]:
    """The handlers of the health service by gRPC path."""
    read: Callable[[bytes], Any] = descriptors.message_class(f"{_PACKAGE}.HealthCheckRequest").FromString
    write: Callable[[Any], bytes] = descriptors.message_class(
        f"{_PACKAGE}.HealthCheckResponse"
    ).SerializeToString
    return {
        f"/{_PACKAGE}.Health/Check": grpc.unary_unary_rpc_method_handler(_check, read, write),
        f"/{_PACKAGE}.Health/Watch": grpc.unary_stream_rpc_method_handler(_watch, read, write),
    }


def _check(request: Any, context: grpc.ServicerContext) -> Message:
    if request.service and request.service not in rpc.SERVICES:
        context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
    response: Message = descriptors.message_class(f"{_PACKAGE}.HealthCheckResponse")(status=_SERVING)
    return response


def _watch(request: Any, context: grpc.ServicerContext) -> Iterator[Message]:
    """Clients take UNIMPLEMENTED for "always healthy", which is the truth, and no stream has to be held open."""
    context.abort(
        grpc.StatusCode.UNIMPLEMENTED,
        "fake_kfp: watching health is not modelled: it never changes. Ask Check.",
    )
