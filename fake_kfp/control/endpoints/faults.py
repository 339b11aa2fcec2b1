"""What goes wrong with calls, and what was said in vain."""

from __future__ import annotations

from fake_kfp.control.endpoints.call import Asked, ControlCall, Field, Host, refusing
from fake_kfp.control.faults import CHECKS, Fault
from fake_kfp.control.kinds import OBJECT, TEXT, list_of
from fake_kfp.golang.json_text import Json


def _add(host: Host, asked: Asked) -> Json:
    with refusing(ValueError):
        host.desk.faults.add(Fault.read(asked.fields))
    return {}


def _show(host: Host, asked: Asked) -> Json:
    return {"faults": [fault.as_json() for fault in host.desk.faults]}


def _clear(host: Host, asked: Asked) -> Json:
    host.desk.faults.clear()
    return {}


def _unused(host: Host, asked: Asked) -> Json:
    return {"unused": host.desk.unused()}


_MEANINGS = {
    "call": "which calls: a pattern of RPCs or of paths",
    "transport": "through which door",
    "caller": "by whom",
    "optional": "it may never happen",
    "fails": "a gRPC code",
    "message": "the text of `fails`",
    "details": "the text of the detail of `fails`",
    "answers": "a reply that is not KFP's",
    "body": "of `answers`",
    "headers": "of `answers`",
    "delays": "how long the call takes",
    "real": "the client waits, and not the fake's clock moves",
    "resets": "the connection is reset",
    "cuts": "the reply ends half-way",
    "times": "so many times",
    "every": "to each n-th of them",
    "after": "not to the first n",
    "probability": "to each with this probability",
    "seed": "of the probability",
    "late": "after the call had its effect",
}

CALLS = (
    ControlCall(
        "POST",
        "faults",
        _add,
        "calls go wrong, as with `fake.fault(...)`",
        tuple(Field(name, CHECKS[name], meaning, name == "call") for name, meaning in _MEANINGS.items()),
    ),
    ControlCall(
        "GET",
        "faults",
        _show,
        "the faults as they were said, with how many calls each was about (`seen`) and happened to (`fired`)",
        reply={"faults": list_of(OBJECT, "a list")},
    ),
    ControlCall("DELETE", "faults", _clear, "takes all back"),
    ControlCall(
        "GET",
        "unused",
        _unused,
        "what was said in vain so far",
        reply={"unused": list_of(TEXT, "a list of texts")},
    ),
)
