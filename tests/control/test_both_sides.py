"""Whatever a test can say in Python can be said over HTTP: each public name of the fake has its control call, or a reason."""

from __future__ import annotations

import pytest

from fake_kfp import FakeKfp
from fake_kfp.control.calls import CallLog, Calls
from fake_kfp.control.clock import ClockView
from fake_kfp.control.endpoints.table import CALLS
from tests.server.calling import rest

OVER_HTTP = {
    "add_world": "POST worlds",
    "drop_world": "DELETE worlds/{name}",
    "plant": "PUT seed",
    "restore": "PUT snapshot",
    "snapshot": "GET snapshot",
    "world": "POST worlds",
    "world_names": "GET worlds",
    "add_experiment": "POST experiments",
    "add_job": "POST jobs",
    "add_pipeline": "POST pipelines",
    "add_run": "POST runs",
    "add_version": "POST versions",
    "change_options": "PATCH options",
    "calls": "GET journal/{pattern=**}",
    "clock": "GET clock",
    "experiments": "GET experiments",
    "fault": "POST faults",
    "faults": "GET faults",
    "grant": "PUT tokens/{token}",
    "jobs": "GET jobs",
    "move": "POST runs/{run_id}/tasks/{task=**}",
    "pipelines": "GET pipelines",
    "populate": "POST populate",
    "refuse": "POST refuse",
    "reset": "POST reset",
    "revoke": "DELETE tokens/{token}",
    "runs": "GET runs",
    "settle": "POST runs/{run_id}/settle",
    "task": "POST tasks",
    "tasks": "GET runs/-/tasks",
    "unused": "GET unused",
    "urls": "PUT urls/{url=**}",
    "versions": "GET versions",
    "wait": "POST runs/{run_id}/wait",
}
OF_PYTHON = {
    "load": "reads a file; over HTTP there are PUT seed and PUT snapshot",
    "save": "writes a file; over HTTP there is GET snapshot",
    "aio_channel": "is a client in the process",
    "channel": "is a client in the process",
    "deployment": "is the inside",
    "desk": "is the inside",
    "options": "whoever started the server knows them; those of the present world are GET options",
    "refusing": "is a block of Python around refuse; over HTTP it takes seconds",
    "sdk_time": "is for Python's SDK",
    "sleeping": "patches Python's sleep; over HTTP there is POST clock/sleep",
    "start": "is the command line's",
    "stop": "is the command line's",
    "target": "is in the ready file",
    "url": "is in the ready file",
}
CLOCK = {
    "advance": "POST clock/advance",
    "now": "GET clock",
    "run_until": "POST clock/run_until",
    "sleep": "POST clock/sleep",
}
ASSERTIONS = {
    "assert_called": "POST journal/assert",
    "assert_never": "POST journal/assert",
    "assert_at_most": "POST journal/assert",
    "assert_order": "POST journal/assert_order",
    "clear": "DELETE journal",
}


def public(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


def test_each_public_name_has_its_call_or_a_reason() -> None:
    assert public(FakeKfp) == OVER_HTTP.keys() | OF_PYTHON.keys()
    there = {f"{call.method} {call.path}" for call in CALLS}
    assert {*OVER_HTTP.values(), *CLOCK.values(), *ASSERTIONS.values()} <= there


def test_so_have_the_clock_and_the_assertions() -> None:
    assert public(ClockView) == CLOCK.keys()
    found = {
        name for kind in (Calls, CallLog) for name in public(kind) if name.startswith(("assert", "clear"))
    }
    assert found == ASSERTIONS.keys()


@pytest.mark.parametrize(
    "said", [{"minutes": 5}, {"seconds": 300}, {"hours": 0, "minutes": 4, "seconds": 60}]
)
def test_the_clock_takes_what_python_says(fake_kfp: FakeKfp, said: dict[str, float]) -> None:
    fake_kfp.reset(now="2024-01-01T00:00:00Z", simulation="clocked")
    assert rest(fake_kfp.url, "POST", "/_fake_kfp/clock/advance", said)[1]["now"] == "2024-01-01T00:05:00Z"
