"""What lies in the world: things are placed, and looked at."""

from __future__ import annotations

from collections.abc import Mapping

from fake_kfp.control.builders.builders import BUILDERS, Builder, place
from fake_kfp.control.builders.fields import BuildError
from fake_kfp.control.endpoints.call import Answer, Asked, ControlCall, Field, Host, refusing
from fake_kfp.control.kinds import ANYTHING, NUMBER, OBJECT, TEXT, TEXTS, TIME, TRUTH, Kind, object_of, whole
from fake_kfp.control.views.as_json import as_json
from fake_kfp.golang.json_text import Json

_REFERENCE = (TEXT, "its name or id")
_NODE = Kind("a phase or an object", {"oneOf": [TEXT.schema, OBJECT.schema]}, ANYTHING.fits)

_MEANINGS: Mapping[str, tuple[Kind, str]] = {
    "id": (TEXT, "its id; a new one, unless given"),
    "description": (TEXT, ""),
    "display_name": (TEXT, ""),
    "namespace": (TEXT, "in multi-user mode"),
    "service_account": (TEXT, ""),
    "experiment": (TEXT, "its name or id; made where there is none of that name"),
    "pipeline": _REFERENCE,
    "version": _REFERENCE,
    "job": _REFERENCE,
    "manifest": (
        Kind("a text or an object", {"oneOf": [TEXT.schema, OBJECT.schema]}, ANYTHING.fits),
        "an Argo workflow or a pipeline of kfp 2; a workflow of one task, `main`, unless given",
    ),
    "parameters": (OBJECT, "by their names"),
    "pipeline_root": (TEXT, ""),
    "created": (TIME, "when it was made; now, unless given"),
    "finished": (TIME, "when it ended"),
    "scheduled": (TIME, "for when it was due"),
    "start": (TIME, "when it begins to fire"),
    "end": (TIME, "when it fires no more"),
    "archived": (TRUTH, ""),
    "enabled": (TRUTH, "whether it fires; it does, unless told"),
    "catch_up": (TRUTH, "whether it makes runs that it missed; it does, unless told"),
    "every": (whole(1), "so many seconds"),
    "cron": (TEXT, "a line of six fields"),
    "max_concurrency": (whole(1), "so many of its runs at a time"),
    "tags": (TEXTS, ""),
    "package_url": (TEXT, ""),
    "code_source_url": (TEXT, ""),
    "state": (TEXT, "how far it is: PENDING, RUNNING, CANCELING, SUCCEEDED, FAILED or ERROR"),
    "nodes": (object_of(_NODE, "an object"), "what its tasks did"),
    "metrics": (object_of(NUMBER, "an object of numbers"), "by their names"),
}


def _field(name: str) -> Field:
    """A field; its value is read, and refused, as in Python (``builders/fields.py``)."""
    kind, meaning = _MEANINGS[name]
    return Field(name, Kind(kind.what, kind.schema, ANYTHING.fits), meaning)


def _adding(kind: str) -> Answer:
    def add(host: Host, asked: Asked) -> Json:
        fields = dict(asked.fields)
        with refusing(BuildError), host.deployment.visit(step=False) as deployment:
            shown: Json = as_json(place(deployment, kind, fields.pop("name"), fields))
            return shown

    return add


def _add(kind: str, builder: Builder) -> ControlCall:
    return ControlCall(
        "POST",
        kind,
        _adding(kind),
        f"places a {builder.what}, as `fake.add_{kind.removesuffix('s')}(...)` does, and answers as it is shown then",
        (Field("name", TEXT, "its name", True), *map(_field, builder.fields.__annotations__)),
    )


CALLS = tuple(_add(kind, builder) for kind, builder in BUILDERS.items())
