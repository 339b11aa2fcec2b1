"""How a refusal goes onto the wire: the JSON body of the REST side, the status details of gRPC, and the codes of both."""

from __future__ import annotations

from typing import Any

from fake_kfp.api.descriptors import message_class
from fake_kfp.errors import Code, KfpError

STATUS_DETAILS = "grpc-status-details-bin"
"""The gRPC trailer that carries the whole ``google.rpc.Status``."""

_STATUS = "google.rpc.Status"
_STATUS_TYPE_URL = f"type.googleapis.com/{_STATUS}"

# grpc-gateway's runtime.HTTPStatusFromCode.
_HTTP_STATUS = {
    Code.OK: 200,
    Code.CANCELLED: 499,
    Code.UNKNOWN: 500,
    Code.INVALID_ARGUMENT: 400,
    Code.DEADLINE_EXCEEDED: 504,
    Code.NOT_FOUND: 404,
    Code.ALREADY_EXISTS: 409,
    Code.PERMISSION_DENIED: 403,
    Code.RESOURCE_EXHAUSTED: 429,
    Code.FAILED_PRECONDITION: 400,
    Code.ABORTED: 409,
    Code.OUT_OF_RANGE: 400,
    Code.UNIMPLEMENTED: 501,
    Code.INTERNAL: 500,
    Code.UNAVAILABLE: 503,
    Code.DATA_LOSS: 500,
    Code.UNAUTHENTICATED: 401,
}


def http_status(code: Code) -> int:
    """The HTTP status that the gateway answers with for a gRPC code."""
    return _HTTP_STATUS[code]


def error_body(error: KfpError) -> dict[str, Any]:
    """The JSON body of a refusal over REST. An error without a detail has no ``details`` at all."""
    body: dict[str, Any] = {"code": int(error.code), "message": error.message}
    if error.detail is not None:
        detail = {"@type": _STATUS_TYPE_URL, "code": int(error.detail_code), "message": error.detail}
        body["details"] = [detail]
    return body


def status_details(error: KfpError) -> bytes | None:
    """The serialised ``google.rpc.Status`` of a refusal over gRPC; None for an error without a detail."""
    if error.detail is None:
        return None
    status: Any = message_class(_STATUS)()
    fill_status(status, error)
    encoded: bytes = status.SerializeToString()
    return encoded


def fill_status(status: Any, error: KfpError) -> None:
    """Sets a ``google.rpc.Status``: that of a reply, or one that a record shows as its error."""
    status.code = int(error.code)
    status.message = error.message
    if error.detail is not None:
        detail = message_class(_STATUS)(code=int(error.detail_code), message=error.detail)
        status.details.add(type_url=_STATUS_TYPE_URL, value=detail.SerializeToString())
