"""What of a request's headers reaches the services (``runtime/context.go``, ``main.go: grpcCustomMatcher``)."""

from __future__ import annotations

import json
import re

from fake_kfp.api.v2beta1.tags import CLEAR_TAGS
from fake_kfp.errors import Code, KfpError
from fake_kfp.golang.strconv import NumError, parse_int
from fake_kfp.services.auth.caller import Caller
from fake_kfp.transport.http.wire.message import HttpRequest

_PRINTABLE = re.compile(r"[\x20-\x7e]*\Z")
_NANOSECONDS = {"H": 3600 * 10**9, "M": 60 * 10**9, "S": 10**9, "m": 10**6, "u": 10**3, "n": 1}
_PIPELINES = "/apis/v2beta1/pipelines/"
_NO_TAGS = re.compile(rb'"tags"\s*:\s*\{\}')
_NEVER_MET = 50_000
"""Nanoseconds that the real server's way from its gateway to its gRPC side takes at the very least."""


def caller_of(request: HttpRequest, identity_header: str) -> Caller:
    """The caller as RPCs see it: Authorization and the identity header, nothing else."""
    headers: dict[str, tuple[str, ...]] = {}
    tokens = request.headers.get("authorization", ())
    if tokens:
        if not all(map(_PRINTABLE.match, tokens)):
            text = 'header key "authorization" contains value with non-printable ASCII characters'
            raise KfpError(Code.INTERNAL, text, None)
        headers["authorization"] = tokens
    names = tuple(filter(_PRINTABLE.match, request.headers.get(identity_header.lower(), ())))
    if names:
        headers[identity_header.lower()] = names
    return Caller(headers)


def note_cleared_tags(request: HttpRequest, caller: Caller) -> None:
    """Says of a caller who sends no tags at all that none are meant (``main.go: clearTagsMiddleware``)."""
    if request.method not in ("PUT", "PATCH") or not request.target.startswith(_PIPELINES):
        return
    headers = dict(caller.headers)
    given = request.headers.get(CLEAR_TAGS, ())
    try:
        body = json.loads(request.body)
    except ValueError:
        body = None
    if isinstance(body, dict) and body.get("tags") == {} and _NO_TAGS.search(request.body):
        given = ("true",)
    if given:
        headers[CLEAR_TAGS] = tuple(given)
    caller.headers = headers


def check_timeout(request: HttpRequest) -> None:
    """Refuses a ``Grpc-Timeout`` that is none, or that no server could meet. Others never run out: no call takes time."""
    text = request.header("grpc-timeout")
    if not text:
        return
    unit = _NANOSECONDS.get(text[-1])
    try:
        if unit is None:
            raise NumError("ParseInt", text, "invalid syntax")
        length = parse_int(text[:-1], 64) * unit
    except NumError:
        raise KfpError(Code.INVALID_ARGUMENT, f"invalid grpc-timeout: {text}", None) from None
    if length < _NEVER_MET and length != 0:
        raise KfpError(Code.DEADLINE_EXCEEDED, "context deadline exceeded", None)
