"""Whatever a client sends, there is an answer."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fake_kfp.golang.textproto import all_values
from fake_kfp.transport.http.wire.message import HttpRequest

PATHS = [
    "/apis/v1beta1/experiments",
    "/apis/v1beta1/runs",
    "/apis/v1beta1/runs/r:reportMetrics",
    "/apis/v1beta1/workflows",
    "/apis/v1beta1/auth",
    "/apis/v1beta1/healthz",
    "/_fake_kfp/x",
]
PIECES = [
    "/",
    "..",
    ".",
    ":archive",
    "%2F",
    "%",
    "%zz",
    "?",
    "&",
    "=",
    ";",
    "[x]",
    "page_size",
    "1",
    "\udcff",
    "é",
    "#",
]
TARGETS = st.builds(
    lambda path, rest: path + "".join(rest),
    st.sampled_from(PATHS),
    st.lists(st.sampled_from(PIECES), max_size=6),
)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            ["Content-Type", "X-HTTP-Method-Override", "Grpc-Timeout", "Authorization", "kubeflow-userid"]
        ),
        st.sampled_from(["application/x-www-form-urlencoded", "delete", "1S", "", "\udcff", "x"]),
    ),
    max_size=3,
)
TOKENS = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"name"',
    '"metrics"',
    '"created_at"',
    '"x',
    "\\u",
    "null",
    "1e5",
    "-",
    "[[[[[[",
]
BODIES = st.binary(max_size=60) | st.lists(st.sampled_from(TOKENS), max_size=15).map(
    lambda parts: "".join(parts).encode()
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["GET", "POST", "DELETE", "PUT", "HEAD", "x"]),
    TARGETS | st.text(max_size=20),
    HEADERS,
    BODIES,
)
def test_every_request_has_an_answer(door: Any, method: str, target: str, headers: Any, body: bytes) -> None:
    response = door.gateway.handle(HttpRequest(method, target, all_values(headers), body))
    assert 200 <= response.status < 600
    assert b"inside the fake itself" not in response.body
