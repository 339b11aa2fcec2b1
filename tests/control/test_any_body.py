"""Whatever is sent to the control endpoints, they answer in the form agreed upon."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_kfp import FakeKfp
from fake_kfp.control.endpoints.routing import ControlEndpoints
from fake_kfp.options import Options
from tests.server.calling import create_run

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = [*Options.__dataclass_fields__, "seconds", "phase", "exit_code", "message", "outputs", "x"]
KNOWN_VALUES = st.sampled_from(
    ["manual", "clocked", "Succeeded", "Failed", "2024-01-01T00:00:00Z", "2.15", "1", {}]
)
BODIES = (
    st.dictionaries(st.sampled_from(NAMES), JSON | KNOWN_VALUES, max_size=4).map(
        lambda body: json.dumps(body).encode()
    )
    | st.binary(max_size=10)
    | JSON.map(lambda body: json.dumps(body).encode())
)
PATHS = st.sampled_from(
    [
        "reset",
        "clock",
        "clock/advance",
        "runs/RUN/settle",
        "runs/RUN/tasks/a",
        "runs/x/settle",
        "objects/a/b",
        "nothing",
    ]
) | st.text(max_size=10)


@pytest.fixture(scope="module")
def fake() -> FakeKfp:
    return FakeKfp()


@given(st.sampled_from(["GET", "POST", "PUT", "DELETE"]), PATHS, BODIES)
def test_an_answer_or_an_error_with_a_reason(fake: FakeKfp, method: str, path: str, body: bytes) -> None:
    fake.reset(simulation="manual")
    path = path.replace("RUN", create_run(fake))
    reply = ControlEndpoints(fake).handle(method, path, body)
    assert reply.status in (200, 400, 404, 409)
    if reply.status != 200:
        assert isinstance(reply.content, dict)
        assert list(reply.content) == ["error"]
        assert reply.content["error"]


@given(st.dictionaries(st.sampled_from(NAMES[:-6]), JSON | KNOWN_VALUES, max_size=3))
def test_options_are_taken_or_refused_and_what_is_taken_works(fake: FakeKfp, options: dict[str, Any]) -> None:
    reply = ControlEndpoints(fake).handle("POST", "reset", json.dumps(options).encode())
    assert reply.status in (200, 400)
    if reply.status == 200 and not options.get("multi_user"):
        create_run(fake)
        list(fake.runs)
