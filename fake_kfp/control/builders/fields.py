"""What builders can be told: the keywords of Python, which are the keys of JSON and of seed files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypedDict

from fake_kfp.control.kinds import (
    ANYTHING,
    NOT_NEGATIVE,
    NUMBER,
    OBJECT,
    TEXT,
    TEXTS,
    TIME,
    TRUTH,
    Kind,
    either,
    object_of,
    object_with,
    whole,
)
from fake_kfp.control.near import there_are, with_article
from fake_kfp.control.statements import CONTENTS, content_of
from fake_kfp.golang.times import LAST_SECONDS, in_utc


class BuildError(ValueError):
    """Something that can't be placed as it is wanted; the text begins with ``fake_kfp:`` and says what to do."""

    def __init__(self, text: str) -> None:
        super().__init__(f"fake_kfp: {text}")


class HasId(Protocol):
    """Something with an id, as all views are."""

    @property
    def id(self) -> str:
        """The id."""


Time = str | date | float
"""An ISO text, a ``datetime`` (in UTC, unless it says otherwise) or ``date``, or seconds since 1970."""

Reference = str | HasId
"""A name, an id, or what a builder or a look gave."""

Manifest = str | Mapping[str, Any] | Path
"""An Argo workflow or a pipeline of kfp 2: a text, an object, or where its file lies."""


class NodeFields(TypedDict, total=False):
    """What a task did. ``attempts`` are all its tries, of which the last one ended in ``phase``."""

    phase: str
    exit_code: int
    message: str
    seconds: float
    attempts: int
    outputs: Mapping[str, Any]
    artifacts: Mapping[str, str | bytes | Mapping[str, str]]
    metrics: Mapping[str, float]
    log: str


class ExperimentFields(TypedDict, total=False):
    """Of an experiment."""

    id: str
    description: str
    namespace: str
    created: Time
    archived: bool


class PipelineFields(TypedDict, total=False):
    """Of a pipeline and its first version, which ``manifest`` is (an empty text: no version), called ``version``."""

    id: str
    display_name: str
    description: str
    namespace: str
    created: Time
    tags: Mapping[str, str]
    manifest: Manifest
    version: str


class VersionFields(TypedDict, total=False):
    """Of a version of ``pipeline``."""

    pipeline: Reference
    id: str
    display_name: str
    description: str
    created: Time
    manifest: Manifest
    package_url: str
    code_source_url: str
    tags: Mapping[str, str]


class _RunnableFields(TypedDict, total=False):
    id: str
    description: str
    namespace: str
    service_account: str
    experiment: Reference
    pipeline: Reference
    version: Reference
    manifest: Manifest
    parameters: Mapping[str, Any]
    pipeline_root: str
    created: Time


class JobFields(_RunnableFields, total=False):
    """Of a recurring run, which fires ``every`` so many seconds or by a ``cron`` line; once, without either."""

    every: int
    cron: str
    start: Time
    end: Time
    enabled: bool
    catch_up: bool
    max_concurrency: int


class RunFields(_RunnableFields, total=False):
    """Of a run, which a client has just made unless ``state`` or ``nodes`` say how far it is."""

    state: str
    nodes: Mapping[str, str | NodeFields]
    finished: Time
    scheduled: Time
    job: Reference
    metrics: Mapping[str, float]
    archived: bool


Said = Mapping[str, Any]
"""Fields as they were read: references are texts, times seconds since 1970."""

Reader = Callable[[Any], Any]


def read(what: str, known: type[Any], name: object, fields: Mapping[str, Any]) -> Said:
    """The fields of a builder, its thing's name among them, checked one by one; what is None counts as not said.

    ``known`` is the class of its fields. Raises BuildError.
    """
    check_keys(with_article(what), known, fields)
    said = {key: value for key, value in fields.items() if value is not None}
    read = {key: _read(with_article(what), key, KEYWORDS[key].read, value) for key, value in said.items()}
    return {"name": _read(with_article(what), "name", NAME.read, name), **read}


def read_node(task: str, fields: object) -> Said:
    """The fields of one of a run's nodes; a text is its phase. Raises BuildError."""
    if isinstance(fields, str):
        fields = {"phase": fields}
    if not isinstance(fields, Mapping):
        raise BuildError(f"node {task!r} is a phase or an object, not {fields!r}")
    check_keys("a node", NodeFields, fields)
    return {
        key: _read(f"node {task!r}", key, NODE_KEYWORDS[key].read, value) for key, value in fields.items()
    }


def check_keys(what: str, known: type[Any], fields: Mapping[str, Any]) -> None:
    """Raises BuildError for a key that is none of those of ``known``."""
    keys = sorted(known.__annotations__)
    for key in fields:
        if key not in keys:
            raise BuildError(f"{what} has no {key!r}; {there_are(keys, key, most=len(keys))}")


