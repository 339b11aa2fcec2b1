"""How refusals look on the wire."""

from __future__ import annotations

from typing import Any

import pytest

from fake_kfp.api import descriptors
from fake_kfp.api.status import error_body, http_status, status_details
from fake_kfp.errors import Code, KfpError, internal_error, resource_not_found


def test_every_code_has_an_http_status() -> None:
    assert {code: http_status(code) for code in Code} == {
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


def test_a_body_has_the_long_text_and_one_detail_with_the_short_one() -> None:
    assert error_body(resource_not_found("Run", "a").wrapped("Failed to get a run")) == {
        "code": 5,
        "message": "Failed to get a run: ResourceNotFoundError: Run a not found",
        "details": [
            {"@type": "type.googleapis.com/google.rpc.Status", "code": 5, "message": "Run a not found"}
        ],
    }


def test_a_body_without_a_detail_has_no_details() -> None:
    assert error_body(KfpError(Code.NOT_FOUND, "Not Found", None)) == {"code": 5, "message": "Not Found"}


def test_the_code_of_a_detail_may_be_another() -> None:
    foreign = KfpError(Code.INTERNAL, "long", "short", Code.UNKNOWN)
    assert error_body(foreign)["details"][0]["code"] == 2


@pytest.mark.parametrize(
    "error", [internal_error("disk full", "Failed to store"), resource_not_found("Run", "ä")]
)
def test_grpc_details_say_what_the_body_says(error: KfpError) -> None:
    encoded = status_details(error)
    assert encoded is not None
    status: Any = descriptors.message_class("google.rpc.Status").FromString(encoded)
    (packed,) = status.details
    detail: Any = descriptors.message_class("google.rpc.Status").FromString(packed.value)
    assert error_body(error) == {
        "code": status.code,
        "message": status.message,
        "details": [{"@type": packed.type_url, "code": detail.code, "message": detail.message}],
    }


def test_an_error_without_a_detail_has_no_grpc_details() -> None:
    assert status_details(KfpError(Code.NOT_FOUND, "Not Found", None)) is None
