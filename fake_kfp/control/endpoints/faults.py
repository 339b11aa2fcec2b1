"""What goes wrong with calls, and what was said in vain."""

from __future__ import annotations

from fake_kfp.control.endpoints.call import Asked, ControlCall, Field, Host, refusing
from fake_kfp.control.faults.fault import CHECKS, SECONDS, Fault
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


def _refuse(host: Host, asked: Asked) -> Json:
    host.refuse(asked.fields["seconds"], asked.fields.get("transport"))
    return {}


def _revoke(host: Host, asked: Asked) -> Json:
    with refusing(LookupError, status=404):
        host.revoke(asked.path["token"])
    return {}


def _grant(host: Host, asked: Asked) -> Json:
    host.grant(asked.path["token"], asked.fields["user"])
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
    "drips": "the reply takes so long, in real time",
    "garbles": "the reply can't be read",
    "does": 'requests that are made before the call: `[{"method", "path", "body", "headers"}]`',
    "when": "while a run, or a task of one, is in a state",
    "since": "from this moment of the fake's clock on",
    "until": "before this moment",
    "times": "so many times",
    "every": "to each n-th of them",
    "after": "not to the first n",
    "probability": "to each with this probability",
    "seed": "of the probability",
    "late": "after the call had its effect",
}

FIELDS = tuple(Field(name, CHECKS[name], meaning, name == "call") for name, meaning in _MEANINGS.items())
"""What can be said of a fault."""

CALLS = (
    ControlCall("POST", "faults", _add, "calls go wrong, as with `fake.fault(...)`", FIELDS),
    ControlCall(
        "GET",
        "faults",
        _show,
        "the faults as they were said, with how many calls each was about (`seen`) and happened to (`fired`)",
        reply={"faults": list_of(OBJECT, "a list")},
    ),
    ControlCall("DELETE", "faults", _clear, "takes all back"),
    ControlCall(
        "POST",
        "refuse",
        _refuse,
        "connections are refused for a while, as by a server that is down; kept ones are closed once this call is answered",
        (
            Field("seconds", SECONDS, "how long, in real time", True),
            Field("transport", CHECKS["transport"], "at one door; at all, unless given"),
        ),
    ),
    ControlCall(
        "PUT",
        "tokens/{token}",
        _grant,
        "gives a user another bearer token",
        (Field("user", TEXT, "whose it is", True),),
    ),
    ControlCall(
        "DELETE",
        "tokens/{token}",
        _revoke,
        "takes a bearer token back: from the next call on it is nobody's; 404 where it is so already",
    ),
    ControlCall(
        "GET",
        "unused",
        _unused,
        "what was said in vain so far",
        reply={"unused": list_of(TEXT, "a list of texts")},
    ),
)
