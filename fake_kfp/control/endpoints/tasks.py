"""What tasks do: scripts, as ``fake.task(...)`` says them."""

from __future__ import annotations

from fake_kfp.control.endpoints.call import Asked, ControlCall, Field, Host, refusing
from fake_kfp.control.kinds import list_of
from fake_kfp.control.statements import EFFECT, FIELDS, as_json, say
from fake_kfp.golang.json_text import Json


def _say(host: Host, asked: Asked) -> Json:
    with host.deployment.visit(step=False) as deployment, refusing(ValueError):
        say(deployment.outcomes, asked.fields)
    return {}


def _show(host: Host, asked: Asked) -> Json:
    with host.deployment.visit(step=False) as deployment:
        return {"tasks": [as_json(effect) for effect in deployment.outcomes]}


def _clear(host: Host, asked: Asked) -> Json:
    with host.deployment.visit(step=False) as deployment:
        deployment.outcomes.clear()
    return {}


_MEANINGS = {
    "task": "by the names that scripts know",
    "run": "of runs of this name, or pattern",
    "iteration": "an item of a loop",
    "optional": "there may be no such task",
    "succeeds": "its end",
    "fails": "its end: exit code and message",
    "hangs": "it never ends by itself",
    "errors": "its end: the executor came to grief",
    "killed_for_memory": "its end",
    "evicted": "its end",
    "loses_node": "its end",
    "container_fails": "its end: that of one container",
    "cannot_be_scheduled": "it never begins",
    "cannot_pull_image": "it never begins",
    "times": "its next so many pods end so",
    "takes": "how long it runs",
    "outputs": "values of output parameters",
    "writes": "contents of output artifacts",
    "reports": "metrics",
    "logs": "its log",
    "omits": "outputs that it does not write",
}

SCRIPT_FIELDS = tuple(Field(name, kind, _MEANINGS[name], name == "task") for name, kind in FIELDS.items())
"""What can be said of tasks."""

CALLS = (
    ControlCall(
        "POST",
        "tasks",
        _say,
        "scripts what tasks do, as `fake.task(...)` and its methods; one end at most, of a script's statements the later one goes before",
        SCRIPT_FIELDS,
    ),
    ControlCall(
        "GET",
        "tasks",
        _show,
        "the statements about tasks, one by one: what is left of `times`, and whether one `fitted` any pod",
        reply={"tasks": list_of(EFFECT, "a list")},
    ),
    ControlCall("DELETE", "tasks", _clear, "takes all back"),
)
