"""What lies in the world: things are placed, and looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fake_kfp.control.builders.builders import BUILDERS, Builder, place
from fake_kfp.control.builders.fields import KEYWORDS, NAME, BuildError
from fake_kfp.control.builders.groundwork import Groundwork
from fake_kfp.control.builders.population import DEFAULTS, populate
from fake_kfp.control.endpoints.call import Answer, Asked, ControlCall, Field, Host, refusing
from fake_kfp.control.kinds import (
    ANYTHING,
    OBJECT,
    TEXT,
    TIME,
    TRUTH,
    Kind,
    list_of,
    object_of,
    whole,
)
from fake_kfp.control.near import with_article
from fake_kfp.control.views.as_json import as_json, shown_fields
from fake_kfp.control.views.collections import (
    ExperimentFilter,
    Experiments,
    JobFilter,
    Jobs,
    PipelineFilter,
    Pipelines,
    RunFilter,
    Runs,
    Tasks,
    VersionFilter,
    Versions,
)
from fake_kfp.control.views.experiments import ExperimentView
from fake_kfp.control.views.jobs import JobView
from fake_kfp.control.views.looking import Views
from fake_kfp.control.views.pipelines import PipelineView, VersionView
from fake_kfp.control.views.runs import RunView
from fake_kfp.golang.json_text import Json

_PAGE_SIZE = 100
_REFERENCE = (TEXT, "its name or id")


def builder_fields(builder: Builder) -> tuple[Field, ...]:
    """What a builder can be told, its thing's name first; values are read, and refused, as in Python (``builders/fields.py``)."""
    told = ((name, KEYWORDS[name]) for name in builder.fields.__annotations__)
    return (
        Field("name", NAME.kind, NAME.meaning, True),
        *(Field(name, keyword.described, keyword.meaning) for name, keyword in told),
    )


_SHOWN: Mapping[str, type[Any]] = {
    "experiments": ExperimentView,
    "pipelines": PipelineView,
    "versions": VersionView,
    "jobs": JobView,
    "runs": RunView,
}
_KINDS: Mapping[str, Kind] = {
    "str": TEXT,
    "bool": TRUTH,
    "int": whole(0),
    "int | None": whole(0).or_null,
    "datetime": TIME,
    "datetime | None": TIME.or_null,
    "tuple[str, ...]": list_of(TEXT, "a list of texts"),
}
"""How what a view holds is described; what is not here is an object, or a list of something."""


def _shown(kind: str) -> Mapping[str, Kind]:
    """The fields of a view as JSON."""
    return {
        name: _KINDS.get(type, list_of(ANYTHING, "a list") if type.startswith("tuple") else OBJECT)
        for name, type in shown_fields(_SHOWN[kind]).items()
    }


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
        f"places {with_article(builder.what)}, as `fake.add_{kind.removesuffix('s')}(...)` does, and answers as it is shown then",
        builder_fields(builder),
        _shown(kind),
    )


_LOOKS: Mapping[str, Callable[[Host], Views[Any, Any]]] = {
    "experiments": lambda host: Experiments(lambda: host.deployment),
    "pipelines": lambda host: Pipelines(lambda: host.deployment),
    "versions": lambda host: Versions(lambda: host.deployment),
    "jobs": lambda host: Jobs(lambda: host.deployment),
    "runs": lambda host: Runs(lambda: host.deployment),
}
_FILTERS: Mapping[str, type[Any]] = {
    "experiments": ExperimentFilter,
    "pipelines": PipelineFilter,
    "versions": VersionFilter,
    "jobs": JobFilter,
    "runs": RunFilter,
}
_ASKED: Mapping[str, tuple[Kind, str]] = {
    "id": (TEXT, ""),
    "name": (TEXT, "just this one"),
    "namespace": (TEXT, ""),
    "state": (TEXT, "v2beta1's word"),
    "status": (TEXT, "v1beta1's word"),
    **dict.fromkeys(("experiment", "pipeline", "version", "job"), _REFERENCE),
    "archived": (TRUTH, ""),
    "enabled": (TRUTH, ""),
}
_PAGE = (
    Field("limit", whole(1), f"no more than so many; {_PAGE_SIZE} unless given"),
    Field("offset", whole(0), "not the first so many"),
)


def _paged(asked: Asked) -> tuple[dict[str, Any], int, int]:
    """What is asked for, from where on, and how much of it."""
    fields = dict(asked.fields)
    limit, offset = fields.pop("limit", _PAGE_SIZE), fields.pop("offset", 0)
    return fields, offset, limit


def _listing(kind: str) -> Answer:
    def show(host: Host, asked: Asked) -> Json:
        fields, offset, limit = _paged(asked)
        with refusing(LookupError, status=404):
            found, total = _LOOKS[kind](host).page(fields, offset, limit)
        return {kind: as_json(found), "total": total}

    return show


