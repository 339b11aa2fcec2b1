"""The clock."""

from __future__ import annotations

from fake_kfp.control.endpoints.call import Asked, ControlCall, Field, Host, refusing
from fake_kfp.control.kinds import NOT_NEGATIVE, TIME
from fake_kfp.golang.json_text import Json
from fake_kfp.golang.rfc3339 import format_rfc3339


def _now(host: Host, asked: Asked) -> Json:
    # no visit: to ask what time it is makes nothing happen
    return {"now": format_rfc3339(host.deployment.clock.now())}


def _advance(host: Host, asked: Asked) -> Json:
    with host.deployment.visit(step=False) as deployment, refusing(ValueError):
        deployment.advance(asked.fields.get("seconds", 0))
    return _now(host, asked)


CALLS = (
    ControlCall("GET", "clock", _now, "the simulated time", reply={"now": TIME}),
    ControlCall(
        "POST",
        "clock/advance",
        _advance,
        "moves the clock on; in a manual simulation nothing else happens",
        (Field("seconds", NOT_NEGATIVE, "by how much"),),
        {"now": TIME},
    ),
)
