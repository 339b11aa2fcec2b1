"""The clock."""

from __future__ import annotations

from fake_kfp.control import waiting
from fake_kfp.control.conditions import Condition
from fake_kfp.control.endpoints.call import Asked, ControlCall, ControlError, Field, Host, refusing
from fake_kfp.control.kinds import NOT_NEGATIVE, TEXT, TIME, TRUTH
from fake_kfp.golang.json_text import Json
from fake_kfp.golang.rfc3339 import format_rfc3339

_LENGTHS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}


def _now(host: Host, asked: Asked) -> Json:
    # no visit: to ask what time it is makes nothing happen
    return {"now": format_rfc3339(host.deployment.clock.now())}


def _advance(host: Host, asked: Asked) -> Json:
    seconds = sum(asked.fields.get(name, 0) * length for name, length in _LENGTHS.items())
    with refusing(ValueError, OverflowError):
        waiting.advance(host.deployment, seconds)
    return _now(host, asked)


def _sleep(host: Host, asked: Asked) -> Json:
    with refusing(ValueError):
        due = waiting.sleep(host.deployment, asked.fields["seconds"])
    return {**_now(host, asked), "due": due}


def _run_until(host: Host, asked: Asked) -> Json:
    said = dict(asked.fields)
    timeout, moment = said.pop("timeout", None), said.pop("moment", None)
    if (moment is None) is not bool(said):
        raise ControlError(400, "say either moment, or of a run what is to become of it: run, task, state")
    with refusing(ValueError), refusing(TimeoutError, status=409):
        if moment is not None:
            waiting.run_to(host.deployment, waiting.moment_of(moment), timeout)
        else:
            condition = Condition.read(said)
            waiting.run_until(host.deployment, lambda: condition.holds(lambda: host.deployment), timeout)
    return _now(host, asked)


CALLS = (
    ControlCall("GET", "clock", _now, "the simulated time", reply={"now": TIME}),
    ControlCall(
        "POST",
        "clock/advance",
        _advance,
        "moves the clock on; in a manual simulation nothing else happens",
        tuple(Field(name, NOT_NEGATIVE, "by how much") for name in _LENGTHS),
        {"now": TIME},
    ),
    ControlCall(
        "POST",
        "clock/sleep",
        _sleep,
        "for pollers, in place of sleep: so many seconds go by, as often as it takes to meet the next event; once where nothing is `due`",
        (Field("seconds", NOT_NEGATIVE, "how long it would sleep", True),),
        {"now": TIME, "due": TRUTH},
    ),
    ControlCall(
        "POST",
        "clock/run_until",
        _run_until,
        "lets one event happen after the other up to a moment, or until a run is in a state; 409 where that does not come",
        (
            Field("moment", TIME, "up to when"),
            Field("run", TEXT, "a run's id, or a shell pattern of its name"),
            Field("task", TEXT, "a task of it"),
            Field("state", TEXT, "the state that the run, or its task, is to be in: `RUNNING`"),
            Field("timeout", NOT_NEGATIVE.or_null, "in simulated seconds"),
        ),
        {"now": TIME},
    ),
)
