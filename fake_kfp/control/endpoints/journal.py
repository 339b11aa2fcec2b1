"""What was called."""

from __future__ import annotations

from fake_kfp.control.calls import CallLog
from fake_kfp.control.endpoints.call import Asked, ControlCall, Field, Host, refusing
from fake_kfp.control.faults import CHECKS
from fake_kfp.control.kinds import OBJECT, TEXT, list_of, whole
from fake_kfp.golang.json_text import Json


def _show(host: Host, asked: Asked) -> Json:
    desk = host.desk
    with refusing(ValueError):
        calls = CallLog(desk.calls, desk.journal.clear)(asked.path.get("pattern") or "*", **asked.fields)
    return {"calls": [call.as_json() for call in calls], "dropped": desk.journal.exchanges()[1]}


def _clear(host: Host, asked: Asked) -> Json:
    host.desk.journal.clear()
    return {}


_PICKED = (
    Field("transport", CHECKS["transport"], "through which door"),
    Field("caller", TEXT, "by whom"),
)
_CALLS_REPLY = {"calls": list_of(OBJECT, "a list"), "dropped": whole(0)}

CALLS = (
    ControlCall(
        "GET",
        "journal",
        _show,
        "the calls of clients; `dropped` of them were let go for want of room",
        _PICKED,
        _CALLS_REPLY,
    ),
    ControlCall(
        "GET", "journal/{pattern=**}", _show, "those of a pattern, of RPCs or paths", _PICKED, _CALLS_REPLY
    ),
    ControlCall("DELETE", "journal", _clear, "forgets all calls"),
)
