"""Another world in place of the present one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fake_kfp.control.endpoints.call import Asked, ControlCall, ControlError, Field, Host, refusing
from fake_kfp.control.kinds import (
    NOT_NEGATIVE,
    OBJECT,
    TEXT,
    TEXTS,
    TIME,
    TRUTH,
    Kind,
    list_of,
    object_with,
    one_of,
    whole,
)
from fake_kfp.control.snapshots.document import SnapshotError, options_of
from fake_kfp.golang.json_text import Json
from fake_kfp.options import LivingOptions, OptionError, Options
from fake_kfp.services.auth.access import RULE_KEYS
from fake_kfp.simulator.kubelet.mode import Mode


def _reset(host: Host, asked: Asked) -> Json:
    with refusing(OptionError):
        _check_fetching(host, asked.fields)
        host.reset(**asked.fields)
    return {}


def _options(host: Host, asked: Asked) -> Json:
    return {"options": host.deployment.options.as_json()}


def _change_options(host: Host, asked: Asked) -> Json:
    with refusing(OptionError):
        _check_fetching(host, asked.fields)
        host.change_options(**asked.fields)
    return _options(host, asked)


def _snapshot(host: Host, asked: Asked) -> Json:
    with refusing(SnapshotError):
        return host.snapshot(**asked.fields)


def _restore(host: Host, asked: Asked) -> Json:
    try:
        document = json.loads(asked.body)
    except (ValueError, RecursionError) as error:
        raise ControlError(400, f"fake_kfp: a snapshot is JSON, and this is not: {error}") from None
    with refusing(SnapshotError):
        check_outside(host, options_of(document))
        host.restore(document)
    return {}


def _add(host: Host, asked: Asked) -> Json:
    options = {key: value for key, value in asked.fields.items() if key != "name"}
    try:
        _check_fetching(host, options)
        world = host.add_world(asked.fields["name"], **options)
    except ValueError as error:
        raise ControlError(409 if getattr(error, "taken", False) else 400, str(error)) from None
    return {"name": asked.fields["name"], "url": world.url}


def _drop(host: Host, asked: Asked) -> Json:
    with refusing(ValueError, status=404):
        host.drop_world(asked.path["name"])
    return {}


def _names(host: Host, asked: Asked) -> Json:
    return {"worlds": host.world_names()}


def check_outside(host: Host, wanted: Options) -> None:
    """Over the network nobody may make the server ask more of the world outside than it was started for."""
    started = host.options
    for origin in wanted.fetch_from:
        if not any(each.includes(origin) for each in started.fetch_from):
            raise ControlError(
                403,
                f"fake_kfp: fetch_from may only be narrowed over HTTP: {origin.text} is not among what the server"
                " was started with. Start it with fetch_from, or --fetch-from.",
            )


def _check_fetching(host: Host, options: Mapping[str, Any]) -> None:
    """The same of the options of a call, whatever else they say. Raises OptionError."""
    check_outside(host, host.options.with_changes({"fetch_from": options.get("fetch_from", ())}))


def _option(name: str, kind: Kind, meaning: str) -> Field:
    """An option; its value is read, and refused, as everywhere (``options.py``)."""
    return Field(name, kind.unchecked, meaning)


_RULE = object_with(
    {
        "user": TEXT,
        "namespace": TEXT,
        "verbs": list_of(TEXT, "a list of texts"),
        "resources": list_of(TEXT, "a list of texts"),
    },
    *RULE_KEYS,
)
_SHOWN_OPTIONS = {"options": OBJECT}

OPTIONS = (
    _option("simulation", one_of(mode.value for mode in Mode), "who moves pods, and when"),
    _option("now", TIME.or_null, "when the clock starts"),
    _option("seed", whole().or_null, "makes ids and name suffixes repeatable"),
    _option("speed", NOT_NEGATIVE.or_null, "simulated seconds per real second"),
    _option("step", NOT_NEGATIVE, "seconds by which the clock moves before each call"),
    _option("multi_user", TRUTH, "multi-user mode"),
    _option("allow", list_of(_RULE, "a list of rules"), "rules of multi-user mode"),
    _option("tokens", TEXTS.or_null, "the users of bearer tokens"),
    _option("identity_header", TEXT, "which header says who calls"),
    _option("service_account", TEXT, "of runs that name none"),
    _option("urls", TEXTS.or_null, "what lies behind URLs that pipelines are made from"),
    _option("fetch_from", list_of(TEXT, "a list of origins"), "may only be narrowed: 403 for another server"),
    _option("version", TEXT.or_null, "the release to speak as"),
    _option("max_nodes", whole(1), "most nodes of one run"),
    _option("max_loop_items", whole(1), "most items of one loop"),
    _option("runs_per_look", whole(1), "most runs of recurring runs that one call makes"),
    _option("slice_steps", whole(1), "steps of large work after which others are let in"),
    _option("caching", TRUTH.or_null, "whether tasks that ran before are not run again"),
    _option("environment", TEXTS.or_null, "variables of the API server's environment"),
    _option("strict", TRUTH, "refuse what is not modelled; make no outputs up"),
)

CALLS = (
    ControlCall(
        "POST",
        "reset",
        _reset,
        "an empty world again; what is not given is as the server was started",
        OPTIONS,
    ),
    ControlCall(
        "GET",
        "options",
        _options,
        "the options of the present world that are not as usual",
        reply=_SHOWN_OPTIONS,
    ),
    ControlCall(
        "PATCH",
        "options",
        _change_options,
        "changes options of the present world, for the calls that follow; what is not given stays",
        tuple(each for each in OPTIONS if each.name in LivingOptions.__annotations__),
        _SHOWN_OPTIONS,
    ),
    ControlCall(
        "POST",
        "worlds",
        _add,
        "another world on this server, under `/worlds/NAME`; 409 where there is one of that name, or no room; see how-to/worlds.md",
        (Field("name", TEXT, "1 to 100 letters, digits, dots, dashes, underscores", required=True), *OPTIONS),
        {"name": TEXT, "url": TEXT},
    ),
    ControlCall(
        "GET",
        "worlds",
        _names,
        "the names of all worlds but the usual one",
        reply={"worlds": list_of(TEXT, "a list of names")},
    ),
    ControlCall("DELETE", "worlds/{name}", _drop, "forgets a world"),
    ControlCall(
        "GET",
        "snapshot",
        _snapshot,
        "the whole world as one document; see how-to/snapshots.md",
        (
            Field(
                "leave_out_functions",
                TRUTH,
                "faults whose `when` or `does` is a function of Python; else 400",
            ),
        ),
        reply={
            "fake_kfp": OBJECT,
            "options": OBJECT,
            "world": OBJECT,
            "faults": list_of(OBJECT, "a list"),
            "texts": list_of(TEXT, "a list of texts"),
            "left_out": list_of(TEXT, "a list of texts"),
        },
    ),
    ControlCall(
        "PUT",
        "snapshot",
        _restore,
        "puts the world of such a document, the body, in place of the present one: all of it, or, with 400, nothing",
        raw=True,
    ),
)
