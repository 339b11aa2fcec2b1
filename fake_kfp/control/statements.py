"""Scripts of tasks as JSON, for whoever can't say them in Python: ``{"task": "train", "fails": {"exit_code": 137}, "times": 1}``."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from fake_kfp.control.kinds import (
    NOT_NEGATIVE,
    NUMBER,
    OBJECT,
    TEXT,
    TRUE,
    TRUTH,
    Kind,
    check,
    either,
    fields_said,
    list_of,
    object_of,
    object_with,
    whole,
)
from fake_kfp.control.scripting import TaskScript
from fake_kfp.golang.json_text import Json
from fake_kfp.simulator.kubelet.outcomes import Effect, Outcomes

ABOUT: Mapping[str, Kind] = {
    "task": Kind(
        "a text that names tasks, such as train or *",
        TEXT.schema,
        lambda value: TEXT.fits(value) and value != "",
    ),
    "run": TEXT,
    "iteration": either(whole(0), list_of(whole(0), "a list of numbers")).or_null,
    "optional": TRUTH,
}
"""Which tasks a script is about, as the arguments of ``fake.task(...)``."""

_FAILURE = {"exit_code": whole(), "message": TEXT}
_MESSAGE = {"message": TEXT}
_ENDING_FIELDS: Mapping[str, Mapping[str, Kind]] = {
    "succeeds": {},
    "fails": _FAILURE,
    "hangs": {},
    "errors": _FAILURE,
    "killed_for_memory": {},
    "evicted": _MESSAGE,
    "loses_node": {},
    "container_fails": {"name": TEXT, **_FAILURE},
    "cannot_be_scheduled": _MESSAGE,
    "cannot_pull_image": _MESSAGE,
}
ENDINGS: Mapping[str, Kind] = {
    name: either(TRUE, object_with(known)) if known else TRUE for name, known in _ENDING_FIELDS.items()
} | {"container_fails": object_with(_ENDING_FIELDS["container_fails"], "name")}
"""How a task ends; one script says one of them at most. Each is a method of :class:`~fake_kfp.control.scripting.TaskScript`."""

_DURATION = {"seconds": NOT_NEGATIVE, "minutes": NOT_NEGATIVE, "hours": NOT_NEGATIVE}
CONTENTS = object_of(
    either(TEXT, object_with({"base64": TEXT}, "base64")),
    'an object of texts, or of bytes as {"base64": ...}',
)
"""Contents of artifacts by their names."""

DEEDS: Mapping[str, Kind] = {
    "takes": either(Kind("seconds", NOT_NEGATIVE.schema, NOT_NEGATIVE.fits), object_with(_DURATION)),
    "outputs": OBJECT,
    "writes": CONTENTS,
    "reports": object_of(NUMBER, "an object of numbers"),
    "logs": TEXT,
    "omits": list_of(TEXT, "a list of names"),
}
"""What a task does before; any number of them."""

TIMES: Mapping[str, Kind] = {"times": whole(1).or_null}
"""How often it ends so."""

FIELDS: Mapping[str, Kind] = {**ABOUT, **ENDINGS, **TIMES, **DEEDS}


def say(outcomes: Outcomes, values: Mapping[str, Any]) -> None:
    """Says what ``values`` says of tasks, or nothing: raises ValueError for an unknown key, a value of another kind, and nonsense."""
    check(values, FIELDS, "task")
    endings = [name for name in ENDINGS if name in values]
    if len(endings) > 1:
        raise ValueError(f"a script says one end of a task, not {' and '.join(endings)}; say another script")
    if not endings and not values.keys() & DEEDS.keys():
        raise ValueError(f"a script says at least one of {', '.join([*ENDINGS, *DEEDS])}")
    if "times" in values and not endings:
        raise ValueError(f"times says how often a task ends so; it goes with one of {', '.join(ENDINGS)}")
    said = Outcomes()  # what makes no sense is told at the end of a script, too
    script = _script(said, values)
    for name in endings:
        arguments = {} if values[name] is True else values[name]
        getattr(script, name)(**arguments, times=values.get("times"))
    for name in [each for each in values if each in DEEDS]:
        _DO[name](script, values[name])
    for effect in said:
        outcomes.add(effect)


def _script(outcomes: Outcomes, values: Mapping[str, Any]) -> TaskScript:
    about = {name: value for name, value in values.items() if name in ABOUT}
    if isinstance(about.get("iteration"), list):
        about["iteration"] = tuple(about["iteration"])
    return TaskScript(outcomes, **about)


def _takes(script: TaskScript, value: Any) -> TaskScript:
    return script.takes(**value) if isinstance(value, Mapping) else script.takes(seconds=value)


def _writes(script: TaskScript, value: Mapping[str, Any]) -> TaskScript:
    return script.writes(**{name: _content(name, content) for name, content in value.items()})


def _content(name: str, value: str | Mapping[str, str]) -> str | bytes:
    try:
        return content_of(value)
    except ValueError:
        raise ValueError(f"what writes says of {name} is no Base64") from None


def content_of(value: str | Mapping[str, str]) -> str | bytes:
    """The content of one artifact. Raises ValueError for what is no Base64."""
    return value if isinstance(value, str) else base64.b64decode(value["base64"], validate=True)


_DO: Mapping[str, Callable[[TaskScript, Any], TaskScript]] = {
    "takes": _takes,
    "outputs": lambda script, value: script.outputs(**value),
    "writes": _writes,
    "reports": lambda script, value: script.reports(**value),
    "logs": TaskScript.logs,
    "omits": lambda script, value: script.omits(*value),
}


_MAY_BE = dict.fromkeys(("run", "message", "container", "log", "phase", "saved"), TEXT)
EFFECT = object_with(
    {
        "task": TEXT,
        "fitted": TRUTH,
        **_MAY_BE,
        "iteration": list_of(whole(0), "a list of numbers"),
        "exit_code": whole(),
        "seconds": NOT_NEGATIVE,
        "parameters": object_of(TEXT, "an object of texts"),
        "artifacts": object_of(TEXT, "an object of contents in Base64"),
        "metrics": object_of(NUMBER, "an object of numbers"),
        "omitted": list_of(TEXT, "a list of names"),
        "failing": object_with({"name": TEXT, **_FAILURE}, "name"),
        "unschedulable": TRUTH,
        "times": whole(0),
        "optional": TRUTH,
    },
    "task",
    "fitted",
)
"""How statements are shown: what each says, in the words of :class:`~fake_kfp.simulator.kubelet.outcomes.Effect`."""


def as_json(effect: Effect) -> Json:
    """A statement as it stands: ``times`` is how often it may still happen, ``fitted`` whether it was about any pod so far."""
    shown: Json = {"task": effect.task, "fitted": effect.fitted}
    for name, value in fields_said(effect).items():
        shown[name] = _SHOWN[name](value) if name in _SHOWN else value
    return shown


_SHOWN: Mapping[str, Callable[[Any], Any]] = {
    "iteration": list,
    "omitted": list,
    "artifacts": lambda contents: {name: base64.b64encode(each).decode() for name, each in contents.items()},
    "failing": lambda failing: {
        "name": failing[0],
        "exit_code": failing[1].exit_code,
        "message": failing[1].message,
    },
}
