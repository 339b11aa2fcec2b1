"""Waiting for runs."""

from __future__ import annotations

from fake_kfp.control.endpoints.call import Asked, ControlCall, Field, Host, refusing
from fake_kfp.control.kinds import NOT_NEGATIVE, TEXT, TIME
from fake_kfp.control.waiting import wait_for_run
from fake_kfp.golang.json_text import Json
from fake_kfp.golang.rfc3339 import format_rfc3339


def _wait(host: Host, asked: Asked) -> Json:
    run_id = asked.path["run_id"]
    with refusing(LookupError, status=404), refusing(TimeoutError, status=409):
        run = wait_for_run(host.deployment, run_id, asked.fields.get("timeout"))
    return {"state": run.state, "status": run.conditions, "now": format_rfc3339(host.deployment.clock.now())}


CALLS = (
    ControlCall(
        "POST",
        "runs/{run_id}/wait",
        _wait,
        "lets time pass until the run is over; 404 for an unknown run, 409, with what its tasks wait for, where that does not come",
        (Field("timeout", NOT_NEGATIVE.or_null, "in simulated seconds"),),
        {"state": TEXT, "status": TEXT, "now": TIME},
    ),
)
