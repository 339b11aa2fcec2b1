"""What was called."""

from __future__ import annotations

from fake_kfp.control.calls import CallLog
from fake_kfp.control.endpoints.call import Asked, ControlCall, Field, Host, refusing
from fake_kfp.control.faults.fault import CHECKS
from fake_kfp.control.kinds import OBJECT, TEXT, Kind, list_of, whole
from fake_kfp.golang.json_text import Json


def _show(host: Host, asked: Asked) -> Json:
    with refusing(ValueError):
        calls = _log(host)(asked.path.get("pattern") or "*", **asked.fields)
    return {"calls": [call.as_json() for call in calls], "dropped": host.desk.journal.exchanges()[1]}


def _assert(host: Host, asked: Asked) -> Json:
    """Like ``Calls.assert_called``, or with ``at_most`` like ``assert_at_most``."""
    said = dict(asked.fields)
    with refusing(ValueError):
        calls = _log(host)(
            said["call"], **{name: said[name] for name in ("transport", "caller") if name in said}
        )
    wanted = said.get("with", {})
    with refusing(AssertionError, status=422):
        if "at_most" in said:
            calls.assert_at_most(said["at_most"], **wanted)
        if "times" in said or "at_most" not in said:
            calls.assert_called(times=said.get("times"), **wanted)
    return {"count": calls.with_fields(**wanted).count}


def _assert_order(host: Host, asked: Asked) -> Json:
    with refusing(ValueError), refusing(AssertionError, status=422):
        _log(host).assert_order(*asked.fields["calls"])
    return {}


def _log(host: Host) -> CallLog:
    return CallLog(host.desk.calls, host.desk.journal.clear)


def _clear(host: Host, asked: Asked) -> Json:
    host.desk.journal.clear()
    return {}


_PICKED = (
    Field("transport", CHECKS["transport"], "through which door"),
    Field("caller", TEXT.or_null, "by whom"),
)
_WITH = Kind(  # a field `times` can't be said in Python either
    "an object of fields", OBJECT.schema, lambda value: OBJECT.fits(value) and "times" not in value
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
    ControlCall(
        "POST",
        "journal/assert",
        _assert,
        "asserts that there are such calls, or as many as `times` or `at_most` say (0: none). 422 where it does not hold, and"
        " `error` shows the nearest calls and where they differ",
        (
            Field("call", CHECKS["call"], "which calls", True),
            *_PICKED,
            Field("with", _WITH, 'fields of their requests, as in `assert_called(name="nightly")`'),
            Field("times", whole(0), "so many, no more and no fewer"),
            Field("at_most", whole(0), "no more than so many"),
        ),
        {"count": whole(0)},
    ),
    ControlCall(
        "POST",
        "journal/assert_order",
        _assert_order,
        "asserts that calls which fit these patterns were made one after the other, whatever else was called between them; 422 where not",
        (Field("calls", list_of(TEXT, "a list of patterns"), "", True),),
    ),
    ControlCall("DELETE", "journal", _clear, "forgets all calls"),
)