def _read(what: str, key: str, reader: Reader, value: Any) -> Any:
    try:
        return reader(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise BuildError(f"{key} of {what} is {error}, not {value!r}") from None


def _of(kind: Kind) -> Reader:
    """Values of a kind, as they are."""

    def read(value: Any) -> Any:
        if not kind.fits(value):
            raise ValueError(kind.what)
        return value

    return read


_text, _truth, _number = map(_of, (TEXT, TRUTH, NUMBER))


def _whole(least: int) -> Reader:
    return _of(replace(whole(least), what=f"a whole number, {least} or more"))


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("a text, and not an empty one")
    return value


def _reference(value: Any) -> str:
    found = getattr(value, "id", value)
    if not isinstance(found, str) or not found:
        raise ValueError("a name, an id, or what has an id")
    return found


def _manifest(value: Any) -> Any:
    if not isinstance(value, (str, Mapping, Path)):
        raise ValueError("a text, an object or a path")
    return value


def _seconds(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (str, date, int, float)):
        raise ValueError(_A_TIME)
    seconds = value if isinstance(value, (int, float)) else _moment(value).timestamp()
    if not 0 <= seconds <= LAST_SECONDS:
        raise ValueError(_A_TIME)
    return int(seconds)


def _moment(value: str | date) -> datetime:
    said = value if isinstance(value, (str, datetime)) else datetime(value.year, value.month, value.day)
    try:
        return in_utc(said)
    except (ValueError, OverflowError):
        raise ValueError(_A_TIME) from None


_A_TIME = "a time such as 2024-05-01 or 2024-05-01T12:00:00Z, a datetime, or seconds since 1970"


def _duration(value: Any) -> float:
    if not 0 <= _number(value) <= LAST_SECONDS:
        raise ValueError("a number of seconds, 0 or more")
    return float(value)


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise ValueError("an object")
    return dict(value)


def _texts(value: Any) -> dict[str, str]:
    if not all(isinstance(each, str) for each in _object(value).values()):
        raise ValueError("an object of texts")
    return dict(value)


def _numbers(value: Any) -> dict[str, float]:
    try:
        return {key: float(_number(each)) for key, each in _object(value).items()}
    except ValueError:
        raise ValueError("an object of numbers") from None


def _contents(value: Any) -> dict[str, bytes]:
    read = {key: each if isinstance(each, bytes) else _content(each) for key, each in _object(value).items()}
    return {key: each.encode() if isinstance(each, str) else each for key, each in read.items()}


def _content(value: Any) -> str | bytes:
    try:
        if CONTENTS.fits({"": value}):
            return content_of(value)
    except ValueError:
        pass
    raise ValueError('an object of texts or bytes; as JSON {"base64": ...}')


class Keyword(NamedTuple):
    """A keyword of builders: what it takes as JSON, how that, and what else Python may give, is read, and what it means."""

    kind: Kind
    read: Reader
    meaning: str = ""

    @property
    def described(self) -> Kind:
        """The kind as a description alone: the reader is who refuses."""
        return self.kind.unchecked


_TIME = Kind(
    TIME.what,
    {"anyOf": [{"type": "string"}, {"type": "number", "minimum": 0}]},
    ANYTHING.fits,
)
_ID = Kind("a text", {"type": "string", "minLength": 1}, TEXT.fits)
_REFERENCE = Keyword(_ID, _reference, "its name or id")
_NUMBERS = object_of(NUMBER, "an object of numbers")

NODE_KEYWORDS: Mapping[str, Keyword] = {
    "phase": Keyword(TEXT, _text),
    "exit_code": Keyword(whole(0), _whole(0)),
    "message": Keyword(TEXT, _text),
    "seconds": Keyword(NOT_NEGATIVE, _duration),
    "attempts": Keyword(whole(1), _whole(1)),
    "outputs": Keyword(OBJECT, _object),
    "artifacts": Keyword(CONTENTS, _contents),
    "metrics": Keyword(_NUMBERS, _numbers),
    "log": Keyword(TEXT, _text),
}
"""What can be said of a node."""

_NODE = Kind(
    "a phase or an object",
    either(TEXT, object_with({name: each.kind for name, each in NODE_KEYWORDS.items()})).schema,
    ANYTHING.fits,
)

NAME = Keyword(_ID, _name, "its name")
KEYWORDS: Mapping[str, Keyword] = {
    "id": Keyword(_ID, _name, "its id; a new one, unless given"),
    **dict.fromkeys(
        ("description", "display_name", "service_account", "pipeline_root", "package_url", "code_source_url"),
        Keyword(TEXT, _text),
    ),
    "namespace": Keyword(TEXT, _text, "in multi-user mode"),
    "experiment": Keyword(_ID, _reference, "its name or id; made where there is none of that name"),
    **dict.fromkeys(("pipeline", "version", "job"), _REFERENCE),
    "manifest": Keyword(
        Kind("a text or an object", {"oneOf": [TEXT.schema, OBJECT.schema]}, ANYTHING.fits),
        _manifest,
        "an Argo workflow or a pipeline of kfp 2; a workflow of one task, `main`, unless given",
    ),
    "parameters": Keyword(OBJECT, _object, "by their names"),
    "created": Keyword(_TIME, _seconds, "when it was made; now, unless given"),
    "finished": Keyword(_TIME, _seconds, "when it ended"),
    "scheduled": Keyword(_TIME, _seconds, "for when it was due"),
    "start": Keyword(_TIME, _seconds, "when it begins to fire"),
    "end": Keyword(_TIME, _seconds, "when it fires no more"),
    "archived": Keyword(TRUTH, _truth),
    "enabled": Keyword(TRUTH, _truth, "whether it fires; it does, unless told"),
    "catch_up": Keyword(TRUTH, _truth, "whether it makes runs that it missed; it does, unless told"),
    "every": Keyword(whole(1), _whole(1), "so many seconds"),
    "cron": Keyword(TEXT, _text, "a line of six fields"),
    "max_concurrency": Keyword(whole(1), _whole(1), "so many of its runs at a time"),
    "tags": Keyword(TEXTS, _texts),
    "state": Keyword(TEXT, _text, "how far it is: PENDING, RUNNING, CANCELING, SUCCEEDED, FAILED or ERROR"),
    "nodes": Keyword(object_of(_NODE, "an object"), _object, "what its tasks did"),
    "metrics": Keyword(_NUMBERS, _numbers, "by their names"),
}
"""Every keyword of a builder, whichever; which of them one takes, the classes above say."""