def _list(kind: str) -> ControlCall:
    return ControlCall(
        "GET",
        kind,
        _listing(kind),
        f"the {kind} that fit, as `fake.{kind}.all(...)` shows them; `total` of them in all",
        (*(Field(name, *_ASKED[name]) for name in _FILTERS[kind].__annotations__), *_PAGE),
        {kind: list_of(OBJECT, "a list"), "total": whole(0)},
    )


def _showing(kind: str) -> Answer:
    def show(host: Host, asked: Asked) -> Json:
        with refusing(LookupError, status=404):
            shown: Json = as_json(_named(host, kind, asked.path["id"]))
        return shown

    return show


def _named(host: Host, kind: str, name_or_id: str) -> Any:
    views: Any = _LOOKS[kind](host)
    found = views.all(id=name_or_id)
    return found[0] if found else views.one(name=name_or_id)


def _show(kind: str, builder: Builder) -> ControlCall:
    meaning = f"one {builder.what}, by its id or name"
    return ControlCall("GET", f"{kind}/{{id}}", _showing(kind), meaning, reply=_shown(kind))


def _tasks(host: Host, asked: Asked) -> Json:
    with refusing(LookupError, status=404):
        found = Tasks(lambda: host.deployment).all(run=asked.path["id"], **asked.fields)
    return {"tasks": as_json(found)}


def _all_tasks(host: Host, asked: Asked) -> Json:
    fields, offset, limit = _paged(asked)
    found, more = Tasks(lambda: host.deployment).page(fields, offset, limit)
    return {"tasks": as_json(found), "more": more}


_TASK_FIELDS = (
    Field("name", TEXT, "any that scripts may use"),
    Field("phase", TEXT, "Argo's word"),
    Field("state", TEXT, "v2beta1's word"),
)
_TASKS = (
    ControlCall(
        "GET",
        "runs/-/tasks",
        _all_tasks,
        "the tasks of all runs that fit, as `fake.tasks.all(...)` shows them, and whether there are `more` behind them",
        (*_TASK_FIELDS, *_PAGE),
        {"tasks": list_of(OBJECT, "a list"), "more": TRUTH},
    ),
    ControlCall(
        "GET",
        "runs/{id}/tasks",
        _tasks,
        "the tasks of a run that fit, as `fake.tasks.all(run=...)` shows them",
        _TASK_FIELDS,
        {"tasks": list_of(OBJECT, "a list")},
    ),
)


def _drawing(draw: Callable[[RunView], str]) -> Answer:
    def show(host: Host, asked: Asked) -> bytes:
        with refusing(LookupError, status=404):
            return draw(_named(host, "runs", asked.path["id"])).encode()

    return show


_DRAWINGS = (
    ControlCall(
        "GET",
        "runs/{id}/tree",
        _drawing(RunView.tree),
        "the run as text, as `run.tree()` gives it",
        media="text/plain; charset=utf-8",
    ),
    ControlCall(
        "GET",
        "runs/{id}/svg",
        _drawing(RunView.svg),
        "the run as a picture, as `run.svg()` gives it",
        media="image/svg+xml",
    ),
)


def _populate(host: Host, asked: Asked) -> Json:
    with refusing(BuildError), host.deployment.visit(step=False) as deployment:
        made: Json = as_json(populate(Groundwork(deployment), asked.fields))
    return made


_POPULATE = ControlCall(
    "POST",
    "populate",
    _populate,
    "fills the world with very many things, the same for the same seed, as `fake.populate(...)` does",
    (
        Field("runs", whole(0), f"so many; {DEFAULTS['runs']}, unless given"),
        Field("experiments", whole(0), f"so many; {DEFAULTS['experiments']}, unless given"),
        Field("pipelines", whole(0), f"so many; {DEFAULTS['pipelines']}, unless given"),
        Field("jobs", whole(0), f"so many; {DEFAULTS['jobs']}, unless given"),
        Field("seed", whole(0), f"{DEFAULTS['seed']}, unless given"),
        Field("namespace", TEXT, "in multi-user mode"),
    ),
    {
        "experiments": list_of(TEXT, "a list of names"),
        "pipelines": list_of(TEXT, "a list of names"),
        "jobs": list_of(TEXT, "a list of names"),
        "states": object_of(whole(0), "an object"),
    },
)

CALLS = (
    *(_add(kind, builder) for kind, builder in BUILDERS.items()),
    *map(_list, _LOOKS),
    *(_show(kind, builder) for kind, builder in BUILDERS.items()),
    _POPULATE,
    *_TASKS,
    *_DRAWINGS,
)
